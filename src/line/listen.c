/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen.c  Who listens to a talk. Must not let anybody hear anything that is
 * not on record, and must not let anybody be heard who was not asked to be.
 */
#include <inttypes.h>
#include <string.h>

#include "browser.h"
#include "listen.h"
#include "listen_role.h"
#include "people.h"
#include "store/audit.h"
#include "switchboard_parts.h"

#define LOG_MODULE "listen"
#include "base/log.h"


enum whisper {
	WHISPER_OFF = 0,
	WHISPER_NOTING, /**< is being put on record */
	WHISPER_ON,
};

struct listen {
	struct le le;
	struct switchboard *sb; /* borrow */
	struct browser *browser; /* NULL: being put on record, or over */
	struct mbuf *sdp;        /* until then: what the page offers */
	struct tmr tmr;          /* their page went with its process */
	sound_sdp_h *h;
	void *arg;
	uint64_t call;
	uint32_t person;
	uint32_t shown_to; /* the counsellor */
	unsigned n_notes;  /* of the audit log, on their way to disk */
	enum whisper whisper;
	bool there; /* hears the talk */
	bool over;
};


static void listen_destructor(void *data)
{
	struct listen *l = data;

	tmr_cancel(&l->tmr);
	list_unlink(&l->le);
	mem_deref(l->browser);
	mem_deref(l->sdp);
	mem_deref(l->arg);
}


/* ---- finding them -------------------------------------------------------- */

static struct listen *find(const struct switchboard *sb, uint32_t person)
{
	struct le *le;

	LIST_FOREACH(&sb->listenl, le)
	{
		struct listen *l = le->data;

		if (l->person == person && !l->over)
			return l;
	}

	return NULL;
}


/* the next one of this call, behind "after" (NULL: the first) */
static struct listen *next_of(const struct switchboard *sb, uint64_t call,
			      const struct listen *after)
{
	struct le *le = after ? after->le.next : list_head(&sb->listenl);

	for (; le; le = le->next) {
		struct listen *l = le->data;

		if (l->call == call && !l->over)
			return l;
	}

	return NULL;
}


static struct listen *find_leg(const struct switchboard *sb, uint64_t leg)
{
	struct le *le;

	LIST_FOREACH(&sb->listenl, le)
	{
		struct listen *l = le->data;

		if (leg && browser_leg(l->browser) == leg)
			return l;
	}

	return NULL;
}


static unsigned count_of(const struct switchboard *sb, uint64_t call)
{
	const struct listen *l = NULL;
	unsigned n = 0;

	while ((l = next_of(sb, call, l)))
		++n;

	return n;
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


static void end(struct listen *l, enum core_cause cause)
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
	struct listen *l = find(sb, person);

	if (!l)
		return ENOENT;

	end(l, CAUSE_HUNG_UP);

	return 0;
}


/* ---- the beginning ------------------------------------------------------- */

