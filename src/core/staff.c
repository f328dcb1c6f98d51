/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * staff.c  Who could take which call: line, language, skills, hours, circles.
 * Must not choose among them (alloc.c).
 */
#include "plant.h"
#include "staff.h"


bool staff_of_line(const struct person *p, uint16_t line)
{
	return !p->learns && (p->lines >> line & 1);
}


bool staff_fits(const struct core *core, const struct person *p,
		uint16_t line, uint8_t language)
{
	const uint32_t skills = core->settings.lines[line].skills;

	if (!staff_of_line(p, line) && !PLANTED_BUG(PLANT_LINES_IGNORED))
		return false;
	if (PLANTED_BUG(PLANT_LANGUAGE_IGNORED))
		return true;

	return (p->languages >> language & 1) &&
	       (p->skills & skills) == skills;
}


static bool in_circle(const struct core_line *line, const struct person *p,
		      int circle)
{
	if (circle >= CIRCLE_ALL)
		return true;
	if (line->organisation && p->organisation == line->organisation)
		return true;

	return circle >= CIRCLE_REGION && line->region &&
	       p->region == line->region;
}


bool staff_rung_for(const struct core *core, const struct person *p,
		    const struct call *c)
{
	const uint32_t reserved = staff_reserved(core, c);

	if (reserved)
		return p->id == reserved;

	return staff_fits(core, p, c->record.line, c->record.language) &&
	       in_circle(line_of(core, c), p, c->circle);
}


uint32_t staff_reserved(const struct core *core, const struct call *c)
{
	const struct person *p;

	if (!c->reserved || PLANTED_BUG(PLANT_RESERVED_FOR_ALL))
		return 0;

	p = person_find(core, c->reserved);

	return p && person_on_duty(p) &&
			       staff_fits(core, p, c->record.line,
					  c->record.language)
		       ? p->id
		       : 0;
}


void staff_reserve(struct turn *t, struct call *c, uint32_t person)
{
	c->reserved = person;
	if (person)
		deadline_set(&t->core->deadlines, &c->reserved_end,
			     t->now + CORE_RESERVED_MS);
	else
		deadline_clear(&t->core->deadlines, &c->reserved_end);
}


void staff_reserve_check(struct turn *t, struct call *c)
{
	if (c->reserved && !staff_reserved(t->core, c))
		staff_reserve(t, c, 0);
}


static uint32_t count(const struct core *core, uint16_t line,
		      uint8_t language, int circle)
{
	uint32_t n = 0;

	for (size_t i = 0; i < core->n_people; i++) {
		const struct person *p = &core->people[i];

		n += person_on_duty(p) && staff_fits(core, p, line, language) &&
		     in_circle(&core->settings.lines[line], p, circle);
	}

	return n;
}


uint32_t staff_count(const struct core *core, uint16_t line,
		     uint8_t language)
{
	return count(core, line, language, CIRCLE_ALL);
}


bool staff_open(const struct core *core, uint16_t line)
{
	return !core->closed[line] &&
	       core->settings.lines[line].kind != LINE_AFTER_HOURS;
}


bool staff_here(const struct core *core, const struct call *c)
{
	return staff_open(core, c->record.line) &&
	       core_staffed(core, c->record.line, c->record.language);
}


bool core_staffed(const struct core *core, uint16_t line, uint8_t language)
{
	if (!core || line >= core->settings.n_lines ||
	    language >= LIMIT_TONGUES)
		return false;

	for (size_t i = 0; i < core->n_people; i++) {
		const struct person *p = &core->people[i];

		if (person_on_duty(p) && staff_fits(core, p, line, language))
			return true;
	}

	return false;
}


/* so many would be rung if the circle were this one */
static uint32_t n_in(const struct core *core, const struct call *c, int circle)
{
	return circle < 0 ? 0
			  : count(core, c->record.line, c->record.language,
				  circle);
}


/* A circle that adds nobody is left out at once. */
static void skip_empty(const struct core *core, struct call *c)
{
	while (c->circle < CIRCLE_ALL &&
	       n_in(core, c, c->circle) == n_in(core, c, c->circle - 1))
		++c->circle;
}


/* Time counts from its place: who has waited already goes on from there. */
static void set_deadline(struct turn *t, struct call *c)
{
	const int64_t tier_ms = t->core->settings.tier_ms;
	int64_t due = c->place + tier_ms * (c->n_widened + 1);

	while (c->circle < CIRCLE_ALL && due <= (int64_t)t->now) {
		++c->circle;
		++c->n_widened;
		skip_empty(t->core, c);
		due += tier_ms;
	}

	if (c->circle < CIRCLE_ALL)
		deadline_set(&t->core->deadlines, &c->circle_next,
			     (uint64_t)due);
	else
		deadline_clear(&t->core->deadlines, &c->circle_next);
}


void staff_circle_begin(struct turn *t, struct call *c)
{
	c->circle = CIRCLE_ALL;
	c->n_widened = 0;
	if (t->core->settings.strategy != STRATEGY_TIERS)
		return;

	c->circle = CIRCLE_ORGANISATION;
	skip_empty(t->core, c);
	set_deadline(t, c);
}


void staff_circle_widen(struct turn *t, struct call *c)
{
	set_deadline(t, c);
}


void staff_circle_check(struct turn *t, struct call *c)
{
	if (c->circle == CIRCLE_ALL || n_in(t->core, c, c->circle))
		return;

	skip_empty(t->core, c);
	set_deadline(t, c);
}
