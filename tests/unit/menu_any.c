/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * menu_any.c  Tests of the dialogue with a caller: what must hold for every
 * question, key, line and order of events.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "menu_line.h"


/* lines and moments of every kind, by number */
static void furnish(struct fixture *f, unsigned n)
{
	set(f);
	f->line.kind = n % LINE_KINDS;
	n /= LINE_KINDS;
	f->line.tells = n % LINE_TELLS;
	n /= LINE_TELLS;
	f->line.messages = n & 1;
	f->line.ring_back = n >> 1 & 1;
	f->facts.number_known = n >> 2 & 1;
	f->facts.open = n >> 3 & 1;
	f->line.notice = n >> 4 & 1;
	f->line.n_languages = n >> 5 & 1 ? LIMIT_LANGUAGES : 1;
	f->facts.staffed = n >> 6 & 1 ? 0xa6 : 1;
	f->facts.here = f->facts.open && f->facts.staffed & 1;
	for (uint8_t i = 0; i < LIMIT_LANGUAGES; i++)
		f->line.languages[i] = i;
	f->menu.language = 0;
}

enum { WORLDS = LINE_KINDS * LINE_TELLS * 128 };


static uint32_t rnd(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;

	return *seed;
}


static bool last_is(const struct core_playlist *list, int prompt)
{
	return list->n && list->v[list->n - 1].prompt == prompt;
}


/* what holds of every reply */
static void check(const struct fixture *f, uint8_t before, enum menu_event ev)
{
	const struct menu_reply *r = &f->reply;

	assert_true(f->menu.state < MENU_STATES);
	assert_true(r->quiet_ms == 0 || r->quiet_ms >= CORE_ANSWER_MS);
	assert_true(r->list.n < LIMIT_PLAYLIST);
	assert_int_equal(r->list.loop, last_is(&r->list, PROMPT_HOLD));
	assert_true(r->play || !r->list.n);
	assert_false(r->ignored && (r->play || r->wishes ||
				    ev != MENU_EV_KEY ||
				    f->menu.state != before));

	for (size_t i = 0; i < r->list.n; i++) {
		assert_true(r->list.v[i].prompt < PROMPTS);
		if (f->line.kind == LINE_DETENTION)
			assert_int_not_equal(r->list.v[i].prompt, PROMPT_HOLD);
	}

	/* hung up on only by these, and only when they have been heard */
	if (r->wishes & MENU_WISH_HANG_UP) {
		assert_true(before == MENU_LEAVING ||
			    before == MENU_WORDS_LEFT ||
			    before == MENU_STAY_OVER ||
			    before == MENU_BLOCKED ||
			    before == MENU_UNCHECKED ||
			    ev == MENU_EV_LEAVE_WORDS);
		assert_int_equal(f->menu.state, MENU_NONE);
	}
	if (f->menu.state == MENU_LEAVING && r->play)
		assert_true(last_is(&r->list, PROMPT_GOODBYE));
	if (f->menu.state == MENU_HOLD && before != MENU_HOLD)
		assert_true(r->wishes & MENU_WISH_WAIT);
}


/* 0; EPROTO changes nothing */
static int happens(struct fixture *f, enum menu_event ev, uint8_t k)
{
	const struct menu was = f->menu;
	int err;

	err = menu_step(&f->menu, ev, k, &f->facts, &f->reply);
	if (err) {
		assert_int_equal(err, EPROTO);
		assert_int_not_equal(ev, MENU_EV_KEY);
		assert_int_not_equal(ev, MENU_EV_PLAYED);
		assert_memory_equal(&was, &f->menu, sizeof(was));
		assert_int_equal(f->reply.wishes, 0);
		assert_false(f->reply.play);
	}
	check(f, was.state, ev);
	if (f->menu.state == MENU_KEPT)
		f->facts.has_message = true;

	return err;
}


/* what the call does for a caller who does nothing; false: nothing is left to
 * happen */
static bool calm(struct fixture *f, bool good)
{
	static const struct {
		uint8_t state;
		uint8_t good, bad;
	} house[] = {
		{MENU_SAVING, MENU_EV_SAVED, MENU_EV_NOT_SAVED},
		{MENU_SAVING_RING_BACK, MENU_EV_SAVED, MENU_EV_NOT_SAVED},
		{MENU_SPEAKING, MENU_EV_FILED, MENU_EV_SILENT},
		{MENU_TO_PERSON, MENU_EV_FILED, MENU_EV_SILENT},
		{MENU_TO_RING_BACK, MENU_EV_FILED, MENU_EV_SILENT},
		{MENU_CHECKING, MENU_EV_NUMBER_GOOD, MENU_EV_NUMBER_BAD},
	};

	for (size_t i = 0; i < STEP_COUNT(house); i++) {
		if (f->menu.state != house[i].state)
			continue;
		assert_int_equal(happens(f, good ? house[i].good :
					 house[i].bad, 0), 0);
		return true;
	}

	if (f->reply.list.loop)
		return false;

	if (f->reply.quiet_ms) {
		assert_int_equal(happens(f, MENU_EV_PLAYED, 0), 0);
		if (f->reply.quiet_ms)
			assert_int_equal(happens(f, MENU_EV_SILENCE, 0), 0);
		return true;
	}

	return !happens(f, MENU_EV_PLAYED, 0);
}


