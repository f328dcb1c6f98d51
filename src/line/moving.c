/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * moving.c  What had its sound in a media process that died gets it in another
 * one. Must not decide who talks with whom.
 */
#include "dialler.h"
#include "listen.h"
#include "moving.h"
#include "party.h"
#include "third.h"


struct lost {
	struct switchboard *sb;
	uint32_t process;
	uint64_t call;
	uint64_t near; /* where its legs go; 0: nobody has gone yet */
};


static bool offer_goes(struct le *le, void *arg)
{
	struct offer *offer = le->data;
	struct lost *lost = arg;

	if (offer->call == lost->call)
		lost->near = offer_move(offer, lost->process, lost->near);

	return false;
}


static bool call_goes(struct le *le, void *arg)
{
	struct call *call = le->data;
	struct lost *lost = arg;
	struct leg *leg = call->dial ? dialler_leg(call->dial) : call->leg;

	lost->call = call->id;
	lost->near = 0;
	if (sound_is_in(lost->sb->sound, leg_sound(leg), lost->process)) {
		leg_move(leg, 0);
		lost->near = leg_sound(leg);
	}
	(void)hash_apply(lost->sb->offers, offer_goes, lost);
	third_move(lost->sb, call->id, lost->process, lost->near);

	return false;
}


void moving_lost(struct switchboard *sb, uint32_t process)
{
	struct lost lost = {.sb = sb, .process = process};

	(void)hash_apply(sb->calls, call_goes, &lost);
	listens_lost(sb, process);
	consoles_changed(sb->consoles);
}


static void let_go(const struct switchboard *sb, uint64_t id)
{
	struct offer *offer = offer_find(sb, id);

	if (offer)
		offer_cut_off(offer);
}


/* Out of the talk, then as from the queue: whoever waits is owed a promise if
 * we end it, and keeps the place. The guest first, or they took over. */
void moving_cut_off(const struct call *call)
{
	struct switchboard *sb = call->sb;
	const struct core_event ev = {.type = CORE_CLOSE, .call = call->id,
				      .cause = CAUSE_RESTART};
	struct core_call_view view;

	if (core_call(sb->core, call->id, &view) &&
	    view.state == CALL_TALKING) {
		let_go(sb, view.guest);
		let_go(sb, view.offer);
	}
	switchboard_post(sb, &ev);
}


static bool talks(const struct call *call)
{
	struct core_call_view view;

	return core_call(call->sb->core, call->id, &view) &&
	       view.state == CALL_TALKING;
}


void moving_caller_back(struct call *call)
{
	calls_listen(call, calls_sound(call));
	if (talks(call))
		party_begin(call->sb, call->id);
	else if (call->hears.n)
		calls_play(call, calls_sound(call), &call->hears);
	else /* what was said in an earlier life of this process */
		party_hold(call, calls_sound(call));
}


void moving_counsellor_back(struct offer *offer)
{
	struct call *call = calls_find(offer->sb, offer->call);

	consoles_changed(offer->sb->consoles);
	if (!call)
		return;
	if (talks(call))
		party_begin(call->sb, call->id);
	else
		calls_play(call, offer_sound(offer), &offer->hears);
}
