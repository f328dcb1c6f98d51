/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file guard.h  libre's loop, which must end in time
 */
#ifndef RINGBACK_TEST_GUARD_H
#define RINGBACK_TEST_GUARD_H

#include <stdint.h>

/** Run until somebody calls re_cancel(); the test fails if nobody does so
 *  within guard_ms. */
void guard_loop(uint32_t guard_ms);

#endif
