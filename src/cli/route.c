/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * route.c  `ringback route`: step by step where a call would go. Finds the
 * words; the way itself is what a trial in the core has shown (way.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/step.h"
#include "command.h"
#include "exit.h"
#include "opts.h"
#include "out.h"
#include "way.h"
#include "when.h"


enum { STEP_TEXT = 1024, NAMES_SHOWN = 12 };

struct settings {
	const char *data;
	const char *line;
	const char *language;
	const char *at;
	bool json;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
	{OPT_TEXT, "--line", "L", offsetof(struct settings, line),
	 "a line's name; the first one without it", 0, 0, NULL},
	{OPT_TEXT, "--lang", "X", offsetof(struct settings, language),
	 "the caller's language; the line's first one without it", 0, 0, NULL},
	{OPT_TEXT, "--at", "TIME", offsetof(struct settings, at),
	 "\"2026-11-22 03:00\", \"Sun 03:00\" or \"03:00\", local time; now"
	 " without it",
	 0, 0, NULL},
};

static const struct opts options = {
	"ringback route [--line L] [--lang X] [--at TIME] [--json]"
	" [--data DIR]",
	"Says step by step where a call would go that arrives then, with"
	" nobody else on the\nline and every phone left ringing. Until there"
	" are shifts, who is on duty now is\ntaken to be on duty then.",
	rows,
	STEP_COUNT(rows),
};

/* what is told, one sentence after the other */
struct steps {
	json_t *array; /* new */
	bool failed;
};

static const char *const kinds[LINE_KINDS] = {
	[LINE_ORDINARY] = "an ordinary line",
	[LINE_DETENTION] = "a detention line",
	[LINE_AFTER_HOURS] = "an after-hours line, which rings nobody",
};


/* ---- sentences ---- */

static void step_add(struct steps *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void step_add(struct steps *s, const char *fmt, ...)
{
	char text[STEP_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->failed |= json_array_append_new(s->array, json_string(text)) != 0;
}


static void join(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void join(char *text, size_t size, const char *fmt, ...)
{
	const size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text + n, size - n, fmt, ap);
	va_end(ap);
}


static const struct core_line *core_line(const struct outlook *o,
					 const struct way *w)
{
	return &o->settings.lines[w->line];
}


static void tell_line_reached(struct steps *s, const struct outlook *o,
			      const struct way *w)
{
	char at[WHEN_TEXT];

	step_add(s, "A call on %s reaches line \"%s\", %s.",
		 when_text(at, w->at), o->config->lines[w->line].name,
		 kinds[core_line(o, w)->kind]);
	if (!o->n_trunks)
		step_add(s, "But there is no trunk: nobody's calls are let in"
			    " yet. See ringback trunk add --help.");
}


static void tell_open(struct steps *s, const struct way *w)
{
	char at[WHEN_TEXT];

	if (w->open && w->turns == INT64_MAX)
		step_add(s, "The line is always open.");
	else if (w->turns == INT64_MAX)
		step_add(s, "The line is closed then, and never opens.");
	else
		step_add(s,
			 w->open ? "The line is open then, until %s."
				 : "The line is closed then. It opens on"
				   " %s.",
			 when_text(at, w->turns));
}


static void tell_languages(struct steps *s, const struct outlook *o,
			   const struct way *w)
{
	const struct core_line *line = core_line(o, w);
	char text[STEP_TEXT] = "";

	for (uint8_t i = 0; i < line->n_languages; i++)
		join(text, sizeof(text), "%s%s (%s)", i ? ", " : "",
		     outlook_language(o, line->languages[i]),
		     w->staffed & 1u << i ? "staffed" : "nobody on duty");
	step_add(s,
		 "Languages: %s. Who is on duty is what is known now;"
		 " shifts come later.",
		 text);

	if (w->key)
		step_add(s,
			 "The caller is asked to choose a language; %s is"
			 " key %u.",
			 outlook_language(o, w->language), w->key);
	else if (line->n_languages > 1)
		step_add(s, "The caller is not asked for a language.");
}


static const char *why_nobody(const struct outlook *o, const struct way *w)
{
	if (core_line(o, w)->kind == LINE_AFTER_HOURS)
		return "this line only takes what callers leave";
	if (!w->open)
		return "the line is closed";

	return core_line(o, w)->skills
		       ? "nobody on duty speaks the language and has the"
			 " line's skills"
		       : "nobody on duty speaks the language";
}


static void rings_text(char *text, size_t size, const struct outlook *o,
		       const struct way *w)
{
	char after[WHEN_TEXT];
	uint64_t said = 0;

	for (size_t i = 0; i < w->n_rings && i < NAMES_SHOWN; i++) {
		const struct way_ring *r = &w->rings[i];

		if (i && r->after_ms != said)
			join(text, size, "; after %s ",
			     when_span(after, (int64_t)r->after_ms + 500));
		else if (i)
			join(text, size, ", ");
		join(text, size, "%s", outlook_name(o, r->person));
		said = r->after_ms;
	}
	if (w->n_rings > NAMES_SHOWN)
		join(text, size, "; then %zu more", w->n_rings - NAMES_SHOWN);
}


static void tell_rings(struct steps *s, const struct outlook *o,
		       const struct way *w)
{
	static const char *const orders[STRATEGIES] = {
		[STRATEGY_LONGEST_IDLE] = " Who has been free longest comes"
					  " first: that changes with every"
					  " call.",
		[STRATEGY_ROUND_ROBIN] = " It is everybody's turn once: who"
					 " begins changes with every call.",
	};
	const char *order = orders[o->settings.strategy];
	char text[STEP_TEXT] = "";

	if (!w->n_rings) {
		step_add(s, "Nobody is rung: %s.", why_nobody(o, w));
		return;
	}

	rings_text(text, sizeof(text), o, w);
	step_add(s, "Rung, as long as nobody picks up: %s.%s", text,
		 order ? order : "");
}


static void tell_wait(struct steps *s, const struct outlook *o,
		      const struct way *w)
{
	static const char *const told[LINE_TELLS] = {
		[TELLS_NOTHING] = "nothing of the queue",
		[TELLS_POSITION] = "their place in the queue",
		[TELLS_WAIT] = "about how long it will take",
	};
	const struct core_line *line = core_line(o, w);
	char max[WHEN_TEXT];

	if (!w->n_rings)
		return;

	if (line->kind == LINE_DETENTION)
		step_add(s, "While waiting the caller is asked to stay, every"
			    " 15 s; no music, no keys.");
	else
		step_add(s,
			 "While waiting the caller hears a hold sound and"
			 " is told %s.",
			 told[line->tells]);
	step_add(s,
		 outlook_no_message(o, w->line) &&
				 outlook_no_ring_back(o, w->line)
			 ? "There is nothing else to offer: the caller"
			   " waits on, also after %s."
			 : "After %s without anybody, what follows is"
			   " offered.",
		 when_span(max, line->max_wait_ms));
}


/* one way to leave a promise */
static void tell_promise(struct steps *s, const char *what, const char * not,
			 const struct trial_end *end)
{
	char due[WHEN_TEXT];

	if (not )
		step_add(s, "%s: not possible: %s.", what, not );
	else if (end->promised)
		step_add(s, "%s: possible; to be dealt with by %s.", what,
			 when_text(due, end->record.promise.due_at));
	else
		step_add(s, "%s: possible, but not offered on this way.",
			 what);
}


static void tell_end(struct steps *s, const struct way *w)
{
	static const char *const ends[FATES] = {
		[FATE_PERSON] = "It ends with a person.",
		[FATE_PROMISE] = "It ends with a promise.",
		[FATE_HOLE] =
			"It ends in nothing: a hole. See ringback coverage.",
	};

	step_add(s, "%s", ends[w->fate]);
}


static json_t *steps_make(const struct outlook *o, const struct way *w)
{
	struct steps s = {.array = json_array()};

	tell_line_reached(&s, o, w);
	tell_open(&s, w);
	tell_languages(&s, o, w);
	tell_rings(&s, o, w);
	tell_wait(&s, o, w);
	tell_promise(&s, "A message", outlook_no_message(o, w->line),
		     &w->silent);
	tell_promise(&s, "A ring-back", outlook_no_ring_back(o, w->line),
		     &w->asks);
	tell_end(&s, w);
	if (s.failed) {
		json_decref(s.array);
		return NULL;
	}

	return s.array;
}


/* ---- for programs ---- */

static json_t *time_or_null(int64_t at)
{
	char text[OUT_TIME];

	return at == INT64_MAX ? json_null() : json_string(out_time(text, at));
}


static json_t *languages_json(const struct outlook *o, const struct way *w)
{
	const struct core_line *line = core_line(o, w);
	json_t *array = json_array();

	for (uint8_t i = 0; i < line->n_languages; i++)
		(void)json_array_append_new(
			array,
			json_pack("{s:s, s:b}", "language",
				  outlook_language(o, line->languages[i]),
				  "staffed", (int)(w->staffed >> i & 1u)));

	return array;
}


static json_t *rings_json(const struct outlook *o, const struct way *w)
{
	json_t *array = json_array();

	for (size_t i = 0; i < w->n_rings; i++)
		(void)json_array_append_new(
			array, json_pack("{s:s, s:I}", "person",
					 outlook_name(o, w->rings[i].person),
					 "after_ms",
					 (json_int_t)w->rings[i].after_ms));

	return array;
}


static json_t *promise_json(const char * not, const struct trial_end *end)
{
	return json_pack("{s:b, s:o, s:o}", "possible", (int)!not, "why",
			 not ? json_string(not ) : json_null(), "due_at",
			 !not &&end->promised
				 ? time_or_null(end->record.promise.due_at)
				 : json_null());
}


static json_t *route_json(const struct outlook *o, const struct way *w)
{
	char at[OUT_TIME];

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:I, s:o, s:I, s:o, s:o,"
		" s:s, s:o}",
		"line", o->config->lines[w->line].name, "kind",
		line_kind_name(core_line(o, w)->kind), "language",
		outlook_language(o, w->language), "at", out_time(at, w->at),
		"open", (int)w->open, w->open ? "closes_at" : "opens_at",
		time_or_null(w->turns), "languages", languages_json(o, w),
		"key", (json_int_t)w->key, "rung", rings_json(o, w),
		"max_wait_ms", (json_int_t)core_line(o, w)->max_wait_ms,
		"message",
		promise_json(outlook_no_message(o, w->line), &w->silent),
		"ring_back",
		promise_json(outlook_no_ring_back(o, w->line), &w->asks),
		"ends", trial_fate_name(w->fate), "steps", steps_make(o, w));
}


/* ---- what was asked for ---- */

static int line_find(const struct outlook *o, const char *name,
		     uint16_t *linep)
{
	for (uint16_t i = 0; i < o->config->n_lines; i++) {
		if (!name || strcmp(o->config->lines[i].name, name) == 0) {
			*linep = i;
			return 0;
		}
	}

	fprintf(stderr, "ringback: there is no line of that name; there is");
	for (uint32_t i = 0; i < o->config->n_lines; i++)
		fprintf(stderr, "%s \"%s\"", i ? "," : "",
			o->config->lines[i].name);
	fprintf(stderr, "\n");

	return ENOENT;
}


static int language_find(const struct outlook *o, uint16_t line,
			 const char *language, uint8_t *languagep)
{
	const struct config_line *l = &o->config->lines[line];

	for (uint32_t i = 0; i < l->n_languages; i++) {
		if (!language || strcmp(l->languages[i], language) == 0) {
			*languagep = (uint8_t)plan_language(&o->words,
							    l->languages[i]);
			return 0;
		}
	}

	fprintf(stderr,
		"ringback: line \"%s\" does not speak that; it"
		" speaks",
		l->name);
	for (uint32_t i = 0; i < l->n_languages; i++)
		fprintf(stderr, "%s %s", i ? "," : "", l->languages[i]);
	fprintf(stderr, "\n");

	return ENOENT;
}


static void steps_print(const json_t *route)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(route, "steps"), i, step)
		printf("%zu. %s\n", i + 1, json_string_value(step));
}


