/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * coverage.c  `ringback coverage`: shows that every call of the coming weeks
 * ends in a person or in a promise, or lists the holes. The trials that it
 * rests on are in src/plan/cover.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/step.h"
#include "plan/cover.h"
#include "command.h"
#include "exit.h"
#include "opts.h"
#include "out.h"
#include "outlook.h"
#include "when.h"


enum {
	WEEKS = 4,
	WEEKS_MAX = 104,
	MINUTE_MS = 60 * 1000,
	WORDS = 512,
};

static const int64_t week_ms = (int64_t)HOURS_WEEK * MINUTE_MS;

struct settings {
	const char *data;
	uint32_t weeks;
	bool json;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_NUMBER, "--weeks", "N", offsetof(struct settings, weeks),
	 "how far to look; 4 without it", 1, WEEKS_MAX, NULL},
};

static const struct opts options = {
	"ringback coverage [--weeks N] [--json] [--data DIR]",
	"Shows that each call of the coming weeks, at any minute, on any line"
	" and in any of\nits languages, ends in a person or in a promise; or"
	" lists the holes, and exits\nwith 3. Until there are shifts, who is"
	" on duty now is taken to be so all the time.",
	rows,
	STEP_COUNT(rows),
};

/* a report being made */
struct report {
	const struct outlook *o;
	struct cover_hole *holes; /* new */
	size_t n_holes;
	bool failed; /* out of memory */
};

struct words {
	char text[WORDS];
	size_t n;
};


/* ---- why, and what to do ---- */

static void say(struct words *w, const char *between, const char *text)
{
	const int n = snprintf(w->text + w->n, sizeof(w->text) - w->n, "%s%s",
			       w->n ? between : "", text);

	if (n > 0 && (size_t)n < sizeof(w->text) - w->n)
		w->n += (size_t)n;
}


static void why(struct words *w, const struct outlook *o,
		const struct cover_hole *hole)
{
	const enum line_kind kind = o->settings.lines[hole->line].kind;
	const char *no;

	if (kind == LINE_AFTER_HOURS)
		say(w, "; ", "this line rings nobody");
	else if (hole->while_open)
		say(w, "; ", "nobody who is on duty can take it");
	if (hole->while_closed)
		say(w, "; ",
		    hole->while_open ? "closed at times"
				     : "the line is closed");

	no = outlook_no_message(o, hole->line);
	if (no)
		say(w, "; no message: ", no);
	no = outlook_no_ring_back(o, hole->line);
	if (no)
		say(w, "; no ring-back: ", no);
}


static void what_to_do(struct words *w, const struct outlook *o,
		       const struct cover_hole *hole)
{
	const struct config_line *line = &o->config->lines[hole->line];
	char text[WORDS];

	(void)snprintf(text, sizeof(text),
		       "let line \"%s\" take messages: messages = yes",
		       line->name);
	if (!line->messages)
		say(w, "", text);
	if (line->kind != CONFIG_KIND_DETENTION)
		say(w, "; or ",
		    line->ring_back
			    ? "give it a trunk that can dial"
			    : "let it ring back: ring_back = yes, and a trunk "
			      "that can dial");

	(void)snprintf(
		text, sizeof(text), "put somebody on duty who speaks %s%s%s",
		outlook_language(o, hole->language),
		line->n_skills ? " and has the line's skills" : "",
		hole->while_closed ? ", which helps while it is open" : "");
	if (hole->while_open && line->kind != CONFIG_KIND_AFTER_HOURS)
		say(w, "; or ", text);
}


static void hole_handler(const struct cover_hole *hole, void *arg)
{
	struct report *r = arg;
	const size_t n = r->n_holes + 1;
	struct cover_hole *holes = realloc(r->holes, n * sizeof(*holes));

	if (!holes) {
		r->failed = true;
		return;
	}
	holes[r->n_holes] = *hole;
	r->holes = holes;
	r->n_holes = n;
}


/* ---- printing ---- */

static json_t *hole_json(const struct outlook *o,
			 const struct cover_hole *hole)
{
	struct words reason = {.n = 0}, todo = {.n = 0};
	char from[OUT_TIME], until[OUT_TIME];

	why(&reason, o, hole);
	what_to_do(&todo, o, hole);

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "line",
			 o->config->lines[hole->line].name, "language",
			 outlook_language(o, hole->language), "from",
			 out_time(from, hole->from), "until",
			 out_time(until, hole->until), "why", reason.text,
			 "todo", todo.text);
}


static json_t *holes_json(const struct report *r)
{
	json_t *array = json_array();
	bool failed = !array;

	for (size_t i = 0; i < r->n_holes; i++)
		failed |= json_array_append_new(
				  array, hole_json(r->o, &r->holes[i])) != 0;
	if (failed) {
		json_decref(array);
		return NULL;
	}

	return array;
}


