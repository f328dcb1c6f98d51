/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file names.h  The names of states, for the tables of the machines
 */
#ifndef RINGBACK_CORE_NAMES_H
#define RINGBACK_CORE_NAMES_H

#include "core.h"

extern const char *const call_state_names[CALL_STATES];
extern const char *const person_state_names[PERSON_STATES];
extern const char *const guest_state_names[GUEST_STATES];

#endif
