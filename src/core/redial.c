/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * redial.c  The places of those who broke off. Must not know any number.
 */
#include "core.h"
#include "redial.h"


void redial_keep(struct redials *rs, uint32_t handle, uint16_t line,
		 int64_t place, uint64_t now)
{
	if (!handle)
		return;

	rs->v[rs->next] = (struct redial){
		.handle = handle, .line = line, .place = place, .left = now};
	rs->next = (rs->next + 1) % LIMIT_REDIALS;
}


bool redial_take(struct redials *rs, uint32_t handle, uint16_t line,
		 uint64_t now, int64_t *placep)
{
	for (uint32_t i = 0; handle && i < LIMIT_REDIALS; i++) {
		struct redial *r = &rs->v[i];

		if (r->handle != handle || r->line != line)
			continue;

		r->handle = 0;
		if (now - r->left > CORE_REDIAL_MS)
			continue;
		*placep = r->place;
		return true;
	}

	return false;
}
