/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recordings.c  Keeps track of messages until their end was told. Must not
 * write to any of them.
 */
#include <re.h>

#include "base/message.h"
#include "recordings.h"

#define LOG_MODULE "sound"
#include "base/log.h"


struct recordings {
	struct list entryl;
	sound_recorded_h *h;
	void *arg;
};

struct entry {
	struct le le;
	struct tmr tmr;
	struct recordings *r; /* borrow */
	struct sound_recorded what;
	bool begun;           /* media has said DONE */
	uint32_t before_ms;   /* said earlier in the same message */
};


static void entry_destructor(void *data)
{
	struct entry *e = data;

	tmr_cancel(&e->tmr);
	list_unlink(&e->le);
}


static void recordings_destructor(void *data)
{
	struct recordings *r = data;

	list_flush(&r->entryl);
}


int recordings_alloc(struct recordings **rp, sound_recorded_h *h, void *arg)
{
	struct recordings *r;

	if (!rp)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), recordings_destructor);
	if (!r)
		return ENOMEM;
	r->h = h;
	r->arg = arg;
	*rp = r;

	return 0;
}


void recordings_handle(struct recordings *r, sound_recorded_h *h, void *arg)
{
	r->h = h;
	r->arg = arg;
}


/* takes the entry; the handler may free the recordings */
static void entry_tell(struct entry *e)
{
	const struct sound_recorded what = e->what;
	sound_recorded_h *h = e->r->h;
	void *arg = e->r->arg;

	mem_deref(e);
	if (h)
		h(&what, arg);
}


static void entry_due(void *arg)
{
	entry_tell(arg);
}


static void replied(const struct wire_msg *msg, void *arg)
{
	struct entry *e = arg;

	/* the connection is gone: recordings_lost() follows */
	if (!msg)
		return;

	if (msg->type == WIRE_REFUSED) {
		const struct wire_refused *refused = msg->payload;

		log_warn("media could not begin a message: %s",
			 refused->reason);
		e->what.err = refused->err ? refused->err : EPROTO;
		entry_tell(e);
	}
	else {
		e->begun = true;
	}
}


/* of a message, in milliseconds; 0 if there is none */
static uint32_t length(uint64_t name)
{
	struct message_info info;

	return message_look(&info, name) ? 0 : info.ms;
}


int recordings_ask(struct recordings *r, struct wire_conn *conn,
		   const struct wire_leg_record *record)
{
	struct entry *e;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return ENOMEM;
	e->r = r;
	e->what.leg = record->leg;
	e->what.name = record->name;
	e->before_ms = length(record->name);
	list_append(&r->entryl, &e->le, e);

	if (!conn || wire_ask(conn, WIRE_LEG_RECORD, record, NULL, 0, replied,
			      e)) {
		e->what.err = ENOTCONN;
		tmr_start(&e->tmr, 0, entry_due, e);
	}

	return 0;
}


void recordings_over(struct recordings *r,
		     const struct wire_leg_recorded *over)
{
	struct le *le;

	LIST_FOREACH(&r->entryl, le)
	{
		struct entry *e = le->data;

		if (!e->begun || e->what.leg != over->leg ||
		    e->what.name != over->name)
			continue;
		e->what.ms = over->ms;
		e->what.voiced_ms = over->voiced_ms;
		e->what.err = over->err;
		entry_tell(e);
		return;
	}
}


/* Who knows what was said in it: too much counts as voice rather than too
 * little. One that media never began may have been another's, of this name. */
static void look(struct entry *e)
{
	uint32_t ms;

	e->what.err = ENOTCONN;
	if (!e->begun)
		return;
	ms = length(e->what.name);
	e->what.ms = ms > e->before_ms ? ms - e->before_ms : 0;
	e->what.voiced_ms = e->what.ms;
}


void recordings_lost(struct recordings *r, const struct sound *s,
		     uint32_t process)
{
	struct list lost = LIST_INIT;
	struct le *le = list_head(&r->entryl);

	mem_ref(r);
	/* only those of now: a handler may ask anew */
	while (le) {
		struct entry *e = le->data;

		le = le->next;
		if (!sound_is_in(s, e->what.leg, process))
			continue;
		list_unlink(&e->le);
		list_append(&lost, &e->le, e);
	}
	/* nor may the owner want to know the rest */
	while (mem_nrefs(r) > 1 && (le = list_head(&lost))) {
		look(le->data);
		entry_tell(le->data);
	}
	list_flush(&lost);
	mem_deref(r);
}
