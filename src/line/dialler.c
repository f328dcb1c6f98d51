/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialler.c  Rings callers back. Must not take a number from anywhere but a
 * call's open promise.
 */
#include "dialler.h"
#include "number.h"
#include "switchboard_parts.h"

#define LOG_MODULE "dialler"
#include "base/log.h"


/* One ring of one caller. */
struct dial {
	struct call *call; /* borrow: it has us */
	struct leg *leg;
	struct tmr tmr;
};


static void dial_destructor(void *data)
{
	struct dial *d = data;

	tmr_cancel(&d->tmr);
	mem_deref(d->leg);
}


struct leg *dialler_leg(const struct dial *dial)
{
	return dial ? dial->leg : NULL;
}


/* a telephone that says no is engaged: the caller presses 9 to say no more */
static enum core_cause cause_of(enum core_cause cause)
{
	static const enum core_cause told[CAUSES] = {
		[CAUSE_DECLINED] = CAUSE_BUSY,
		[CAUSE_NO_CODEC] = CAUSE_NETWORK,
		[CAUSE_BAD_PEER] = CAUSE_NETWORK,
	};

	return told[cause] ? told[cause] : cause;
}


static void dial_news(struct leg *leg, enum leg_news news,
		      enum core_cause cause, void *arg)
{
	struct dial *d = arg;
	struct call *call = d->call;
	struct switchboard *sb = call->sb;
	struct core_event ev = {.type = CORE_DIAL_ANSWERED, .call = call->id};

	tmr_cancel(&d->tmr);
	if (news == LEG_ACCEPTED) {
		calls_listen(call, leg_sound(leg));
		switchboard_post(sb, &ev);
		return;
	}

	ev.type = CORE_DIAL_OVER;
	ev.cause = cause_of(cause);
	calls_listen(call, 0);
	call->dial = mem_deref(call->dial);
	calls_release(call);
	switchboard_post(sb, &ev);
}


static void rang_enough(void *arg)
{
	const struct dial *d = arg;

	leg_end(d->leg, CAUSE_NO_ANSWER);
}


/* what the phone there shows */
static void identity_make(struct leg_identity *as, char from[LIMIT_URI],
			  const struct config_line *line,
			  enum promise_shown shown,
			  const struct trunk_way *way)
{
	static const char nobody[] = "sip:anonymous@anonymous.invalid";
	const char *number = shown == SHOWN_LINE      ? line->shows
			     : shown == SHOWN_NEUTRAL ? line->neutral
						      : "";

	memset(as, 0, sizeof(*as));
	if (number[0]) {
		(void)re_snprintf(from, LIMIT_URI, "sip:%s@%s", number,
				  way->domain);
		as->from = as->asserted = from;
	}
	else { /* withheld, or the line has no such number any more */
		as->from = nobody;
		as->asserted = way->account;
		as->withheld = true;
		as->display = "Anonymous";
	}
}


/* nobody dials out through us */
static bool is_owed(const struct call *call, const struct core_record *rec)
{
	struct core_record now;

	return core_get_record(call->sb->core, call->id, &now) &&
	       now.call == rec->call && now.outcome == OUTCOME_OPEN &&
	       now.state == CALL_DIALLING &&
	       now.promise.kind != PROMISE_NONE && now.promise.has_number &&
	       number_may_ring(call->sb->c.config, call->line, &call->number);
}


static int dial_alloc(struct call *call, const struct leg_ring *ring)
{
	struct dial *d;
	int err;

	d = mem_zalloc(sizeof(*d), dial_destructor);
	if (!d)
		return ENOMEM;
	d->call = call;
	err = leg_alloc_out(&d->leg, call->sb->legs, ring, dial_news, d);
	if (err) {
		mem_deref(d);
		return err;
	}
	call->dial = d;
	tmr_start(&d->tmr, DIAL_RING_MS, rang_enough, d);

	return 0;
}


static int dial_begin(struct call *call, const struct core_record *rec,
		      const struct leg *like)
{
	struct switchboard *sb = call->sb;
	const struct config_line *line = &sb->c.config->lines[call->line];
	struct leg_identity as;
	struct secret_text uri = {""};
	const struct leg_ring ring = {.uri = &uri, .like = like, .as = &as};
	struct trunk_way way;
	char from[LIMIT_URI];
	int err;

	if (call->dial || !is_owed(call, rec))
		return EPERM;
	err = trunks_way(sb->c.trunks, line, &way);
	if (err)
		return err;

	if (re_snprintf(uri.hidden, sizeof(uri.hidden), "sip:%s@%s",
			secret_reveal(&call->number), way.target) < 0)
		err = ENAMETOOLONG;
	identity_make(&as, from, line, rec->promise.shown, &way);
	if (as.from == from && rec->promise.shown == SHOWN_LINE)
		as.display = sb->c.config->name;
	if (!err)
		err = dial_alloc(call, &ring);
	secret_wipe(&uri);

	return err;
}


void dialler_do_dial(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_DIAL_OVER, .call = a->call,
				.cause = CAUSE_HOUSE};
	struct call *call = calls_find(sb, a->call);
	struct core_call_view view;
	const struct leg *like = NULL;
	int err;

	if (sb->closing)
		return;
	if (core_call(sb->core, a->call, &view))
		like = offers_leg(sb, view.offer);
	err = call ? dial_begin(call, &a->record, like) : ENOENT;
	if (err) {
		log_error("call %llu cannot be rung back: %s",
			  (unsigned long long)a->call,
			  err == ENOENT ? "no trunk can dial out"
					: strerror(err));
		switchboard_post(sb, &ev);
	}
}
