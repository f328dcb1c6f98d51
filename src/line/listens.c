/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listens.c  All who listen: which of them is meant, what others may know of
 * them, and whether each still may. Must not let anybody listen on to whom that
 * is not shown.
 */
#include "listen_parts.h"
#include "listen_role.h"
#include "people.h"


/* ---- finding them -------------------------------------------------------- */

struct listen *listens_find(const struct switchboard *sb, uint32_t person)
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


struct listen *listens_next(const struct switchboard *sb, uint64_t call,
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


unsigned listens_count(const struct switchboard *sb, uint64_t call)
{
	const struct listen *l = NULL;
	unsigned n = 0;

	while ((l = listens_next(sb, call, l)))
		++n;

	return n;
}


/* ---- what others want to know -------------------------------------------- */

void listens_put(struct party_truth *truth, const struct switchboard *sb,
		 uint64_t call)
{
	const struct listen *l = NULL;
	unsigned n = 0;

	while ((l = listens_next(sb, call, l)) && n < WIRE_LISTENERS) {
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

	while ((l = listens_next(sb, call, l)) && n < WIRE_LISTENERS) {
		c->listeners[n++] = l->person;
		if (l->whisper == WHISPER_ON)
			c->whispers = 1;
	}
}


void listens_own(struct wire_counsellor *c, const struct switchboard *sb)
{
	const struct listen *l = listens_find(sb, c->person);

	if (!l)
		return;
	c->listening = l->call;
	c->whispering = l->whisper == WHISPER_ON;
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
			listen_stop(l, CAUSE_HUNG_UP);
		else if (l->whisper && !role.whispers)
			(void)listen_whisper(sb, l->person, false);
	}
}


static void page_awaited(void *arg)
{
	struct listen *l = arg;

	if (!consoles_present(l->sb->consoles, l->person))
		listen_stop(l, CAUSE_HUNG_UP);
}


void listens_page_gone(struct switchboard *sb, uint32_t person, bool lost)
{
	struct listen *l = listens_find(sb, person);

	if (!l)
		return;
	if (lost)
		tmr_start(&l->tmr, PEOPLE_LOST_MS, page_awaited, l);
	else
		listen_stop(l, CAUSE_HUNG_UP);
}


/* whoever is heard now must be able to see it, as the first one was */
static bool is_shown(const struct switchboard *sb, uint32_t *shownp,
		     uint32_t person)
{
	if (*shownp != person && !consoles_present(sb->consoles, person))
		return false;

	*shownp = person;

	return true;
}


static bool may_go_on(const struct switchboard *sb, struct listen *l)
{
	struct core_call_view view;

	if (!core_call(sb->core, l->call, &view) ||
	    view.state != CALL_TALKING || listen_is_busy(sb, l->person))
		return false;
	if (!is_shown(sb, &l->shown_to, view.person))
		return false;
	if (view.guest_state >= GUEST_ASIDE)
		return is_shown(sb, &l->shown_to_guest, view.guest_person);
	l->shown_to_guest = 0;

	return true;
}


void listens_settle(struct switchboard *sb)
{
	struct le *le = list_head(&sb->listenl);

	while (le) {
		struct listen *l = le->data;

		le = le->next;
		if (!may_go_on(sb, l))
			listen_stop(l, CAUSE_HUNG_UP);
	}
}


void listens_lost(struct switchboard *sb, uint32_t process)
{
	struct le *le = list_head(&sb->listenl);

	while (le) {
		struct listen *l = le->data;

		le = le->next;
		if (sound_is_in(sb->sound, browser_leg(l->browser), process))
			listen_stop(l, CAUSE_RESTART);
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
