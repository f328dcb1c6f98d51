/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * way.c  Tries a call out and keeps what is worth telling. Must not find
 * words for it.
 */
#include <string.h>

#include "way.h"


/* a way while its trial goes on */
struct watch {
	struct way *w;
	uint64_t first_ms; /* ring */
};


static bool was_rung(const struct way *w, uint32_t person)
{
	for (size_t i = 0; i < w->n_rings; i++) {
		if (w->rings[i].person == person)
			return true;
	}

	return false;
}


static void step_handler(const struct trial_step *step, void *arg)
{
	struct watch *watch = arg;
	struct way *w = watch->w;

	if (step->type == TRIAL_PRESSES && !w->n_rings && !w->key)
		w->key = step->key;
	if (step->type != TRIAL_RINGS || w->n_rings >= LIMIT_PEOPLE ||
	    was_rung(w, step->person))
		return;

	if (!w->n_rings)
		watch->first_ms = step->ms;
	w->rings[w->n_rings++] =
		(struct way_ring){step->person, step->ms - watch->first_ms};
}


/* asks the core itself, before any call */
static int staff_find(struct way *w, const struct outlook *o,
		      const struct trial *t)
{
	const struct core_line *line = &o->settings.lines[w->line];
	struct core *core;
	int err;

	err = trial_core(&core, t);
	if (err)
		return err;

	for (uint8_t i = 0; i < line->n_languages; i++) {
		if (core_staffed(core, w->line, line->languages[i]))
			w->staffed |= 1u << i;
	}
	core_free(core);

	return 0;
}


int way_find(struct way *w, const struct outlook *o, uint16_t line,
	     uint8_t language, int64_t at)
{
	const struct config_line *l = &o->config->lines[line];
	struct trial t = outlook_trial(o, line, language);
	struct watch watch = {.w = w};
	int err;

	memset(w, 0, sizeof(*w));
	w->line = line;
	w->language = language;
	w->at = at;
	w->open = plan_open(l, at);
	w->turns = w->open ? hours_closes(l->hours, l->n_hours, at)
			   : hours_opens(l->hours, l->n_hours, at);

	t.unix_ms = at;
	err = staff_find(w, o, &t);
	if (!err)
		err = trial_run(&t, &w->silent, step_handler, &watch);
	if (!err)
		err = trial_fate(&w->fate, &t);
	t.caller = TRIAL_ASKS;
	if (!err)
		err = trial_run(&t, &w->asks, NULL, NULL);

	return err;
}