static int route_print(const struct outlook *o, const struct way *w, bool json)
{
	json_t *route = route_json(o, w);

	if (!route) {
		fprintf(stderr, "ringback: out of memory\n");
		return EXIT_FAILED;
	}
	if (json)
		return out_json(route);

	steps_print(route);
	json_decref(route);

	return EXIT_DONE;
}


static int route(const struct outlook *o, const struct settings *set)
{
	const int64_t now = when_now();
	int64_t at = now;
	struct way *w;
	uint16_t line;
	uint8_t language;
	int code;

	if (line_find(o, set->line, &line) ||
	    language_find(o, line, set->language, &language))
		return EXIT_FAILED;
	if (set->at && when_decode(&at, set->at, now)) {
		(void)opts_wrong(&options, "--at takes a time as \"2026-11-22"
					   " 03:00\", \"Sun 03:00\" or"
					   " \"03:00\"");
		return EXIT_USAGE;
	}

	w = malloc(sizeof(*w));
	if (!w || way_find(w, o, line, language, at)) {
		fprintf(stderr, "ringback: out of memory\n");
		code = EXIT_FAILED;
	}
	else {
		code = route_print(o, w, set->json);
	}
	free(w);

	return code;
}


int route_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct outlook *o;
	int code;

	code = opts_read(&options, argc, argv, &set);
	if (code)
		return opts_exit(code);
	if (outlook_load(&o, set.data))
		return EXIT_FAILED;

	code = route(o, &set);
	outlook_free(o);

	return code;
}
