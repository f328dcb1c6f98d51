/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * resume.c  A caller whose leg has outlived our process: what is kept for the
 * next one, and how that goes on.
 *
 * What is promised is what is on record; who is on the line, and with whom, is
 * what was kept. Must not ring anybody: that waits until all are taken up.
 */
#include <errno.h>

#include "dialogue.h"
#include "guest.h"
#include "plant.h"
#include "promise.h"
#include "restore.h"
#include "resume.h"


/* ---- what is kept ------------------------------------------------------- */

/* where a caller is on the line, and answered or about to be */
static bool can_go_on(const struct call *c)
{
	return (c->state >= CALL_ANSWERING && c->state <= CALL_LEAVING &&
		c->state != CALL_FILING);
}


static void keep_guest(struct core_kept *kept, const struct call *c)
{
	if (c->guest_state != GUEST_ASIDE && c->guest_state != GUEST_THREE)
		return; /* a ring is made anew, or is not */

	kept->guest_state = (enum guest_state)c->guest_state;
	kept->guest_person = c->guest->id;
	kept->guest = c->guest->offer;
}


bool core_keep(const struct core *core, uint64_t call,
	       struct core_kept *kept)
{
	const struct call *c = core ? call_find(core, call) : NULL;

	if (!c || !kept || !can_go_on(c))
		return false;

	*kept = (struct core_kept){
		.state = (enum call_state)c->state,
		.language = c->record.language,
		.number_known = c->number_known,
		.blocked = c->blocked,
		.check = c->menu.check,
		.asked = c->menu.state != MENU_HOLD,
		.here = c->here,
		.line_open = c->line_open,
		.voiced = c->voiced,
		.declined = c->declined,
		.talked = c->talked,
		.settled = c->settled,
		.refused = (enum core_cause)c->refused,
		.arrived = c->arrived,
		.place = c->place,
		.talking_since = c->talking_since,
		.wait_ms = c->record.wait_ms,
		.talk_ms = c->record.talk_ms,
		.person = c->person ? c->person->id : 0,
		.offer = c->person ? c->person->offer : 0,
		.n_attempts = c->record.promise.n_attempts,
	};
	keep_guest(kept, c);

	return true;
}


/* ---- taking it up ------------------------------------------------------- */

static void take_up(struct call *c, const struct core_kept *kept,
		    const struct turn *t)
{
	struct core_promise *p = &c->record.promise;

	/* the clock may have been set */
	c->arrived = kept->arrived < t->now ? kept->arrived : t->now;
	c->place = kept->place < (int64_t)t->now ? kept->place
						 : (int64_t)t->now;
	c->record.language = kept->language;
	c->record.wait_ms = kept->wait_ms;
	c->record.talk_ms = kept->talk_ms;
	c->number_known = kept->number_known;
	c->blocked = kept->blocked;
	c->declined = kept->declined;
	c->talked = kept->talked;
	c->settled = kept->settled;
	c->refused = (uint8_t)kept->refused;
	c->talking_since =
		kept->talking_since < t->now ? kept->talking_since : t->now;
	c->menu.language = kept->language;
	c->menu.check = kept->check;

	/* who was rung back has been, whatever of it is on record */
	if (p->kind != PROMISE_NONE && p->n_attempts < kept->n_attempts)
		p->n_attempts = kept->n_attempts;

	/* was to be said, and is not yet: what was promised before it */
	c->voiced = p->kind == PROMISE_MESSAGE &&
		    (kept->voiced || kept->state == CALL_RECORDING);
	if (p->kind != PROMISE_MESSAGE || c->voiced)
		return;
	if (p->has_number)
		c->before.kind = PROMISE_RING_BACK;
	else
		c->before = (struct core_promise){.kind = PROMISE_NONE};
}


/* Somebody who is known, and whom nothing else holds. */
static struct person *find(const struct core *core, uint32_t id,
			   uint64_t offer)
{
	struct person *p = offer ? person_find(core, id) : NULL;

	return p && (p->state == PERSON_FREE || p->state == PERSON_OFF)
		       ? p
		       : NULL;
}


static void talk_on(struct call *c, struct person *p, uint64_t offer,
		    struct turn *t)
{
	p->offer = offer;
	p->call = c;
	t->core->resumed = true;
	if (!PLANTED_BUG(PLANT_RUNG_IN_TALK))
		person_drive(p, PERSON_EV_RESUME, t);
}


/* Whoever is left with the caller talks with them; nobody: as if lost. */
static void find_talk(struct call *c, struct turn *t)
{
	const struct core_kept *kept = t->ev->kept;

	c->person = find(t->core, kept->person, kept->offer);
	if (c->person)
		talk_on(c, c->person, kept->offer, t);

	c->guest = find(t->core, kept->guest_person, kept->guest);
	if (c->guest)
		talk_on(c, c->guest, kept->guest, t);
	if (!c->person) {
		c->person = c->guest;
		c->guest = NULL;
	}
}


