/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cover.c  Goes from one opening or closing of a line to the next. Must not
 * know why somebody is rung or something promised: trials say so.
 */
#include <errno.h>
#include <string.h>

#include "cover.h"
#include "plan.h"


/* one line and one language, on the way through the time */
struct walk {
	const struct cover *c;
	uint16_t line;
	uint8_t language;
	bool known[2]; /* [open] */
	enum trial_fate fate[2];
	struct cover_hole hole; /* until is 0 while there is none */
	struct cover_sum *sum;
	cover_hole_h *h;
	void *arg;
};


static int fate_at(struct walk *w, int64_t at, bool open,
		   enum trial_fate *fatep)
{
	const struct trial t = {
		.settings = w->c->settings,
		.people = w->c->people,
		.n_people = w->c->n_people,
		.line = w->line,
		.language = w->language,
		.unix_ms = at,
	};
	int err = 0;

	if (!w->known[open])
		err = trial_fate(&w->fate[open], &t);
	if (!err) {
		w->known[open] = true;
		*fatep = w->fate[open];
	}

	return err;
}


static void hole_end(struct walk *w)
{
	if (!w->hole.until)
		return;

	++w->sum->n_holes;
	if (w->h)
		w->h(&w->hole, w->arg);
	memset(&w->hole, 0, sizeof(w->hole));
}


static void hole_grow(struct walk *w, int64_t from, int64_t until, bool open)
{
	if (!w->hole.until) {
		w->hole.line = w->line;
		w->hole.language = w->language;
		w->hole.from = from;
	}
	w->hole.until = until;
	w->hole.while_open |= open;
	w->hole.while_closed |= !open;
}


static int64_t next_turn(const struct config_line *line, int64_t at, bool open)
{
	return open ? hours_closes(line->hours, line->n_hours, at)
		    : hours_opens(line->hours, line->n_hours, at);
}


static int walk(struct walk *w)
{
	const struct config_line *line = &w->c->config->lines[w->line];
	int64_t next;

	for (int64_t at = w->c->from; at < w->c->until; at = next) {
		const bool open = plan_open(line, at);
		enum trial_fate fate;
		int err = fate_at(w, at, open, &fate);

		if (err)
			return err;
		next = next_turn(line, at, open);
		if (next > w->c->until)
			next = w->c->until;

		w->sum->ms[fate] += next - at;
		if (fate == FATE_HOLE)
			hole_grow(w, at, next, open);
		else
			hole_end(w);
	}
	hole_end(w);

	return 0;
}


int cover_find(const struct cover *c, struct cover_sum *sum, cover_hole_h *h,
	       void *arg)
{
	int err = 0;

	if (!c || !c->config || !c->settings || !sum)
		return EINVAL;

	memset(sum, 0, sizeof(*sum));
	for (uint16_t i = 0; i < c->settings->n_lines; i++) {
		const struct core_line *line = &c->settings->lines[i];

		for (uint8_t k = 0; k < line->n_languages && !err; k++) {
			struct walk w = {
				.c = c,
				.line = i,
				.language = line->languages[k],
				.sum = sum,
				.h = h,
				.arg = arg,
			};

			++sum->n_pairs;
			err = walk(&w);
		}
	}

	return err;
}
