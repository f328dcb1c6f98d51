/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * third.c  Brings somebody from outside into a talk. Must not take a number
 * from anywhere but the configuration, nor log one.
 */
#include <inttypes.h>

#include "identity.h"
#include "number.h"
#include "party.h"
#include "switchboard_parts.h"
#include "third.h"

#define LOG_MODULE "third"
#include "base/log.h"


struct third {
	struct le le;
	struct switchboard *sb; /* borrow */
	struct leg *leg;
	struct tmr tmr;
	uint64_t call;
	uint32_t place;
	bool there;
	bool leaving; /* is told good-bye, and nothing of the talk any more */
};


static void third_destructor(void *data)
{
	struct third *t = data;

	tmr_cancel(&t->tmr);
	list_unlink(&t->le);
	mem_deref(t->leg);
}


static struct third *find(const struct switchboard *sb, uint64_t call)
{
	struct le *le;

	LIST_FOREACH(&sb->thirdl, le)
	{
		struct third *t = le->data;

		if (t->call == call && !t->leaving)
			return t;
	}

	return NULL;
}


enum wire_third_state third_state(const struct switchboard *sb, uint64_t call,
				  uint8_t *placep)
{
	const struct third *t = find(sb, call);

	*placep = t ? (uint8_t)(t->place + 1) : 0;
	if (!t)
		return WIRE_THIRD_NONE;

	return t->there ? WIRE_THIRD_THERE : WIRE_THIRD_RINGING;
}


uint64_t third_leg(const struct switchboard *sb, uint64_t call)
{
	const struct third *t = find(sb, call);

	return t && t->there && !leg_is_moving(t->leg) ? leg_sound(t->leg)
						       : 0;
}


void third_move(const struct switchboard *sb, uint64_t call, uint32_t process,
		uint64_t near)
{
	const struct third *t = find(sb, call);

	if (t && sound_is_in(sb->sound, leg_sound(t->leg), process))
		leg_move(t->leg, near);
}


/* ---- what becomes of them ------------------------------------------------ */

static void changed(struct switchboard *sb, uint64_t call)
{
	party_update(sb, call);
	consoles_changed(sb->consoles);
}


static void leave(struct third *t, enum core_cause cause)
{
	struct switchboard *sb = t->sb;
	const uint64_t call = t->call;

	t->leaving = true;
	tmr_cancel(&t->tmr);
	if (t->there)
		sound_hear(sb->sound, leg_sound(t->leg), NULL, 0);
	leg_end(t->leg, cause);
	changed(sb, call);
}


static void news(struct leg *leg, enum leg_news news, enum core_cause cause,
		 void *arg)
{
	struct third *t = arg;
	struct switchboard *sb = t->sb;
	const uint64_t call = t->call;
	(void)leg;

	tmr_cancel(&t->tmr);
	if (news == LEG_ACCEPTED) {
		t->there = true;
	}
	else if (news == LEG_MOVED) {
		party_begin(sb, call);
	}
	else {
		if (!t->there && !t->leaving)
			log_note("call %" PRIu64 ": its third party did not "
				 "come (%s)", call, core_cause_name(cause));
		mem_deref(t);
	}
	changed(sb, call);
}


static void rang_enough(void *arg)
{
	leave(arg, CAUSE_NO_ANSWER);
}


static void keep(const struct third *t)
{
	const struct kept_owner owner = {.role = KEPT_THIRD,
					 .call = t->call,
					 .place_of_third = t->place};

	leg_owner_set(t->leg, &owner);
}


int third_restore(struct switchboard *sb, uint64_t leg, const struct kept *k)
{
	struct third *t;
	int err;

	if (find(sb, k->owner.call))
		return EBUSY;

	t = mem_zalloc(sizeof(*t), third_destructor);
	if (!t)
		return ENOMEM;
	t->sb = sb;
	t->call = k->owner.call;
	t->place = k->owner.place_of_third;
	t->there = true;
	err = leg_restore(&t->leg, sb->legs, leg, k, news, t);
	if (err) {
		mem_deref(t);
		return err;
	}
	list_append(&sb->thirdl, &t->le, t);

	return 0;
}


/* ---- ringing ------------------------------------------------------------- */

static int ring(struct third *t, const struct call *call,
		const char *number)
{
	const struct switchboard *sb = t->sb;
	const struct config_line *line = &sb->c.config->lines[call->line];
	struct secret_text uri = {""};
	struct leg_identity as;
	const struct leg_ring how = {.uri = &uri, .as = &as,
				     .like = calls_sound(call)};
	struct trunk_way way;
	char from[LIMIT_URI];
	int err;

	if (trunks_way(sb->c.trunks, line, &way))
		return ENETUNREACH;

	if (identity_make(&as, from, line->shows, &way))
		as.display = sb->c.config->name;
	err = re_snprintf(uri.hidden, sizeof(uri.hidden), "sip:%s@%s", number,
			  way.target) < 0 ? ENAMETOOLONG : 0;
	if (!err)
		err = leg_alloc_out(&t->leg, sb->legs, &how, news, t);
	secret_wipe(&uri);
	if (err)
		return err;

	tmr_start(&t->tmr, THIRD_RING_MS, rang_enough, t);
	keep(t);

	return 0;
}


static int may_ring(const struct switchboard *sb, const struct call *call,
		    uint32_t place)
{
	const struct config_line *line = &sb->c.config->lines[call->line];

	if (!line->transfer || line->kind == CONFIG_KIND_DETENTION)
		return EPERM;
	if (place >= line->n_third)
		return EINVAL;
	if (find(sb, call->id))
		return EBUSY;

	return number_may_join(sb->c.config, line->third[place].number)
		       ? 0 : EPERM;
}


int third_begin(struct switchboard *sb, uint64_t id, uint32_t place)
{
	const struct call *call = calls_find(sb, id);
	struct third *t;
	int err;

	if (!call || sb->closing)
		return ENOENT;
	err = may_ring(sb, call, place);
	if (err)
		return err;

	t = mem_zalloc(sizeof(*t), third_destructor);
	if (!t)
		return ENOMEM;
	t->sb = sb;
	t->call = id;
	t->place = place;
	err = ring(t, call,
		   sb->c.config->lines[call->line].third[place].number);
	if (err) {
		log_error("call %" PRIu64 ": its third party cannot be rung: "
			  "%s", id, err == ENETUNREACH ? "no trunk can dial out"
						       : strerror(err));
		mem_deref(t);
		return err;
	}
	list_append(&sb->thirdl, &t->le, t);

	return 0;
}


int third_end(struct switchboard *sb, uint64_t call)
{
	struct third *t = find(sb, call);

	if (!t)
		return EPROTO;

	leave(t, CAUSE_HUNG_UP);

	return 0;
}


void thirds_settle(struct switchboard *sb)
{
	struct le *le = list_head(&sb->thirdl);
	struct core_call_view view;

	while (le) {
		struct third *t = le->data;

		le = le->next;
		if (!t->leaving && (!core_call(sb->core, t->call, &view) ||
				    view.state != CALL_TALKING))
			leave(t, CAUSE_HUNG_UP);
	}
}
