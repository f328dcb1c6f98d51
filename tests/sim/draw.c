/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * draw.c  Draws the tables that the core runs on. Must not know them.
 */
#include <errno.h>
#include <string.h>

#include "core/core.h"
#include "draw.h"


static const char page[] =
	"# States\n"
	"\n"
	"Drawn by `ringback-sim --draw all` from the tables that the core\n"
	"runs on (`call.c`, `person.c`, `guest.c` of `src/core`); a test\n"
	"compares. A row is a state, a column is what happens, a cell is the state\n"
	"that follows. In an empty cell the event is not expected: it\n"
	"changes nothing and is logged.\n";


static const struct {
	const char *name;
	const char *title;
	const struct step_machine *machine;
} machines[] = {
	{"call", "A call for help", &call_machine},
	{"person", "A counsellor", &person_machine},
	{"guest", "The guest of a talk", &guest_machine},
};


static void draw_row(FILE *f, const struct step_machine *m, uint8_t state)
{
	(void)fprintf(f, "| **%s** |", m->states[state]);
	for (size_t e = 0; e < m->n_events; e++) {
		const struct step_rule *r = step_find(m, state, (uint8_t)e);

		(void)fprintf(f, " %s%s|", r ? m->states[r->next] : "",
			      r ? " " : "");
	}
	(void)fputc('\n', f);
}


static void draw_machine(FILE *f, const struct step_machine *m)
{
	(void)fputs("| |", f);
	for (size_t e = 0; e < m->n_events; e++)
		(void)fprintf(f, " %s |", m->events[e]);
	(void)fputs("\n|---|", f);
	for (size_t e = 0; e < m->n_events; e++)
		(void)fputs("---|", f);
	(void)fputc('\n', f);
	for (size_t s = 0; s < m->n_states; s++)
		draw_row(f, m, (uint8_t)s);
}


int draw(FILE *f, const char *what)
{
	const bool all = !strcmp(what, "all");
	int err = EINVAL;

	if (all)
		(void)fputs(page, f);

	for (size_t i = 0; i < STEP_COUNT(machines); i++) {
		if (!all && strcmp(what, machines[i].name))
			continue;
		if (all)
			(void)fprintf(f, "\n## %s\n\n", machines[i].title);
		draw_machine(f, machines[i].machine);
		err = 0;
	}

	return err;
}
