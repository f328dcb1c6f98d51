/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promises.c  What people do about promises, and are told of them. Must not
 * decide who owns one or when it is due.
 */
#include <errno.h>
#include <inttypes.h>

#include "switchboard_parts.h"

#define LOG_MODULE "promise"
#include "base/log.h"


/* somebody waits for a promise to be on disk */
struct waiting {
	struct le le;
	uint64_t call;
	switchboard_done_h *h;
	void *arg;
};


static void waiting_destructor(void *data)
{
	struct waiting *w = data;

	list_unlink(&w->le);
	mem_deref(w->arg);
}


/* the verbs of the command line are events of the core */
static int event_of(struct core_event *ev, const struct wire_promise *p)
{
	static const enum core_event_type types[WIRE_PROMISE_VERBS] = {
		[WIRE_PROMISE_TAKE]   = CORE_PROMISE_TAKE,
		[WIRE_PROMISE_KEEP]   = CORE_PROMISE_KEEP,
		[WIRE_PROMISE_CLOSE]  = CORE_PROMISE_CLOSE,
		[WIRE_PROMISE_SNOOZE] = CORE_PROMISE_SNOOZE,
		[WIRE_PROMISE_RING]   = CORE_PROMISE_RING,
	};

	if (p->verb >= WIRE_PROMISE_VERBS)
		return EINVAL;
	if (p->verb == WIRE_PROMISE_CLOSE &&
	    (p->reason == CLOSE_NONE || p->reason >= CLOSE_REASONS))
		return EINVAL;
	if (p->minutes > CORE_SNOOZE_MS / 60000)
		return ERANGE;

	memset(ev, 0, sizeof(*ev));
	ev->type = types[p->verb];
	ev->call = p->call;
	ev->person = p->person;
	ev->reason = (enum close_reason)p->reason;
	ev->ms = p->minutes * 60000;

	return 0;
}


int switchboard_promise(struct switchboard *sb, const struct wire_promise *p,
			switchboard_done_h *h, void *arg)
{
	struct core_event ev;
	struct waiting *w;
	int err;

	err = event_of(&ev, p);
	if (err)
		return err;
	w = mem_zalloc(sizeof(*w), waiting_destructor);
	if (!w)
		return ENOMEM;
	w->call = p->call;
	w->h = h;
	w->arg = mem_ref(arg);

	err = switchboard_tell(sb, &ev);
	if (err) {
		mem_deref(w);
		return err == EPROTO ? EBUSY : err;
	}

	list_append(&sb->waitingl, &w->le, w);
	if (!ledger_is_behind(sb->ledger, p->call))
		promises_settled(sb, p->call);

	return 0;
}


/* only what ends a promise: the rest is on the promise's own record */
void switchboard_promise_audit(struct switchboard *sb,
			       const struct wire_promise *p, bool by_tool)
{
	static const char *const whats[WIRE_PROMISE_VERBS] = {
		[WIRE_PROMISE_KEEP] = "promise_kept",
		[WIRE_PROMISE_CLOSE] = "promise_closed",
	};
	struct store_audit row = {
		.person = by_tool ? 0 : p->person,
		.whom = by_tool ? p->person : 0,
		.call = p->call,
	};

	if (p->verb >= WIRE_PROMISE_VERBS || !whats[p->verb])
		return;
	str_ncpy(row.what, whats[p->verb], sizeof(row.what));
	if (p->verb == WIRE_PROMISE_CLOSE)
		str_ncpy(row.detail,
			 close_reason_name((enum close_reason)p->reason),
			 sizeof(row.detail));
	audit_note(sb->audit, &row);
}


void promises_settled(struct switchboard *sb, uint64_t call)
{
	struct le *le = list_head(&sb->waitingl);

	while (le) {
		struct waiting *w = le->data;

		le = le->next;
		if (w->call != call)
			continue;
		w->h(w->arg);
		mem_deref(w);
	}
}


/* The counsellors' page will show it; until there is one the log does. */
void promises_do_notice(struct switchboard *sb, const struct core_action *a)
{
	const struct core_promise *p = &a->record.promise;
	(void)sb;

	if (p->level == LEVEL_ON_DUTY)
		log_warn("the promise of call %" PRIu64 " is overdue: it "
			 "waits for everybody on duty", a->record.call);
	else if (p->level == LEVEL_COORDINATOR || !p->owner)
		log_warn("the promise of call %" PRIu64 " waits for the "
			 "coordinator", a->record.call);
	else
		log_warn("the promise of call %" PRIu64 " waits for person "
			 "%" PRIu32, a->record.call, p->owner);
}