/* somewhere in a dialogue: random keys and events */
static void wander(struct fixture *f, uint32_t *seed, bool *seen)
{
	static const uint8_t begins[] = {
		MENU_EV_BEGIN, MENU_EV_BEGIN, MENU_EV_BEGIN, MENU_EV_BEGIN,
		MENU_EV_BEGIN, MENU_EV_CONFIRM, MENU_EV_LEAVE_WORDS,
		MENU_EV_LOST_BACK,
	};
	const unsigned n = rnd(seed) % 24;
	const enum menu_event begin = begins[rnd(seed) % STEP_COUNT(begins)];

	f->menu.words = rnd(seed) % PROMISE_WORDS; /* of who is rung back */
	f->facts.blocked = rnd(seed) % 16 == 0;
	f->facts.full = rnd(seed) % 4 == 0;
	f->menu.check = rnd(seed) % 8 ? 0 : 1 + rnd(seed) % 9;
	(void)happens(f, begin, 0);
	seen[f->menu.state] = true;
	for (unsigned i = 0; i < n; i++) {
		if (rnd(seed) % 3 == 0)
			(void)calm(f, rnd(seed) % 4);
		else if (rnd(seed) % 8)
			(void)happens(f, MENU_EV_KEY, rnd(seed) % 13);
		else
			(void)happens(f, rnd(seed) % MENU_EV_OVER, 0);
		seen[f->menu.state] = true;
	}
}


/* a wait, a promise, a talk, or the ways out that are no dead end */
static bool safe(const struct fixture *f, bool promised)
{
	switch (f->menu.state) {

	case MENU_HOLD:
	case MENU_STAY:
		return true;

	case MENU_NONE: /* hung up after goodbye, or rung back in vain */
		return promised ||
		       f->reply.wishes & (MENU_WISH_HANG_UP | MENU_WISH_NO_KEY);

	default:
		return false;
	}
}


static void test_silence_leads_somewhere(void **state)
{
	bool seen[MENU_STATES] = {false};
	uint32_t seed = 20231;
	(void)state;

	for (unsigned i = 0; i < 100 * WORLDS; i++) {
		struct fixture f;
		bool promised = false;
		int left = 60;

		furnish(&f, i);
		wander(&f, &seed, seen);
		if (f.menu.state == MENU_NONE)
			continue;

		/* from here on the caller does nothing, and nothing fails */
		while (left && (f.menu.state == MENU_HOLD ||
				f.menu.state == MENU_STAY ||
				calm(&f, true)) && !safe(&f, promised)) {
			promised |= f.menu.state == MENU_KEPT;
			--left;
		}
		if (!left || !safe(&f, promised))
			fail_msg("stuck in %s (world %u)",
				 menu_state_name(f.menu.state), i % WORLDS);
	}

	for (int s = 0; s < MENU_STATES; s++)
		if (!seen[s])
			fail_msg("%s was never reached", menu_state_name(s));
}


/* a dialogue in this state, reached in earnest; false: not in this world */
static bool reach(struct fixture *f, unsigned world, uint8_t wanted,
		  uint32_t *seed)
{
	for (int i = 0; i < 300000; i++) {
		bool seen[MENU_STATES];

		furnish(f, world);
		wander(f, seed, seen);
		if (f->menu.state == wanted)
			return true;
	}

	return false;
}


