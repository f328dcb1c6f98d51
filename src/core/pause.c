/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pause.c  Pauses, as another life of ours has to know them. Must not end one.
 */
#include "pause.h"
#include "plant.h"
#include "priv.h"


bool pause_is(uint8_t state)
{
	return state == PERSON_WRAP_UP || state == PERSON_RESTING ||
	       state == PERSON_HANGING_UP;
}


/* Who still hangs up writes up after that: after a restart there is no such
 * leg. */
static uint64_t end_of(const struct core *core, const struct person *p)
{
	return p->state == PERSON_HANGING_UP ? core->now + p->wrap_up_ms
					     : p->deadline.when;
}


size_t core_pauses(const struct core *core, struct core_pause *v)
{
	size_t n = 0;

	for (size_t i = 0; core && i < core->n_people; i++) {
		const struct person *p = &core->people[i];

		if (pause_is(p->state) &&
		    !PLANTED_BUG(PLANT_PAUSE_CUT_SHORT))
			v[n++] = (struct core_pause){
				.person = p->id,
				.resting = p->state == PERSON_RESTING,
				.until = end_of(core, p),
			};
	}

	return n;
}


uint64_t core_pauses_serial(const struct core *core)
{
	return core->n_paused;
}
