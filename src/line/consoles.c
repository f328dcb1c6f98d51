/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * consoles.c  The counsellors' pages. Must not know what is said there, nor
 * what follows from somebody's absence.
 */
#include <string.h>

#include "consoles.h"
#include "wall.h"

#define LOG_MODULE "console"
#include "base/log.h"


/* one connection of ringback-web; they are few */
struct web {
	struct le le;
	struct wire_conn *conn; /* borrow */
};

struct console {
	struct le le;
	struct consoles *consoles;    /* borrow */
	const struct wire_conn *conn; /* borrow: of a web; NULL: it is gone, and
					 the next one is waited for */
	struct tmr tmr;
	struct wire_counsellor said;  /* what was said last; person 0 nothing */
	uint64_t until; /* monotonic, as it was when .said was made */
	uint32_t person;
	bool cut_off; /* their talk was, by a fault of ours */
};

struct consoles {
	struct list webl;
	struct list consolel;
	struct tmr tmr;
	consoles_change_h *changeh;
	consoles_truth_h *truthh;
	void *arg;
};


static void console_destructor(void *data)
{
	struct console *console = data;

	tmr_cancel(&console->tmr);
	list_unlink(&console->le);
}


static void web_destructor(void *data)
{
	struct web *web = data;

	list_unlink(&web->le);
}


static void consoles_destructor(void *data)
{
	struct consoles *c = data;

	tmr_cancel(&c->tmr);
	list_flush(&c->consolel);
	list_flush(&c->webl);
}


int consoles_alloc(struct consoles **cp, consoles_change_h *changeh,
		   consoles_truth_h *truthh, void *arg)
{
	struct consoles *c;

	if (!cp || !changeh || !truthh)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), consoles_destructor);
	if (!c)
		return ENOMEM;
	c->changeh = changeh;
	c->truthh = truthh;
	c->arg = arg;
	*cp = c;

	return 0;
}


static struct web *web_find(const struct consoles *c,
			    const struct wire_conn *conn)
{
	struct le *le;

	LIST_FOREACH(&c->webl, le)
	{
		if (((struct web *)le->data)->conn == conn)
			return le->data;
	}

	return NULL;
}


/* @param conn NULL: of a web process that is gone */
static struct console *console_find(const struct consoles *c,
				    const struct wire_conn *conn,
				    uint32_t person)
{
	struct le *le;

	LIST_FOREACH(&c->consolel, le)
	{
		struct console *console = le->data;

		if (console->person == person && console->conn == conn)
			return console;
	}

	return NULL;
}


/* by any connection, or by one that is waited for */
bool consoles_present(const struct consoles *c, uint32_t person)
{
	struct le *le;

	for (le = c ? list_head(&c->consolel) : NULL; le; le = le->next) {
		if (((const struct console *)le->data)->person == person)
			return true;
	}

	return false;
}


bool consoles_any(const struct consoles *c)
{
	return !list_isempty(&c->webl);
}


int consoles_meet(struct consoles *c, struct wire_conn *conn)
{
	struct web *web;

	if (web_find(c, conn))
		return 0;

	web = mem_zalloc(sizeof(*web), web_destructor);
	if (!web)
		return ENOMEM;
	web->conn = conn;
	list_append(&c->webl, &web->le, web);

	return 0;
}


/* ---- who is there -------------------------------------------------------- */

static struct console *console_make(struct consoles *c, uint32_t person)
{
	struct console *console = mem_zalloc(sizeof(*console),
					     console_destructor);

	if (!console)
		return NULL;
	console->consoles = c;
	console->person = person;
	list_append(&c->consolel, &console->le, console);

	return console;
}


static int console_open(struct consoles *c, const struct wire_conn *conn,
			uint32_t person)
{
	const bool was_there = consoles_present(c, person);
	struct console *console = console_find(c, conn, person);

	if (!console)
		console = console_find(c, NULL, person);
	if (!console)
		console = console_make(c, person);
	if (!console)
		return ENOMEM;
	tmr_cancel(&console->tmr);
	console->conn = conn;
	console->said.person = 0;
	if (!was_there)
		c->changeh(person, true, false, c->arg);

	return 0;
}


