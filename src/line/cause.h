/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file cause.h  What came of a ring that went to several places
 */
#ifndef RINGBACK_CAUSE_H
#define RINGBACK_CAUSE_H

#include "core/core.h"

/** Of two that were not accepted the one that came further: who could be rung
 *  at one place is not unreachable. CAUSE_NONE is less than any. */
enum core_cause cause_better(enum core_cause a, enum core_cause b);

#endif
