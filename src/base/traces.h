/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file traces.h  What a process must not leave behind: its memory in a core
 * file, in swap, or in the hands of another process
 *
 * Root can read any process' memory, and so can the kernel's own dump of the
 * whole machine: nothing here is against those (docs/threat-model.md).
 */
#ifndef RINGBACK_TRACES_H
#define RINGBACK_TRACES_H

#include <stdbool.h>

#if defined(__SANITIZE_ADDRESS__)
#define TRACES_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TRACES_SANITIZED 1
#endif
#endif
#ifndef TRACES_SANITIZED
#define TRACES_SANITIZED 0
#endif

/**
 * No core file, whatever the limit was; nobody but root may trace or read us
 *
 * Each program calls it first thing: it ends with exec(). Under the address
 * sanitizer we stay traceable: its leak checker has to trace us.
 */
void traces_none(void);

/**
 * Keep all memory of this process, now and later, out of swap
 *
 * Only where that cannot make an allocation fail later: without a limit
 * (RLIMIT_MEMLOCK, in systemd LimitMEMLOCK), or as root. Elsewhere keys are
 * locked one by one (sodium_malloc()). Sanitizers pass over it.
 *
 * @return 0; ENOMEM, EPERM, EAGAIN: the limit forbids it, nothing is changed
 */
int traces_lock(void);

/** The same, and one line of the log says so if it is forbidden. */
void traces_lock_say(void);

#endif