/* takes the console */
static void console_close(struct consoles *c, struct console *console,
			  bool lost)
{
	const uint32_t person = console->person;

	mem_deref(console);
	if (!consoles_present(c, person))
		c->changeh(person, false, lost, c->arg);
}


int consoles_set(struct consoles *c, struct wire_conn *conn, uint32_t person,
		 bool present)
{
	struct console *console;
	int err = 0;

	if (present) {
		err = console_open(c, conn, person);
	}
	else {
		console = console_find(c, conn, person);
		if (console)
			console_close(c, console, false);
	}
	consoles_changed(c);

	return err;
}


static void not_back(void *arg)
{
	struct console *console = arg;

	console_close(console->consoles, console, true);
}


int consoles_expect(struct consoles *c, uint32_t person)
{
	struct console *console = console_make(c, person);

	if (!console)
		return ENOMEM;
	tmr_start(&console->tmr, CONSOLES_PATIENCE, not_back, console);

	return 0;
}


static struct console *console_of(const struct consoles *c,
				  const struct wire_conn *conn)
{
	struct le *le;

	LIST_FOREACH(&c->consolel, le)
	{
		if (((struct console *)le->data)->conn == conn)
			return le->data;
	}

	return NULL;
}


void consoles_lost(struct consoles *c, const struct wire_conn *conn)
{
	struct web *web = web_find(c, conn);
	struct console *console;

	if (!web)
		return;

	mem_deref(web);
	while ((console = console_of(c, conn))) {
		console->conn = NULL;
		tmr_start(&console->tmr, CONSOLES_PATIENCE, not_back, console);
	}
}


/* ---- what they are told -------------------------------------------------- */

/* Wall time and the clock of timers drift apart by some milliseconds: the same
 * end must not be said anew for that. */
static void until_put(struct wire_counsellor *now, const struct console *was,
		      uint64_t until)
{
	if (!until)
		now->until = 0;
	else if (was->said.person && was->until == until)
		now->until = was->said.until;
	else
		now->until = wall_now() +
			     ((int64_t)until - (int64_t)tmr_jiffies());
}


static void console_tell(const struct consoles *c, struct console *console)
{
	struct wire_counsellor now;
	uint64_t until = 0;
	struct web *web;

	memset(&now, 0, sizeof(now));
	now.person = console->person;
	c->truthh(&now, &until, c->arg);
	/* the truth says in which states it is shown */
	console->cut_off = console->cut_off && now.cut_off;
	now.cut_off = console->cut_off;
	until_put(&now, console, until);
	if (!memcmp(&now, &console->said, sizeof(now)))
		return;

	web = web_find(c, console->conn);
	if (web && !wire_event(web->conn, WIRE_COUNSELLOR, &now)) {
		console->said = now;
		console->until = until;
	}
}


void consoles_cut_off(struct consoles *c, uint32_t person)
{
	struct le *le;

	LIST_FOREACH(&c->consolel, le)
	{
		struct console *console = le->data;

		if (console->person == person)
			console->cut_off = true;
	}
}


static void tell_all(void *arg)
{
	const struct consoles *c = arg;
	struct le *le;

	LIST_FOREACH(&c->consolel, le)
		console_tell(c, le->data);
}


/* not from within: much may change in one step */
void consoles_changed(struct consoles *c)
{
	if (c && !list_isempty(&c->consolel) && !tmr_isrunning(&c->tmr))
		tmr_start(&c->tmr, 0, tell_all, c);
}


void consoles_say(const struct consoles *c, uint32_t person,
		  enum wire_type type, const void *payload)
{
	struct le *le;

	LIST_FOREACH(&c->webl, le)
	{
		struct web *web = le->data;

		if (!person || console_find(c, web->conn, person))
			(void)wire_event(web->conn, type, payload);
	}
}
