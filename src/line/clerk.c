/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * clerk.c  Sees to it that what the core wants on record gets there. Must not
 * write itself: the ledger does.
 */
#include <inttypes.h>

#include "dialler.h"
#include "promised.h"
#include "records.h"
#include "switchboard_parts.h"

#define LOG_MODULE "clerk"
#include "base/log.h"


void clerk_on_made(uint64_t id, int err, void *arg)
{
	const struct core_event ev = {
		.type = err ? CORE_NOT_RECORDED : CORE_RECORDED,
		.call = id,
		.cause = err ? CAUSE_STORE : CAUSE_NONE,
	};
	struct switchboard *sb = arg;
	const struct call *call = calls_find(sb, id);

	/* it may have hung up meanwhile */
	if (call && !call->ended)
		switchboard_post(sb, &ev);
}


void clerk_on_promised(uint64_t id, int err, void *arg)
{
	struct core_event ev = {
		.type = err ? CORE_PROMISE_NOT_MADE : CORE_PROMISE_MADE,
		.call = id,
	};
	struct switchboard *sb = arg;
	struct call *call = calls_find(sb, id);
	struct core_record rec;

	if (!call)
		return;
	if (!err && core_get_record(sb->core, id, &rec) &&
	    rec.promise.has_number)
		twins_tell(&ev, call);
	switchboard_post(sb, &ev);
}


void clerk_do_record(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_NOT_RECORDED,
				.call = a->record.call, .cause = CAUSE_STORE};
	struct store_call row;

	record_call_row(&row, sb->c.config, &sb->words, &a->record);
	if (ledger_make(sb->ledger, &row))
		switchboard_post(sb, &ev);
}


/* A message that was promised before the tone, and then nothing was said. It
 * may be on disk, or on its way there. */
static void promise_withdraw(struct call *call, const struct core_record *rec)
{
	struct store_promise row;

	record_silence_row(&row, rec);
	ledger_promise_update(call->sb->ledger, &row);
	call->promised = false;
}


/* Nobody needs the number any more once this is said of a call. */
static void number_settle(struct call *call, const struct core_record *rec)
{
	call->owed = rec->promise.kind != PROMISE_NONE &&
		     rec->promise.has_number;
	call->ended = rec->state == CALL_ENDED;
	calls_release(call);
}


void clerk_do_update(struct switchboard *sb, const struct core_action *a)
{
	const struct core_record *rec = &a->record;
	struct call *call = calls_find(sb, rec->call);
	struct store_promise promise;
	struct store_call row;

	if (!call)
		return;

	calls_on_state(call, rec->state);
	if (rec->promise.kind != PROMISE_NONE) {
		if (rec->promise.has_number)
			promised_renew(call);
		record_promise_row(&promise, rec, &call->sealed);
		ledger_promise_update(sb->ledger, &promise);
	}
	else if (call->promised) {
		promise_withdraw(call, rec);
	}
	record_call_row(&row, sb->c.config, &sb->words, rec);
	ledger_update(sb->ledger, &row);
	number_settle(call, rec);
}


void clerk_do_promise(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_PROMISE_NOT_MADE,
				.call = a->record.call};
	struct call *call = calls_find(sb, a->record.call);
	struct store_promise row;
	int err;

	if (!call)
		return;

	if (a->record.promise.has_number && call->typed.hidden[0]) {
		call->number = call->typed;
		secret_wipe(&call->typed);
	}
	err = a->record.promise.has_number ? promised_seal(call) : 0;
	if (!err) {
		record_promise_row(&row, &a->record, &call->sealed);
		call->promised = true;
		err = ledger_promise(sb->ledger, &row);
	}
	if (err)
		switchboard_post(sb, &ev);
}


void clerk_do_attempt(struct switchboard *sb, const struct core_action *a)
{
	struct store_attempt row = {
		.call = a->record.call,
		.n = a->record.promise.n_attempts,
		.at = wall_now(),
		.counsellor = a->record.counsellor,
	};

	str_ncpy(row.outcome, attempt_outcome_name(a->attempt),
		 sizeof(row.outcome));
	ledger_attempt(sb->ledger, &row);
}


/* All that was said of a call is on disk. With an ended one that is the moment
 * to delete what was kept for it: not before, or a crash would leave a promise
 * without its message. */
void clerk_on_settled(uint64_t id, void *arg)
{
	struct switchboard *sb = arg;
	const struct call *call = calls_find(sb, id);
	int err = 0;

	/* an ended one may be there still: its telephone takes its time */
	if (!call || call->ended)
		err = wiper_message(sb->wiper, id);
	if (err)
		log_warn("call %" PRIu64 ": its message could not be deleted: "
			 "%s", id, strerror(err));
	if (call)
		dialler_settled(call);
	promises_settled(sb, id);
	forget_settled(sb, id);
}
