/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * upkeep.c  Has what is due deleted. Must not know when that is.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "epoch/retention.h"

#include "accounts_parts.h"
#include "upkeep.h"
#include "web.h"

#define LOG_MODULE "retention"
#include "base/log.h"


enum {
	LOOK_MS = 3600000,
	AGAIN_MS = 60000, /* after an error */
	SAY_MS = 86400000,
	DAY_TEXT = 16,
};


/* ---- the log ------------------------------------------------------------- */

static const char *day_text(char text[DAY_TEXT], int64_t ms)
{
	const time_t t = (time_t)(ms / 1000);
	struct tm tm;

	text[0] = '\0';
	if (gmtime_r(&t, &tm))
		(void)strftime(text, DAY_TEXT, "%Y-%m-%d", &tm);

	return text;
}


static bool alarm_say(const struct retention *r, void *arg)
{
	char day[DAY_TEXT];
	bool *anyp = arg;

	if (r->doubted && !*anyp)
		log_error("the clock is far from %s, when what is due was last "
			  "looked for: nothing is deleted by itself; set the "
			  "clock, or, if it is right: ringback retention --now",
			  day_text(day, r->looked));
	if (r->overdue)
		log_error("line \"%s\": what was to be deleted on %s is not",
			  r->line, day_text(day, r->due));
	if (r->n_held)
		log_error("line \"%s\": %u promises are open for longer than "
			  "keep_notes: their keys are kept; see to them: "
			  "ringback promises", r->line, r->n_held);
	if (r->n_messages)
		log_error("line \"%s\": %u messages wait for longer than "
			  "keep_messages; see to them: ringback promises",
			  r->line, r->n_messages);
	*anyp = *anyp || retention_alarm(r);

	return false;
}


static void alarms_say(struct web *web, uint64_t now)
{
	struct upkeep *u = &web->accounts->upkeep;
	bool any = false;

	if (u->said_ms && now - u->said_ms < SAY_MS)
		return;
	(void)retention_each(web->store, web->config, accounts_now(),
			     alarm_say, &any);
	u->said_ms = any ? now : 0;
}


/* ---- now and then -------------------------------------------------------- */

void upkeep_look(struct web *web)
{
	struct upkeep *u = &web->accounts->upkeep;
	const uint64_t now = tmr_jiffies();
	struct retention_gone gone;
	int err;

	if (now < u->due_ms)
		return;

	err = retention_upkeep(web->store, web->config, accounts_now(),
			       &gone);
	if (gone.n_epochs || gone.n_calls || gone.n_drafts || gone.n_marks)
		log_note("deleted, as their time was over: the keys of %u "
			 "epochs with what was sealed to them, %u calls, %u "
			 "drafts, %u marks", gone.n_epochs, gone.n_calls,
			 gone.n_drafts, gone.n_marks);
	if (gone.n_epochs)
		events_tell_all(web->events, "vault", NULL);
	if (err && err != ESTALE)
		log_error("what is due could not all be deleted: %s; this is "
			  "tried again in a minute", strerror(err));
	alarms_say(web, now);
	u->due_ms = now + (err ? AGAIN_MS : LOOK_MS);
}


/* ---- the page ------------------------------------------------------------ */

struct listing {
	struct request *req;
	json_t *array;
};


static json_t *time_json(int64_t ms)
{
	return ms ? json_integer(ms) : json_null();
}


static bool line_add(const struct retention *r, void *arg)
{
	struct listing *l = arg;

	if (!web_may(l->req->web, &l->req->session, r->line,
		     SESSION_COORDINATOR))
		return false;

	return json_array_append_new(l->array, json_pack(
		"{s:s, s:I, s:I, s:I, s:o, s:o, s:b, s:I, s:I, s:b, s:I, s:b}",
		"line", r->line,
		"keep_notes", (json_int_t)r->keep_notes,
		"keep_calls", (json_int_t)r->keep_calls,
		"keep_messages", (json_int_t)r->keep_messages,
		"oldest", time_json(r->oldest),
		"due", time_json(r->due),
		"overdue", r->overdue,
		"held", (json_int_t)r->n_held,
		"messages", (json_int_t)r->n_messages,
		"alarm", retention_alarm(r),
		"looked", (json_int_t)r->looked,
		"clock_doubted", r->doubted)) != 0;
}


static void on_retention(struct request *req)
{
	struct listing l = {req, json_array()};
	int err;

	err = retention_each(req->web->store, req->web->config,
			     accounts_now(), line_add, &l);
	if (err) {
		json_decref(l.array);
		request_errno(req, err);
		return;
	}
	request_reply(req, 200, json_pack("{s:o}", "lines", l.array));
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/retention", on_retention, 0,
	 SESSION_COORDINATOR},
};

const struct route_table upkeep_routes = {routes, ARRAY_SIZE(routes)};
