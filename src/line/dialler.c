/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialler.c  Rings callers back. Must not take a number from anywhere but a
 * call's open promise.
 */
#include "budget.h"
#include "checkpoint.h"
#include "dialler.h"
#include "identity.h"
#include "moving.h"
#include "number.h"
#include "outgoing.h"
#include "switchboard_parts.h"

#define LOG_MODULE "dialler"
#include "base/log.h"


/* One ring of one caller. Their telephone rings once the attempt is on disk:
 * a crash must not leave one that nobody knows of, or it would be made again
 * at once. */
struct dial {
	struct call *call; /* borrow: it has us */
	struct leg *leg;   /* NULL until then */
	struct core_record record;
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


/* takes d */
static void dial_over(struct dial *d, enum core_cause cause)
{
	struct call *call = d->call;
	struct switchboard *sb = call->sb;
	const struct core_event ev = {.type = CORE_DIAL_OVER,
				      .call = call->id,
				      .cause = cause};

	calls_listen(call, 0);
	call->dial = mem_deref(call->dial);
	if (cause == CAUSE_RESTART)
		moving_cut_off(call);
	calls_release(call);
	switchboard_post(sb, &ev);
}


static void dial_news(struct leg *leg, enum leg_news news,
		      enum core_cause cause, void *arg)
{
	struct dial *d = arg;
	const struct core_event ev = {.type = CORE_DIAL_ANSWERED,
				      .call = d->call->id};

	tmr_cancel(&d->tmr);
	if (news == LEG_MOVED) {
		moving_caller_back(d->call);
	}
	else if (news == LEG_ACCEPTED) {
		calls_listen(d->call, leg_sound(leg));
		switchboard_post(d->call->sb, &ev);
	}
	else {
		dial_over(d, cause_of(cause));
	}
}


static void rang_enough(void *arg)
{
	const struct dial *d = arg;

	leg_end(d->leg, CAUSE_NO_ANSWER);
}


/* what the phone there shows; "" if the line has no such number any more */
static const char *number_shown(const struct config_line *line,
				enum promise_shown shown)
{
	return shown == SHOWN_LINE      ? line->shows
	       : shown == SHOWN_NEUTRAL ? line->neutral
					: "";
}


/* nobody dials out through us */
static bool is_owed(const struct call *call, const struct core_record *rec)
{
	struct core_record now;

	return core_get_record(call->sb->core, call->id, &now) &&
	       now.call == rec->call && now.outcome == OUTCOME_OPEN &&
	       now.state == CALL_DIALLING &&
	       now.promise.kind != PROMISE_NONE && now.promise.has_number &&
	       !now.promise.number_waits &&
	       number_may_ring(call->sb->c.config, call->line, &call->number);
}


/* the counsellor's, who hears it ring */
static uint64_t leg_of_counsellor(const struct call *call)
{
	struct core_call_view view;

	return core_call(call->sb->core, call->id, &view)
		       ? offers_sound(call->sb, view.offer)
		       : 0;
}


static int ring(struct dial *d)
{
	struct call *call = d->call;
	struct switchboard *sb = call->sb;
	const struct config_line *line = &sb->c.config->lines[call->line];
	const enum promise_shown shown = d->record.promise.shown;
	struct leg_identity as;
	struct secret_text uri = {""};
	const struct leg_ring how = {.uri = &uri, .as = &as,
				     .like = leg_of_counsellor(call)};
	struct trunk_way way;
	char from[LIMIT_URI];
	int err;

	if (!is_owed(call, &d->record))
		return EPERM;
	err = trunks_way(sb->c.trunks, line, &way);
	if (!err)
		err = outgoing_take(sb->outgoing, &call->number, tmr_jiffies());
	if (err)
		return err;

	if (re_snprintf(uri.hidden, sizeof(uri.hidden), "sip:%s@%s",
			secret_reveal(&call->number), way.target) < 0)
		err = ENAMETOOLONG;
	if (identity_make(&as, from, number_shown(line, shown), &way) &&
	    shown == SHOWN_LINE)
		as.display = sb->c.config->name;
	if (!err)
		err = leg_alloc_out(&d->leg, sb->legs, &how, dial_news, d);
	secret_wipe(&uri);
	if (err)
		return err;

	budget_look(sb);
	tmr_start(&d->tmr, DIAL_RING_MS, rang_enough, d);
	checkpoint_call(sb, call->id);

	return 0;
}


static void failed(uint64_t id, int err)
{
	log_error("call %llu cannot be rung back: %s", (unsigned long long)id,
		  err == ENOENT ? "no trunk can dial out"
		  : err == EDQUOT ? "this number, or all together "
				    "(ring_backs_an_hour, ring_backs_a_day), "
				    "were rung often enough"
				  : strerror(err));
}


static void recorded(void *arg)
{
	struct dial *d = arg;
	const int err = ring(d);

	if (err) {
		failed(d->call->id, err);
		dial_over(d, CAUSE_HOUSE);
	}
}


static void not_recorded(void *arg)
{
	struct dial *d = arg;

	log_error("call %llu is not rung back now: the attempt cannot be put "
		  "on record", (unsigned long long)d->call->id);
	dial_over(d, CAUSE_HOUSE);
}


static int dial_begin(struct call *call, const struct core_record *rec)
{
	struct dial *d;

	if (call->dial || !is_owed(call, rec))
		return EPERM;

	d = mem_zalloc(sizeof(*d), dial_destructor);
	if (!d)
		return ENOMEM;
	d->call = call;
	d->record = *rec;
	call->dial = d;
	if (ledger_is_behind(call->sb->ledger, call->id))
		tmr_start(&d->tmr, DIAL_RECORD_MS, not_recorded, d);
	else
		tmr_start(&d->tmr, 0, recorded, d);

	return 0;
}


int dialler_restore(struct call *call, uint64_t leg, const struct kept *k)
{
	struct dial *d = mem_zalloc(sizeof(*d), dial_destructor);
	int err;

	if (!d)
		return ENOMEM;
	d->call = call;
	err = leg_restore(&d->leg, call->sb->legs, leg, k, dial_news, d);
	if (err) {
		mem_deref(d);
		return err;
	}
	call->dial = d;
	calls_listen(call, leg);

	return 0;
}


void dialler_settled(const struct call *call)
{
	struct dial *d = call->dial;

	/* not from within: what follows may be put on record, too */
	if (d && !d->leg)
		tmr_start(&d->tmr, 0, recorded, d);
}


void dialler_end(struct dial *d, enum core_cause cause)
{
	if (d->leg)
		leg_end(d->leg, cause);
	else
		dial_over(d, cause);
}


void dialler_do_dial(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_DIAL_OVER, .call = a->call,
				.cause = CAUSE_HOUSE};
	struct call *call = calls_find(sb, a->call);
	int err;

	if (sb->closing)
		return;
	err = call ? dial_begin(call, &a->record) : EPERM;
	if (err) {
		failed(a->call, err);
		switchboard_post(sb, &ev);
	}
}
