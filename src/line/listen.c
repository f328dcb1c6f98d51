/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen.c  Who listens to a talk. Must not let anybody hear anything that is
 * not on record, and must not let anybody be heard who was not asked to be.
 */
#include <inttypes.h>
#include <string.h>

#include "checkpoint.h"
#include "listen_parts.h"
#include "store/audit.h"

#define LOG_MODULE "listen"
#include "base/log.h"


static void listen_destructor(void *data)
{
	struct listen *l = data;

	tmr_cancel(&l->tmr);
	list_unlink(&l->le);
	mem_deref(l->browser);
	mem_deref(l->sdp);
	mem_deref(l->arg);
}


/* ---- the audit log ------------------------------------------------------- */

static int note(struct listen *l, const char *what, store_done_h *h)
{
	struct store_audit row = {
		.at = wall_now(),
		.person = l->person,
		.whom = l->shown_to,
		.call = l->call,
	};
	int err;

	str_ncpy(row.what, what, sizeof(row.what));
	err = store_audit_add(l->sb->c.store, &row, h, l);
	if (!err)
		++l->n_notes;
	else
		log_error("person %" PRIu32 ": \"%s\" cannot be put on record: "
			  "%s", l->person, what, strerror(err));

	return err;
}


/* takes what the list had of one that is over */
static void forget_if_over(struct listen *l)
{
	if (l->over && !l->n_notes)
		mem_deref(l);
}


static void noted(int err, void *arg)
{
	struct listen *l = arg;

	--l->n_notes;
	if (err)
		log_error("person %" PRIu32 ": that they do not listen or "
			  "whisper any more could not be put on record: %s",
			  l->person, strerror(err));
	forget_if_over(l);
}


/* ---- the end ------------------------------------------------------------- */

static void answer(struct listen *l, int err)
{
	sound_sdp_h *h = l->h;
	void *arg = l->arg;

	l->h = NULL;
	l->arg = NULL;
	if (h)
		h(err, &pl_null, arg);
	mem_deref(arg);
}


static void changed(struct switchboard *sb, uint64_t call)
{
	party_update(sb, call);
	consoles_changed(sb->consoles);
}


/* their sound is gone, or was never there */
static void over(struct listen *l)
{
	struct switchboard *sb = l->sb;
	const uint64_t call = l->call;

	l->over = true;
	l->there = false;
	l->browser = mem_deref(l->browser);
	(void)note(l, "listen_ended", noted);
	forget_if_over(l);
	changed(sb, call);
}


void listen_stop(struct listen *l, enum core_cause cause)
{
	if (l->over)
		return;
	if (l->browser) {
		browser_end(l->browser, cause);
		return;
	}
	/* what is still on its way to disk ends it */
	l->over = true;
	answer(l, ECANCELED);
	changed(l->sb, l->call);
}


int listen_end(struct switchboard *sb, uint32_t person)
{
	struct listen *l = listens_find(sb, person);

	if (!l)
		return ENOENT;

	listen_stop(l, CAUSE_HUNG_UP);

	return 0;
}


/* ---- the beginning ------------------------------------------------------- */

/* The next life of this process does not know whether a page shows them: it
 * lets them go, and puts that on record. */
static void keep(const struct listen *l)
{
	const struct kept_owner owner = {
		.role = KEPT_LISTENER,
		.call = l->call,
		.person = l->person,
		.shown_to = l->shown_to,
	};

	checkpoint_page(l->sb->sound, browser_leg(l->browser), &owner);
}


static void browser_said(enum browser_news news, enum core_cause cause,
			 void *arg)
{
	struct listen *l = arg;
	(void)cause;

	if (news == BROWSER_ACCEPTED) {
		l->there = true;
		keep(l);
		changed(l->sb, l->call);
	}
	else {
		over(l);
	}
}


/* the page's sound is up as soon as it can be: nobody has to accept */
static int sound_open(struct listen *l)
{
	const struct step_trace trace = {step_trace_log, NULL};
	const struct call *call = calls_find(l->sb, l->call);
	int err;

	if (!call || !calls_sound(call))
		return ENOENT;

	err = browser_alloc(&l->browser, l->sb->sound, l->call, &trace,
			    browser_said, l);
	if (err)
		return err;
	err = browser_offer(l->browser, l->sdp, calls_sound(call),
			    calls_sound(call), l->h, l->arg);
	if (err)
		return err;

	/* from here on the browser answers */
	l->h = NULL;
	l->arg = mem_deref(l->arg);
	l->sdp = mem_deref(l->sdp);

	return browser_accept(l->browser);
}


