/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * forget.c  A call of which nothing is to be left. Ends its promise, lets the
 * ledger have its last word, and only then deletes: or what it says later would
 * be on record again. Must not forget who is on the line.
 */
#include <inttypes.h>

#include "base/message.h"
#include "store/keep.h"
#include "switchboard_parts.h"

#define LOG_MODULE "forget"
#include "base/log.h"


struct forgetting {
	struct le le;
	struct switchboard *sb; /* borrow */
	struct store_audit row;
	bool written;    /* the store has it, or has been asked     */
	bool message;    /* there was one */
	switchboard_forgot_h *h;
	void *arg;
};


static void forgetting_destructor(void *data)
{
	struct forgetting *f = data;

	list_unlink(&f->le);
	mem_deref(f->arg);
}


/* takes */
static void tell(struct forgetting *f, int err)
{
	if (err)
		log_warn("call %" PRIu64 " could not be forgotten: %s",
			 f->row.call, strerror(err));
	else
		log_note("call %" PRIu64 " is forgotten", f->row.call);
	f->h(err, f->arg);
	mem_deref(f);
}


static void wiped(int err, void *arg)
{
	tell(arg, err);
}


static void deleted(int err, void *arg)
{
	struct forgetting *f = arg;
	int loaded;

	/* of one that was broken off, the message may be there still */
	if (err == ENOENT && f->message)
		err = 0;
	/* whatever fails besides, nobody hears it any more */
	if (!err) {
		err = wiper_message(f->sb->wiper, f->row.call);
		loaded = marks_load(f->sb->marks);
		err = err ? err : loaded;
	}
	if (!err)
		err = wiper_wait(f->sb->wiper, wiped, f);
	if (err)
		tell(f, err);
}


static void forget_write(struct forgetting *f)
{
	int err;

	f->written = true;
	f->row.at = wall_now();
	err = store_call_forget(f->sb->c.store, &f->row, deleted, f);
	if (err)
		tell(f, err);
}


void forget_settled(struct switchboard *sb, uint64_t call)
{
	struct le *le;

	LIST_FOREACH(&sb->forgetl, le)
	{
		struct forgetting *f = le->data;

		if (f->row.call == call && !f->written) {
			forget_write(f);
			return;
		}
	}
}


static bool is_under_way(const struct switchboard *sb, uint64_t call)
{
	struct le *le;

	LIST_FOREACH(&sb->forgetl, le)
	{
		if (((struct forgetting *)le->data)->row.call == call)
			return true;
	}

	return false;
}


/* what is owed ends here: nobody is rung any more. The reason goes with the
 * row that it stands in */
static int promise_end(struct switchboard *sb, uint64_t call)
{
	const struct core_event ev = {
		.type = CORE_PROMISE_CLOSE,
		.call = call,
		.reason = CLOSE_UNREACHABLE,
	};
	struct core_record rec;
	int err;

	if (!core_get_record(sb->core, call, &rec))
		return 0;
	err = switchboard_tell(sb, &ev);

	return err == EPROTO || err == ENOENT ? EBUSY : err;
}


int switchboard_forget(struct switchboard *sb, const struct wire_forget *ask,
		       switchboard_forgot_h *h, void *arg)
{
	struct message_info info;
	struct forgetting *f;
	int err;

	if (!ask->call || !h)
		return EINVAL;
	if (is_under_way(sb, ask->call))
		return EBUSY;
	f = mem_zalloc(sizeof(*f), forgetting_destructor);
	if (!f)
		return ENOMEM;
	f->sb = sb;
	f->row.person = ask->person;
	f->row.call = ask->call;
	str_ncpy(f->row.what, "case_forgotten", sizeof(f->row.what));
	f->message = message_look(&info, ask->call) != ENOENT;
	f->h = h;
	f->arg = mem_ref(arg);

	err = promise_end(sb, ask->call);
	if (err) {
		mem_deref(f);
		return err;
	}
	list_append(&sb->forgetl, &f->le, f);
	if (!ledger_is_behind(sb->ledger, ask->call))
		forget_write(f);

	return 0;
}