static enum call_event where_to(struct call *c, struct turn *t)
{
	static const uint8_t events[CALL_STATES] = {
		[CALL_ANSWERING] = CALL_EV_RESUME,
		[CALL_CHOOSING] = CALL_EV_RESUME,
		[CALL_WAITING] = CALL_EV_RESUME_WAIT,
		[CALL_OFFERED] = CALL_EV_RESUME_WAIT,
		[CALL_TALKING] = CALL_EV_RESUME_TALK,
		[CALL_SAVING_MESSAGE] = CALL_EV_RESUME_WAIT,
		[CALL_RECORDING] = CALL_EV_RESUME_LEAVE,
		[CALL_SAVING_RING_BACK] = CALL_EV_RESUME_WAIT,
		[CALL_LEAVING] = CALL_EV_RESUME_LEAVE,
	};
	const enum call_state state = t->ev->kept->state;

	if (c->blocked || c->menu.check)
		return CALL_EV_RESUME; /* hears so, or is asked, once more */
	if (state == CALL_SAVING_RING_BACK && c->record.promise.has_number)
		return CALL_EV_RESUME_LEAVE; /* it was saved */
	if (state == CALL_RECORDING && !c->voiced)
		return CALL_EV_RESUME_WAIT; /* nothing of it is on record */
	if (state == CALL_TALKING &&
	    (!c->person || PLANTED_BUG(PLANT_TALK_DROPPED))) {
		c->talked = true;
		c->settled = !c->voiced;
		c->record.talk_ms += t->now - c->talking_since;
		return CALL_EV_RESUME_WAIT;
	}

	return (enum call_event)events[state];
}


/* None is given again that is in use. */
static void number_offers(struct core *core, uint64_t offer)
{
	if (core->n_offers < offer / LIMIT_PEOPLE)
		core->n_offers = offer / LIMIT_PEOPLE;
}


static bool is_sound(const struct core_kept *kept)
{
	return kept->language < LIMIT_TONGUES &&
	       (unsigned)kept->refused < CAUSES &&
	       (unsigned)kept->guest_state < GUEST_STATES;
}


int resume_call(struct turn *t)
{
	const struct core_kept *kept = t->ev->kept;
	struct call *c;
	int err;

	if (!kept || !restore_is_sound(t->core, t->ev->restore) ||
	    !is_sound(kept))
		return EINVAL;
	if (kept->state < CALL_ANSWERING || kept->state > CALL_LEAVING ||
	    kept->state == CALL_FILING)
		return ENOENT;

	err = restore_open(&c, t);
	if (err)
		return err;

	take_up(c, kept, t);
	promise_drop_unsaid(c, t);
	number_offers(t->core, kept->offer);
	number_offers(t->core, kept->guest);
	if (kept->state == CALL_TALKING)
		find_talk(c, t);
	err = call_step(c, where_to(c, t), t);
	promise_hold_alike(c, t);

	return err;
}


/* ---- rows --------------------------------------------------------------- */

/* Hears the beginning, once more. */
void resume_row(void *obj, void *arg)
{
	struct call *c = obj;

	dialogue_tell(c, MENU_EV_BEGIN, arg);
	(void)call_ask_record(arg, c, CORE_UPDATE);
}


/* As if nothing had happened; or somebody has come or gone meanwhile. */
static void hold_on(struct call *c, struct turn *t)
{
	c->menu.state = MENU_HOLD;
	dialogue_tell(c, MENU_EV_SOMEBODY, t);
	c->here = t->ev->kept->here;
	c->line_open = t->ev->kept->line_open;
	dialogue_look_around(c, t);
}


/* Who only heard hold sound hears it; who was being asked something is told
 * that they are not forgotten. */
void resume_row_wait(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	if (PLANTED_BUG(PLANT_PLACE_ANEW))
		c->place = (int64_t)t->now;
	dialogue_note(c, t);
	call_into_queue(t, c);
	if (call_dialled(c))
		dialogue_tell(c, MENU_EV_LOST_BACK, t);
	else if (t->ev->kept->asked)
		dialogue_tell(c, MENU_EV_LOST, t);
	else
		hold_on(c, t);
}


void resume_row_leave(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;
	const struct core_promise *p = &c->record.promise;
	enum menu_event ev = MENU_EV_GOODBYE;

	if (c->voiced && !c->declined) {
		c->menu.state = MENU_SPEAKING;
		ev = MENU_EV_FILED;
	}
	else if (p->kind == PROMISE_RING_BACK && !c->declined) {
		c->menu.state = MENU_SAVING_RING_BACK;
		ev = MENU_EV_SAVED;
	}
	(void)call_ask_record(t, c, CORE_UPDATE);
	dialogue_tell(c, ev, t);
}


void resume_row_talk(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	c->record.counsellor = c->person->id;
	if (c->guest)
		guest_drive(c, t->ev->kept->guest_state == GUEST_THREE
				       ? GUEST_EV_RESUME_THREE
				       : GUEST_EV_RESUME, t);
	(void)call_ask_record(t, c, CORE_UPDATE);
	(void)call_ask(t, c, CORE_PARTY);
}
