/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * surge.c  Counts calls against budgets. Must not know what a call is, nor keep
 * whose it was.
 */
#include <errno.h>
#include <string.h>

#include "allowance.h"
#include "surge.h"

#define LOG_MODULE "surge"
#include "base/log.h"


enum {
	PASSED = 4096,   /* handles remembered; 2^n */
	LAST_DIGITS = 3, /* in which numbers of a range differ */
	RANGE_LEAST = 4, /* digits that are left of it */
};

struct surge {
	struct allowance numbers;
	struct allowance ranges;
	struct allowance all; /* one place of it */
	uint32_t passed[PASSED];
	uint64_t on_since;    /* if one is */
	uint64_t on_until;    /* 0: no flood */
	uint64_t ask_until;   /* all are asked, not only those of the burst */
	uint64_t last_away;   /* when somebody was turned away last */
	uint32_t n_away;
	uint32_t n_asked;     /* on the line, and have pressed no key yet */
	uint32_t n_lately;    /* turned away, within SURGE_ON_MS each */
	struct surge_terms terms;
};


int surge_alloc(struct surge **sp, const struct surge_terms *terms,
		uint64_t now)
{
	static const struct allowance_terms number = {SURGE_NUMBER_BURST,
						      SURGE_NUMBER_RATE};
	static const struct allowance_terms range = {SURGE_RANGE_BURST,
						     SURGE_RANGE_RATE};
	const struct allowance_terms all = {terms->calls_a_minute,
					    terms->calls_a_minute};
	struct surge *s;

	if (!sp)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), NULL);
	if (!s)
		return ENOMEM;
	s->terms = *terms;
	allowance_init(&s->numbers, &number, now);
	allowance_init(&s->ranges, &range, now);
	allowance_init(&s->all, &all, now);
	*sp = s;

	return 0;
}


/* withheld ones are one range */
static bool range_has_room(struct surge *s, const char *number, uint64_t now)
{
	size_t n = strlen(number);

	if (n >= RANGE_LEAST + LAST_DIGITS)
		n -= LAST_DIGITS;

	return allowance_take(&s->ranges, number, n, now);
}


static void flood(struct surge *s, uint64_t now)
{
	if (!s->on_until) {
		s->n_away = s->n_lately;
		s->on_since = now;
		log_warn("a flood of calls: callers are asked for a key before "
			 "anybody is rung for them, or hear that it is busy");
	}
	s->on_until = now + SURGE_ON_MS;
}


static enum surge_verdict turn_away(struct surge *s, uint64_t now)
{
	if (now - s->last_away > SURGE_ON_MS)
		s->n_lately = 0;
	s->last_away = now;
	++s->n_lately;
	++s->n_away;
	if (s->n_lately >= SURGE_SOME)
		flood(s, now);

	return SURGE_BUSY;
}


static bool has_passed(const struct surge *s, uint32_t handle)
{
	return handle && s->passed[handle % PASSED] == handle;
}


static enum surge_verdict ask(struct surge *s, uint32_t most, uint64_t now)
{
	if (s->n_asked >= most)
		return turn_away(s, now);

	++s->n_asked;
	return SURGE_ASK;
}


enum surge_verdict surge_arrive(struct surge *s,
				const struct secret_text *number,
				uint32_t handle, uint64_t now)
{
	const char *text = secret_reveal(number);
	bool room;

	if (!s->terms.calls_a_minute)
		return SURGE_COME;
	if (*text && !allowance_take(&s->numbers, text, strlen(text), now))
		return turn_away(s, now);
	if (has_passed(s, handle))
		return SURGE_COME;

	room = range_has_room(s, text, now);
	if (room && !allowance_take(&s->all, "", 0, now))
		s->ask_until = now + SURGE_ON_MS;
	if (room && now >= s->ask_until)
		return SURGE_COME;

	flood(s, now);
	/* who is in the burst leaves room for those who are not */
	return ask(s, room ? s->terms.places / 2 : s->terms.places / 4, now);
}


void surge_settled(struct surge *s)
{
	if (s->n_asked)
		--s->n_asked;
}


void surge_know(struct surge *s, uint32_t handle)
{
	if (handle)
		s->passed[handle % PASSED] = handle;
}


bool surge_is_on(struct surge *s, uint64_t now)
{
	if (s->on_until && now >= s->on_until) {
		s->on_until = 0;
		log_note("the flood of calls is over: %u were turned away",
			 s->n_away);
	}

	return s->on_until != 0;
}


uint64_t surge_since(const struct surge *s)
{
	return s->on_since;
}


uint32_t surge_turned_away(const struct surge *s)
{
	return s->n_away;
}
