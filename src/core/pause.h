/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file pause.h  Who is not to be rung, and until when that is
 */
#ifndef RINGBACK_CORE_PAUSE_H
#define RINGBACK_CORE_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

/** Is that one of core_pauses()? @param state enum person_state */
bool pause_is(uint8_t state);

#endif