static void browser_said(enum browser_news news, enum core_cause cause,
			 void *arg)
{
	struct listen *l = arg;
	(void)cause;

	if (news == BROWSER_ACCEPTED) {
		l->there = true;
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


/* who talks in this call? */
static int counsellor_of(uint32_t *personp, const struct switchboard *sb,
			 uint64_t call)
{
	struct core_call_view view;

	if (!core_call(sb->core, call, &view) || view.state != CALL_TALKING)
		return ENOENT;

	*personp = view.person;

	return 0;
}


static bool is_busy(const struct switchboard *sb, uint32_t person)
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
	int err;

	err = counsellor_of(counsellorp, sb, wish->call);
	if (err || !call || sb->closing)
		return ENOENT;
	line = &sb->c.config->lines[call->line];
	if (!line->listen || line->kind == CONFIG_KIND_DETENTION)
		return EPERM;
	if (is_busy(sb, wish->person) || find(sb, wish->person) ||
	    count_of(sb, wish->call) >= WIRE_LISTENERS)
		return EBUSY;
	if (!consoles_present(sb->consoles, *counsellorp))
		return EHOSTUNREACH;

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

	while ((other = next_of(l->sb, l->call, other))) {
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
	struct listen *l = find(sb, person);

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


/* ---- what others want to know -------------------------------------------- */

void listens_put(struct party_truth *truth, const struct switchboard *sb,
		 uint64_t call)
{
	const struct listen *l = NULL;
	unsigned n = 0;

	while ((l = next_of(sb, call, l)) && n < WIRE_LISTENERS) {
		if (!l->there)
			continue;
		truth->listener[n++] = browser_leg(l->browser);
		if (l->whisper == WHISPER_ON)
			truth->whisperer = browser_leg(l->browser);
	}
}


void listens_show(struct wire_counsellor *c, const struct switchboard *sb,
		  uint64_t call)
{
	const struct listen *l = NULL;
	unsigned n = 0;

	while ((l = next_of(sb, call, l)) && n < WIRE_LISTENERS) {
		c->listeners[n++] = l->person;
		if (l->whisper == WHISPER_ON)
			c->whispers = 1;
	}
}


void listens_own(struct wire_counsellor *c, const struct switchboard *sb)
{
	const struct listen *l = find(sb, c->person);

	if (!l)
		return;
	c->listening = l->call;
	c->whispering = l->whisper == WHISPER_ON;
}


/* whoever talks now must be able to see it, as the first one was */
static bool is_shown(const struct switchboard *sb, struct listen *l,
		     uint32_t counsellor)
{
	if (l->shown_to != counsellor &&
	    !consoles_present(sb->consoles, counsellor))
		return false;

	l->shown_to = counsellor;

	return true;
}


/* ---- whether they still may ---------------------------------------------- */

/* the call may be over in this very step */
static int role_read(struct listen_role *role, const struct listen *l)
{
	const struct switchboard *sb = l->sb;
	const struct call *call = calls_find(sb, l->call);

	if (!call)
		return ENOENT;

	return listen_role(role, sb->c.store, l->person,
			   sb->c.config->lines[call->line].name);
}


void listens_people_changed(struct switchboard *sb)
{
	struct le *le = list_head(&sb->listenl);

	while (le) {
		struct listen *l = le->data;
		struct listen_role role;

		le = le->next;
		if (l->over)
			continue;
		if (role_read(&role, l) || !role.listens)
			end(l, CAUSE_HUNG_UP);
		else if (l->whisper && !role.whispers)
			(void)listen_whisper(sb, l->person, false);
	}
}


static void page_awaited(void *arg)
{
	struct listen *l = arg;

	if (!consoles_present(l->sb->consoles, l->person))
		end(l, CAUSE_HUNG_UP);
}


void listens_page_gone(struct switchboard *sb, uint32_t person, bool lost)
{
	struct listen *l = find(sb, person);

	if (!l)
		return;
	if (lost)
		tmr_start(&l->tmr, PEOPLE_LOST_MS, page_awaited, l);
	else
		end(l, CAUSE_HUNG_UP);
}


void listens_settle(struct switchboard *sb)
{
	struct le *le = list_head(&sb->listenl);
	uint32_t counsellor;

	while (le) {
		struct listen *l = le->data;

		le = le->next;
		if (counsellor_of(&counsellor, sb, l->call) ||
		    is_busy(sb, l->person) || !is_shown(sb, l, counsellor))
			end(l, CAUSE_HUNG_UP);
	}
}


bool listens_on_up(struct switchboard *sb, uint64_t leg)
{
	const struct listen *l = find_leg(sb, leg);

	if (l)
		browser_up(l->browser);

	return l != NULL;
}


bool listens_on_dead(struct switchboard *sb, uint64_t leg)
{
	const struct listen *l = find_leg(sb, leg);

	if (l)
		browser_dead(l->browser);

	return l != NULL;
}