static bool same_cause(const struct cover_hole *a, const struct cover_hole *b)
{
	return a->line == b->line && a->language == b->language &&
	       a->while_open == b->while_open &&
	       a->while_closed == b->while_closed;
}


static void holes_print(const struct report *r)
{
	char from[WHEN_TEXT], until[WHEN_TEXT];

	for (size_t i = 0; i < r->n_holes; i++) {
		const struct cover_hole *hole = &r->holes[i];
		struct words reason = {.n = 0}, todo = {.n = 0};

		why(&reason, r->o, hole);
		what_to_do(&todo, r->o, hole);
		if (!i || !same_cause(hole, hole - 1))
			printf("Line \"%s\" in %s\n  why: %s\n"
			       "  what to do: %s\n",
			       r->o->config->lines[hole->line].name,
			       outlook_language(r->o, hole->language),
			       reason.text, todo.text);
		printf("  from %s until %s\n", when_text(from, hole->from),
		       when_text(until, hole->until));
	}
}


static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}


static void sum_print(const struct outlook *o, const struct cover *c,
		      const struct cover_sum *sum)
{
	char from[WHEN_TEXT], until[WHEN_TEXT];

	if (sum->n_holes)
		printf("\n%" PRIu32 " hole%s: a call then would end in"
		       " nothing.\n",
		       sum->n_holes, plural(sum->n_holes));
	else
		printf("No holes: at any minute a call ends in a person or in"
		       " a promise.\n");

	printf("Looked at: %" PRIu32 " line%s, %" PRIu32 " language%s of"
	       " lines, every minute from %s until %s.\n",
	       o->config->n_lines, plural(o->config->n_lines), sum->n_pairs,
	       plural(sum->n_pairs), when_text(from, c->from),
	       when_text(until, c->until));
	printf("Of these %" PRId64 " minutes, each counted for each language"
	       " of a line: somebody is\nrung in %" PRId64 ", a promise is"
	       " made in %" PRId64 ", nothing in %" PRId64 ".\n",
	       (c->until - c->from) / MINUTE_MS * sum->n_pairs,
	       sum->ms[FATE_PERSON] / MINUTE_MS,
	       sum->ms[FATE_PROMISE] / MINUTE_MS,
	       sum->ms[FATE_HOLE] / MINUTE_MS);
	printf("Who is on duty now (%zu) is taken to be so all the time; "
	       "shifts"
	       " come later.\n",
	       o->n_people);
}


static int sum_json(const struct report *r, const struct cover *c,
		    const struct cover_sum *sum)
{
	char from[OUT_TIME], until[OUT_TIME];

	return out_json(json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "from",
		out_time(from, c->from), "until", out_time(until, c->until),
		"lines", (json_int_t)r->o->config->n_lines, "languages",
		(json_int_t)sum->n_pairs, "on_duty",
		(json_int_t)r->o->n_people, "person_minutes",
		(json_int_t)(sum->ms[FATE_PERSON] / MINUTE_MS),
		"promise_minutes",
		(json_int_t)(sum->ms[FATE_PROMISE] / MINUTE_MS),
		"hole_minutes", (json_int_t)(sum->ms[FATE_HOLE] / MINUTE_MS),
		"holes", holes_json(r)));
}


static int report_print(const struct report *r, const struct cover *c,
			const struct cover_sum *sum, bool json)
{
	int code = EXIT_DONE;

	if (json) {
		code = sum_json(r, c, sum);
	}
	else {
		holes_print(r);
		sum_print(r->o, c, sum);
	}

	return code == EXIT_DONE && sum->n_holes ? EXIT_HOLES : code;
}


static int coverage(const struct outlook *o, const struct settings *set)
{
	const int64_t now = when_now();
	struct report r = {.o = o};
	struct cover c = {
		.config = o->config,
		.settings = &o->settings,
		.people = o->people,
		.n_people = o->n_people,
		.from = now - now % MINUTE_MS,
	};
	struct cover_sum sum;
	int code, err;

	c.until = c.from + set->weeks * week_ms;
	err = cover_find(&c, &sum, hole_handler, &r);
	if (err || r.failed) {
		fprintf(stderr, "ringback: out of memory\n");
		code = EXIT_FAILED;
	}
	else {
		code = report_print(&r, &c, &sum, set->json);
	}
	free(r.holes);

	return code;
}


int coverage_main(int argc, char *argv[])
{
	struct settings set = {.weeks = WEEKS};
	struct outlook *o;
	int code;

	code = opts_read(&options, argc, argv, &set);
	if (code)
		return opts_exit(code);
	if (outlook_load(&o, set.data))
		return EXIT_FAILED;

	code = coverage(o, &set);
	outlook_free(o);

	return code;
}