static void on_record(int err, void *arg)
{
	struct listen *l = arg;

	--l->n_notes;
	if (err) {
		log_error("person %" PRIu32 " does not listen: it cannot be "
			  "put on record: %s", l->person, strerror(err));
		l->over = true;
		answer(l, EIO);
		consoles_changed(l->sb->consoles);
		forget_if_over(l);
		return;
	}
	if (!l->over) {
		err = sound_open(l);
		if (!err)
			return;
		answer(l, err);
	}
	over(l);
}


/* who is heard, and has no page that could show it? */
static bool is_unseen(const struct switchboard *sb,
		      const struct core_call_view *talk)
{
	return !consoles_present(sb->consoles, talk->person) ||
	       (talk->guest_state >= GUEST_ASIDE &&
		!consoles_present(sb->consoles, talk->guest_person));
}


bool listen_is_busy(const struct switchboard *sb, uint32_t person)
{
	struct core_person_view view;

	return people_is_on_duty(sb->people, person) ||
	       (core_person(sb->core, person, &view) && view.offer);
}


static int may_listen(uint32_t *counsellorp, const struct switchboard *sb,
		      const struct wire_listen *wish)
{
	const struct call *call = calls_find(sb, wish->call);
	const struct config_line *line;
	struct core_call_view talk;

	if (!call || sb->closing || !core_call(sb->core, wish->call, &talk) ||
	    talk.state != CALL_TALKING)
		return ENOENT;
	line = &sb->c.config->lines[call->line];
	if (!line->listen || line->kind == CONFIG_KIND_DETENTION)
		return EPERM;
	if (listen_is_busy(sb, wish->person) || listens_find(sb, wish->person) ||
	    listens_count(sb, wish->call) >= WIRE_LISTENERS)
		return EBUSY;
	if (is_unseen(sb, &talk))
		return EHOSTUNREACH;
	*counsellorp = talk.person;

	/* it says that they listen, and its end is the end of that */
	return consoles_present(sb->consoles, wish->person) ? 0 : EACCES;
}


static struct mbuf *copy(const struct mbuf *sdp)
{
	struct mbuf *mb = mbuf_alloc(mbuf_get_left(sdp) + 1);

	if (mb && mbuf_write_mem(mb, mbuf_buf(sdp), mbuf_get_left(sdp)))
		mb = mem_deref(mb);
	if (mb)
		mbuf_set_pos(mb, 0);

	return mb;
}


int listen_begin(struct switchboard *sb, const struct wire_listen *wish,
		 const struct mbuf *sdp, sound_sdp_h *h, void *arg)
{
	uint32_t counsellor;
	struct listen *l;
	int err;

	err = may_listen(&counsellor, sb, wish);
	if (err)
		return err;

	l = mem_zalloc(sizeof(*l), listen_destructor);
	if (!l)
		return ENOMEM;
	l->sb = sb;
	l->call = wish->call;
	l->person = wish->person;
	l->shown_to = counsellor;
	l->sdp = copy(sdp);
	if (!l->sdp || note(l, "listen_began", on_record)) {
		err = l->sdp ? EIO : ENOMEM;
		mem_deref(l);
		return err;
	}
	l->h = h;
	l->arg = mem_ref(arg);
	list_append(&sb->listenl, &l->le, l);
	consoles_changed(sb->consoles);

	return 0;
}


/* ---- whispering ---------------------------------------------------------- */

static void whisper_on_record(int err, void *arg)
{
	struct listen *l = arg;

	--l->n_notes;
	if (l->whisper == WHISPER_NOTING)
		l->whisper = err ? WHISPER_OFF : WHISPER_ON;
	if (err)
		log_error("person %" PRIu32 " does not whisper: it cannot be "
			  "put on record: %s", l->person, strerror(err));
	if (!l->over)
		changed(l->sb, l->call);
	forget_if_over(l);
}


static int whisper_begin(struct listen *l)
{
	const struct listen *other = NULL;

	while ((other = listens_next(l->sb, l->call, other))) {
		if (other != l && other->whisper)
			return EBUSY;
	}
	if (note(l, "whisper_on", whisper_on_record))
		return EIO;

	l->whisper = WHISPER_NOTING;

	return 0;
}


int listen_whisper(struct switchboard *sb, uint32_t person, bool on)
{
	struct listen *l = listens_find(sb, person);

	if (!l)
		return ENOENT;
	if (!l->there)
		return EPROTO;
	if (on == (l->whisper != WHISPER_OFF))
		return 0;
	if (on)
		return whisper_begin(l);

	l->whisper = WHISPER_OFF;
	(void)note(l, "whisper_off", noted);
	changed(sb, l->call);

	return 0;
}
