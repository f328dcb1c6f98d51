/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * change.c  Replaces the processes by those of another release, or puts back
 * what was. Must not end a call, nor wait: the keeper's loop calls it again and
 * again.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/step.h"
#include "handover.h"
#include "keeper.h"
#include "tell.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


enum {
	READY_MS = 30000, /* for one process, on a machine that has much to do */
	LOOK_MS = 20,
	IDLE_LOOK_MS = 500,
	STATUS_MS = 500,
	TEXT = 2 * LIMIT_PATH + 256,
};


/* ---- words --------------------------------------------------------------- */

void change_tell(struct change *ch, enum change_word word, const char *fmt,
		 ...)
{
	char text[TEXT];
	va_list ap;
	int n;

	text[0] = (char)word;
	va_start(ap, fmt);
	n = vsnprintf(text + 1, sizeof(text) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	log_write(word == CHANGE_FAILED ? LOG_ERROR : LOG_NOTE, LOG_MODULE,
		  "%s", text + 1);
	if (ch->client >= 0)
		(void)send(ch->client, text, strlen(text),
			   MSG_DONTWAIT | MSG_NOSIGNAL);
	if (word == CHANGE_SAYS || ch->client < 0)
		return;
	(void)close(ch->client);
	ch->client = -1;
}


/* ---- one process --------------------------------------------------------- */

static const struct release *target(const struct keeper *k)
{
	return k->change.back ? &k->now : &k->change.next;
}


static bool is_of(const struct child *c, const struct release *r)
{
	return c->program == &r->part[c->part];
}


/* of several lives, the one that is replaced or stays */
static struct child *other_life(struct keeper *k, const struct child *c)
{
	for (size_t i = 0; i < k->n_children; i++) {
		struct child *o = &k->children[i];

		if (o != c && !o->leaves && strcmp(o->base, c->base) == 0)
			return o;
	}

	return NULL;
}


static void await(struct keeper *k, const struct child *c)
{
	struct change *ch = &k->change;

	(void)snprintf(ch->lock, sizeof(ch->lock), "%s", c->lock);
	ch->due = keeper_now_ms() + READY_MS;
	ch->state = CHANGE_READY;
}


/* A life that is added does not begin as a replacement: it has had none. */
static int media_begin(struct keeper *k, const char *base)
{
	const uint64_t now = keeper_now_ms();
	struct child *c = keeper_life_add(k, base, target(k));

	if (!c)
		return EBUSY;
	if (!child_start(c, k->dir, now))
		pulse_begin(&c->pulse, now);
	await(k, c);

	return 0;
}


static void begin(struct keeper *k, struct child *c)
{
	const int sig = c->part == RELEASE_LINE ? SIGKILL : SIGTERM;

	child_replace(c, &target(k)->part[c->part], sig, keeper_now_ms());
	await(k, c);
}


/* ---- ready, or not ------------------------------------------------------- */

static bool is_ready(const struct child *c)
{
	struct daemon_info info;

	return c->state == CHILD_UP && !c->replaced &&
	       daemon_running(c->lock, &info) && info.pid == c->pid &&
	       info.ready;
}


/* it ended before it was ready: once more than it was made to */
static bool has_failed(const struct child *c)
{
	return !c->replaced && c->n_ends > c->n_ends_wanted;
}


static void end(struct keeper *k, enum change_word word, const char *text)
{
	struct change *ch = &k->change;

	ch->state = CHANGE_NONE;
	change_tell(ch, word, "%s", text);
	release_close(&ch->next);
}


/* whatever is of another release goes back */
static void turn_back(struct keeper *k)
{
	struct change *ch = &k->change;

	ch->back = true;
	change_tell(ch, CHANGE_SAYS, "Going back to %s.", daemon_version());
	ch->state = CHANGE_NEXT;
}


static void media_give_up(struct child *c)
{
	c->leaves = true;
	if (c->state == CHILD_DOWN)
		c->due_ms = 0; /* the loop takes it out */
	else
		child_kill(c);
}


static void failed(struct keeper *k, struct child *c, const char *how)
{
	struct change *ch = &k->change;

	change_tell(ch, CHANGE_SAYS, "%s %s. See the log for why.", c->name,
		    how);
	if (ch->back) {
		end(k, CHANGE_FAILED, "Not upgraded, and a process of the old "
		    "version does not come back either. `ringback status` "
		    "says what runs.");
		return;
	}

	ch->back = true;
	if (c->part == RELEASE_MEDIA) {
		media_give_up(c);
		turn_back(k);
		return;
	}
	change_tell(ch, CHANGE_SAYS, "Going back to %s.", daemon_version());
	child_replace(c, &k->now.part[c->part], SIGKILL, keeper_now_ms());
	await(k, c);
}


static void ready(struct keeper *k, struct child *c)
{
	struct child *old = other_life(k, c);

	if (c->part == RELEASE_MEDIA && old) {
		old->leaves = true;
		child_signal(old, SIGUSR1);
		change_tell(&k->change, CHANGE_SAYS, "%s takes new calls; %s "
			    "ends with the last of its own.", c->name,
			    old->name);
	}
	else {
		change_tell(&k->change, CHANGE_SAYS, "%s is replaced.",
			    c->name);
	}
	k->change.state = CHANGE_NEXT;
}


/* ---- all at once --------------------------------------------------------- */

static void all_begin(struct keeper *k, int sig)
{
	for (size_t i = 0; i < k->n_children; i++) {
		struct child *c = &k->children[i];

		if (!c->leaves)
			child_replace(c, &target(k)->part[c->part], sig,
				      keeper_now_ms());
	}
	k->change.due = keeper_now_ms() + READY_MS;
	k->change.state = CHANGE_ALL;
}


static bool is_idle(void)
{
	struct wire_status status;

	if (!daemon_running("line", NULL))
		return true;

	return tell_status(STATUS_MS, &status, NULL, NULL) == 0 &&
	       !(status.n_arriving + status.n_waiting + status.n_talking);
}


static bool client_left(const struct change *ch)
{
	char byte;

	return recv(ch->client, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}


static void run_waits(struct keeper *k)
{
	struct change *ch = &k->change;

	if (client_left(ch)) {
		end(k, CHANGE_FAILED, "Not upgraded: who asked for it does "
		    "not wait any more.");
		return;
	}
	if (keeper_now_ms() < ch->due)
		return;
	ch->due = keeper_now_ms() + IDLE_LOOK_MS;
	if (!is_idle())
		return;

	change_tell(ch, CHANGE_SAYS, "Nobody is on the line: everything is "
		    "replaced now.");
	all_begin(k, SIGTERM);
}


static void run_all(struct keeper *k)
{
	struct change *ch = &k->change;
	bool all = true, failure = keeper_now_ms() >= ch->due;

	for (size_t i = 0; i < k->n_children; i++) {
		const struct child *c = &k->children[i];

		if (c->leaves)
			continue;
		all &= is_ready(c);
		if (!has_failed(c))
			continue;
		change_tell(ch, CHANGE_SAYS, "%s does not start.", c->name);
		failure = true;
	}
	if (all) {
		ch->state = CHANGE_NEXT;
		return;
	}
	if (!failure)
		return;
	if (ch->back) {
		end(k, CHANGE_FAILED, "Not upgraded, and the old version does "
		    "not come back whole. `ringback status` says what runs.");
		return;
	}
	ch->back = true;
	change_tell(ch, CHANGE_SAYS, "Going back to %s.", daemon_version());
	all_begin(k, SIGKILL);
}


/* ---- one after the other ------------------------------------------------- */

static void keeper_change(struct keeper *k)
{
	struct change *ch = &k->change;

	if (release_try(&ch->next, k->dir) == 0)
		(void)handover(k, &ch->next);
	change_tell(ch, CHANGE_SAYS, "The new keeper does not start.");
	if (ch->at_once) {
		ch->back = true;
		all_begin(k, SIGTERM);
	}
	else {
		turn_back(k);
	}
}


static void run_next(struct keeper *k)
{
	for (size_t i = 0; i < k->n_children; i++) {
		struct child *c = &k->children[i];

		if (c->leaves || is_of(c, target(k)))
			continue;
		if (c->part != RELEASE_MEDIA) {
			begin(k, c);
		}
		else if (media_begin(k, c->base)) {
			end(k, CHANGE_FAILED, "Too many media processes still "
			    "have calls from before earlier upgrades. "
			    "`ringback status` shows them; try again when one "
			    "has ended.");
		}
		return;
	}

	if (k->change.back)
		end(k, CHANGE_FAILED, "Not upgraded: the version that was "
		    "runs again.");
	else
		keeper_change(k);
}


static void run_ready(struct keeper *k)
{
	struct child *c = keeper_child(k, k->change.lock);

	if (!c)
		turn_back(k);
	else if (is_ready(c))
		ready(k, c);
	else if (has_failed(c))
		failed(k, c, "ended before it was ready");
	else if (keeper_now_ms() >= k->change.due)
		failed(k, c, "did not get ready in time");
}


void change_run(struct keeper *k)
{
	static void (*const runs[CHANGE_STATES])(struct keeper *k) = {
		[CHANGE_WAITS] = run_waits,
		[CHANGE_NEXT] = run_next,
		[CHANGE_READY] = run_ready,
		[CHANGE_ALL] = run_all,
	};

	if (runs[k->change.state])
		runs[k->change.state](k);
}


uint64_t change_due(const struct keeper *k)
{
	return k->change.state == CHANGE_NONE ? UINT64_MAX
					      : keeper_now_ms() + LOOK_MS;
}


void change_stop(struct keeper *k)
{
	if (k->change.state != CHANGE_NONE)
		end(k, CHANGE_FAILED, "Not upgraded: the line is being "
		    "stopped.");
}
