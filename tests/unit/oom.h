/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file oom.h  Run a test again and again, each time with the next
 * allocation failing
 *
 * The test programs are linked with --wrap for malloc, calloc, realloc,
 * strdup, mem_alloc, mem_zalloc, mem_realloc and mbuf_alloc, so every
 * allocation that our code asks for can be refused.
 */
#ifndef RINGBACK_TEST_OOM_H
#define RINGBACK_TEST_OOM_H

/**
 * Call fn until it runs through without meeting a refused allocation
 *
 * fn must cope: return 0 when it did all its work, or ENOMEM when an
 * allocation was refused; it must leak nothing and crash never.
 *
 * @return how many times an allocation was refused; the test fails (cmocka)
 *         if fn returns anything but 0 or ENOMEM, or 0 without doing the
 *         work after 100000 rounds
 */
unsigned oom_loop(int (*fn)(void *arg), void *arg);

#endif
