/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file redial.h  Who broke off waiting and may redial
 *
 * A ring of the last ones: handle, line and place, and nothing else. Each is
 * used once.
 */
#ifndef RINGBACK_CORE_REDIAL_H
#define RINGBACK_CORE_REDIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

struct redials {
	uint32_t next;
	struct redial {
		uint32_t handle; /**< 0: empty */
		uint16_t line;
		int64_t place;
		uint64_t left; /**< when */
	} v[LIMIT_REDIALS];
};

/** They left without a talk or a promise that keeps their place. */
void redial_keep(struct redials *rs, uint32_t handle, uint16_t line,
		 int64_t place, uint64_t now);

/** They are back: false if they are not known, or it was too long ago. */
bool redial_take(struct redials *rs, uint32_t handle, uint16_t line,
		 uint64_t now, int64_t *placep);

#endif
