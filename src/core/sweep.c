/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sweep.c  The walk over all open calls. Must not decide anything itself.
 */
#include "dialogue.h"
#include "promise.h"
#include "staff.h"
#include "sweep.h"
#include "twin.h"


enum { SWEEP_CALLS = 64 }; /* in one TICK */


void sweep_start(struct core *core)
{
	if (core->sweep)
		core->sweep_again = true;
	else
		core->sweep = TAILQ_FIRST(&core->open);
}


static void look(struct call *c, struct turn *t)
{
	staff_reserve_check(t, c);
	switch ((enum call_state)c->state) {
	case CALL_WAITING:
	case CALL_OFFERED:
		staff_circle_check(t, c);
		dialogue_look_around(c, t);
		break;
	case CALL_PROMISED:
		if (twin_follow(c, t))
			break;
		staff_circle_check(t, c);
		promise_look(c, t);
		break;
	case CALL_DUE:
	case CALL_DUE_OFFERED:
		staff_circle_check(t, c);
		promise_look(c, t);
		break;
	case CALL_DIALLING:
	case CALL_CONFIRMING:
	case CALL_SAYING:
	case CALL_HANGING_UP:
		promise_look(c, t);
		break;
	default:
		break;
	}
}


void sweep_go_on(struct turn *t)
{
	struct core *core = t->core;

	for (int i = 0; i < SWEEP_CALLS && core->sweep; i++) {
		struct call *c = core->sweep;

		core->sweep = TAILQ_NEXT(c, open);
		look(c, t);
		if (t->actions->n)
			break;
	}

	if (!core->sweep && core->sweep_again) {
		core->sweep_again = false;
		core->sweep = TAILQ_FIRST(&core->open);
	}
}


void sweep_hours(struct core *core)
{
	const struct core_calendar *calendar = &core->settings.calendar;

	for (uint32_t i = 0; calendar->open && i < core->settings.n_lines; i++)
		core->closed[i] = !calendar->open((uint16_t)i, core->unix_ms,
						  calendar->arg);
}
