/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file loop.h  libre's loop in a time of its own
 *
 * Whoever links loop.c takes the clock of libre and of all that uses it: it
 * stands still until loop_run() lets it go on, and then what is to come in an
 * hour has come in a moment. What is sent over sockets of this machine arrives
 * before any time passes. No write is waited for until it is on the disk.
 */
#ifndef RINGBACK_FUZZ_LOOP_H
#define RINGBACK_FUZZ_LOOP_H

#include <stdint.h>

/** What is under way happens, then so much time passes, with all that happens
 *  in it; 0: what is under way alone. Threads are not waited for. */
void loop_run(uint64_t ms);

#endif