static void test_zero_is_a_person(void **state)
{
	uint32_t seed = 7;
	(void)state;

	/* ordinary, tells nothing, everything on offer, open, 8 languages */
	const unsigned world = LINE_KINDS * LINE_TELLS * (1 | 2 | 8 | 32);

	for (uint8_t s = MENU_NONE + 1; s < MENU_STATES; s++) {
		struct fixture f;

		if (s == MENU_WORDS_LEFT)
			continue; /* on a voicemail */
		if (s == MENU_STAY || s == MENU_STAY_OVER)
			continue; /* is in the queue for one, whatever they do */
		if (s == MENU_BLOCKED)
			continue; /* nobody is there for them */
		if (s == MENU_CHECK || s == MENU_UNCHECKED)
			continue; /* in a flood 0 is what machines press */

		assert_true(reach(&f, world, s, &seed));
		f.facts.full = false; /* else they are told so in the queue */
		key(&f, 0);
		if (s == MENU_CONFIRM) {
			assert_int_equal(f.reply.wishes, MENU_WISH_TALK);
			continue;
		}

		/* "number" begins with 0? Then it takes some silence */
		if (f.menu.state == MENU_ZERO)
			then(&f, MENU_EV_SILENCE);
		if (s == MENU_ZERO || s == MENU_TYPING)
			continue;
		if (f.menu.state == MENU_TO_PERSON)
			assert_true(calm(&f, true));
		if (f.menu.state != MENU_HOLD ||
		    !(f.reply.wishes & MENU_WISH_WAIT))
			fail_msg("0 in %s leads to %s", menu_state_name(s),
				 menu_state_name(f.menu.state));
	}
}


/* what is a question, and which keys it knows on a line that offers all */
static void test_wrong_keys(void **state)
{
	static const struct {
		uint8_t state;
		uint16_t known;
	} questions[] = {
		{MENU_LANGUAGE, 0x1ff},
		{MENU_HOLD, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 9},
		{MENU_NOBODY, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 9},
		{MENU_LONG, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 9},
		{MENU_BEFORE_TONE, 1 << 0 | 1 << 1 | 1 << 9},
		{MENU_SPEAK, 1 << 0 | 1 << 1 | 1 << 9},
		{MENU_NUMBER, 1 << 0 | 1 << 1 | 1 << 2},
		{MENU_TYPING, 0x3ff | 1 << HASH},
		{MENU_ZERO, 0x3ff | 1 << HASH},
		{MENU_WORDS, 0xf},
		{MENU_HOURS, 0xf},
		{MENU_SHOWN, 0xf},
		{MENU_LEAVING, 1 << 0},
		{MENU_CONFIRM, 1 << 0 | 1 << 1 | 1 << 9},
	};
	const unsigned world = LINE_KINDS * LINE_TELLS * (1 | 2 | 8 | 32);
	uint32_t seed = 99;
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(questions); i++) {
		struct fixture at;

		assert_true(reach(&at, world, questions[i].state, &seed));
		at.facts.has_message = false;
		for (uint8_t k = 0; k < 16; k++) {
			struct fixture f = at;
			bool wrong;

			f.facts.line = &f.line;
			key(&f, k);
			wrong = f.reply.list.n &&
				f.reply.list.v[0].prompt == PROMPT_WRONG_KEY;
			if (wrong == (questions[i].known >> k & 1))
				fail_msg("key %u in %s", k,
					 menu_state_name(questions[i].state));
			if (!wrong)
				continue;
			assert_true(f.reply.list.n > 1);
			assert_int_equal(f.menu.state,
					 questions[i].state == MENU_ZERO ?
					 MENU_TYPING : questions[i].state);
		}
	}
}


/* every pair of state and event, in every world */
static void test_all_pairs(void **state)
{
	(void)state;

	for (unsigned w = 0; w < WORLDS; w++) {
		for (uint8_t s = 0; s < MENU_STATES; s++) {
			for (int ev = 0; ev < MENU_EVENTS; ev++) {
				struct fixture f;

				furnish(&f, w);
				f.menu.state = s;
				(void)happens(&f, ev, 3);
				if (ev == MENU_EV_OVER)
					assert_int_equal(f.menu.state,
							 MENU_NONE);
			}
		}
	}
}


static void test_nonsense(void **state)
{
	struct fixture f;
	(void)state;

	set(&f);
	assert_int_equal(menu_step(NULL, MENU_EV_BEGIN, 0, &f.facts,
				   &f.reply), EINVAL);
	assert_int_equal(menu_step(&f.menu, MENU_EV_BEGIN, 0, NULL,
				   &f.reply), EINVAL);
	assert_int_equal(menu_step(&f.menu, MENU_EV_BEGIN, 0, &f.facts, NULL),
			 EINVAL);
	assert_int_equal(menu_step(&f.menu, MENU_EVENTS, 0, &f.facts,
				   &f.reply), EINVAL);
	f.facts.line = NULL;
	assert_int_equal(menu_step(&f.menu, MENU_EV_BEGIN, 0, &f.facts,
				   &f.reply), EINVAL);
}


static void test_names(void **state)
{
	(void)state;

	for (int a = 0; a < MENU_STATES; a++) {
		assert_non_null(menu_state_name(a));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(menu_state_name(a),
						menu_state_name(b));
	}
	assert_string_equal(menu_state_name(MENU_STATES), "unknown");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silence_leads_somewhere),
		cmocka_unit_test(test_zero_is_a_person),
		cmocka_unit_test(test_wrong_keys),
		cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
