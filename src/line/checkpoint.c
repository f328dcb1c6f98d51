/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * checkpoint.c  Says what the next life of this process goes on with. Must not
 * be logged: there is a number in it.
 */
#include <string.h>

#include "checkpoint.h"
#include "dialler.h"
#include "offer.h"
#include "pauses.h"
#include "switchboard_parts.h"

#define LOG_MODULE "people"
#include "base/log.h"


/* ---- what the core keeps ------------------------------------------------- */

static uint32_t so_of(const struct core_kept *k)
{
	return (k->number_known ? KEPT_NUMBER_KNOWN : 0u) |
	       (k->blocked ? KEPT_BLOCKED : 0u) |
	       (k->asked ? KEPT_ASKED : 0u) | (k->here ? KEPT_HERE : 0u) |
	       (k->line_open ? KEPT_OPEN : 0u) |
	       (k->voiced ? KEPT_VOICED : 0u) |
	       (k->declined ? KEPT_DECLINED : 0u) |
	       (k->talked ? KEPT_TALKED : 0u) |
	       (k->settled ? KEPT_SETTLED : 0u) |
	       (k->guest_state == GUEST_ASIDE ? KEPT_ASIDE : 0u) |
	       (k->guest_state == GUEST_THREE ? KEPT_THREE : 0u);
}


void checkpoint_write(struct kept_owner *o, const struct core_kept *k)
{
	str_ncpy(o->state, call_state_name(k->state), sizeof(o->state));
	o->offer = k->offer;
	o->person = k->person;
	o->arrived = k->arrived;
	o->place = (uint64_t)k->place;
	o->talking_since = k->talking_since;
	o->wait_ms = k->wait_ms;
	o->talk_ms = k->talk_ms;
	o->guest = k->guest;
	o->guest_person = k->guest_person;
	o->language = k->language;
	o->refused = (uint8_t)k->refused;
	o->check = k->check;
	o->n_attempts = k->n_attempts;
	o->so |= so_of(k);
}


bool checkpoint_read(struct core_kept *k, const struct kept_owner *o)
{
	memset(k, 0, sizeof(*k));
	if (call_state_decode(&k->state, o->state))
		return false;

	k->offer = o->offer;
	k->person = o->person;
	k->arrived = o->arrived;
	k->place = (int64_t)o->place;
	k->talking_since = o->talking_since;
	k->wait_ms = o->wait_ms;
	k->talk_ms = o->talk_ms;
	k->guest = o->guest;
	k->guest_person = o->guest_person;
	k->language = o->language;
	k->check = o->check;
	k->n_attempts = o->n_attempts;
	k->refused = o->refused < CAUSES ? (enum core_cause)o->refused
					 : CAUSE_NONE;
	k->number_known = o->so & KEPT_NUMBER_KNOWN;
	k->blocked = o->so & KEPT_BLOCKED;
	k->asked = o->so & KEPT_ASKED;
	k->here = o->so & KEPT_HERE;
	k->line_open = o->so & KEPT_OPEN;
	k->voiced = o->so & KEPT_VOICED;
	k->declined = o->so & KEPT_DECLINED;
	k->talked = o->so & KEPT_TALKED;
	k->settled = o->so & KEPT_SETTLED;
	k->guest_state = o->so & KEPT_THREE   ? GUEST_THREE
			 : o->so & KEPT_ASIDE ? GUEST_ASIDE
					      : GUEST_NONE;

	return true;
}


/* ---- and whose call it is ------------------------------------------------ */

static void add_call(struct kept_owner *o, const struct call *call)
{
	const struct offer *offer = offer_find(call->sb, o->offer);
	const char *number = secret_reveal(&call->number);

	o->call = call->id;
	o->role = call->dial ? KEPT_DIALLED : KEPT_CALLER;
	o->plan = call->plan;
	if (offer && offer->held)
		o->so |= KEPT_HELD;
	/* one that is as long as that is no telephone's */
	if (strlen(number) < sizeof(o->number))
		str_ncpy(o->number, number, sizeof(o->number));
}


void checkpoint_call(const struct switchboard *sb, uint64_t id)
{
	const struct call *call = calls_find(sb, id);
	struct kept_owner owner = {.role = KEPT_CALLER};
	struct core_kept kept;
	struct leg *leg;

	if (!call)
		return;
	leg = call->dial ? dialler_leg(call->dial) : call->leg;
	if (!leg)
		return;

	if (core_keep(sb->core, id, &kept))
		checkpoint_write(&owner, &kept);
	add_call(&owner, call);
	leg_owner_set(leg, &owner);
	explicit_bzero(&owner, sizeof(owner));
}


void checkpoint_step(const struct switchboard *sb,
		     const struct core_event *ev,
		     const struct core_actions *actions)
{
	uint64_t last = ev->call;

	checkpoint_call(sb, ev->call);
	for (size_t i = 0; i < actions->n; i++) {
		const uint64_t call = actions->v[i].call;

		if (call != last)
			checkpoint_call(sb, call);
		last = call;
	}
}


void checkpoint_page(struct sound *sound, uint64_t leg,
		     const struct kept_owner *owner)
{
	struct kept k = {.owner = *owner};
	uint8_t bytes[LIMIT_KEPT];
	size_t n;

	if (leg && !kept_encode(bytes, &n, &k))
		sound_keep(sound, leg, bytes, n);
	kept_wipe(&k);
}


/* ---- of people ----------------------------------------------------------- */

void checkpoint_pauses(struct switchboard *sb)
{
	const uint64_t serial = core_pauses_serial(sb->core);
	struct core_pause v[LIMIT_PEOPLE];
	uint8_t p[PAUSES_BYTES];

	if (!sb->pauses_known || sb->pauses == serial)
		return;

	sb->pauses = serial;
	if (sound_hold(sb->sound, p,
		       pauses_encode(p, v, core_pauses(sb->core, v))))
		log_warn("whoever writes up now would be rung after a restart");
}


size_t checkpoint_pauses_read(const struct switchboard *sb,
			      struct core_pause *v)
{
	size_t n = 0, n_blob;
	const uint8_t *p = sound_held(sb->sound, &n_blob);

	if (p && pauses_decode(v, &n, p, n_blob))
		log_warn("who was writing up cannot be read: they are rung");

	return n;
}
