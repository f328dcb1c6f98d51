/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * menu.c  Tests of the dialogue with a caller: docs/caller.md step by step.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "menu_line.h"


enum { END = PROMPTS };


static const char *word(int prompt)
{
	static const char *const words[] = {
#define X(name, w) w,
		CORE_PROMPTS(X)
#undef X
	};

	return prompt < PROMPTS ? words[prompt] : "?";
}


/* the list, to END */
static void heard_(const struct fixture *f, int line, ...)
{
	va_list ap;
	size_t i = 0;

	va_start(ap, line);
	for (int p = va_arg(ap, int); p != END; p = va_arg(ap, int)) {
		if (i >= f->reply.list.n)
			fail_msg("line %d: nothing where %s should be heard",
				 line, word(p));
		if (f->reply.list.v[i].prompt != p)
			fail_msg("line %d: %s where %s should be heard", line,
				 word(f->reply.list.v[i].prompt),
				 word(p));
		++i;
	}
	va_end(ap);
	if (i != f->reply.list.n)
		fail_msg("line %d: %s is heard as well", line,
			 word(f->reply.list.v[i].prompt));
	assert_true(f->reply.play);
}

#define HEARD(f, ...) heard_((f), __LINE__, __VA_ARGS__, END)
#define IN(f, s, w)                                                           \
	do {                                                                  \
		assert_string_equal(menu_state_name((f)->menu.state),         \
				    menu_state_name(s));                      \
		assert_int_equal((f)->reply.wishes, (w));                     \
	} while (0)

enum {
	GREETING = PROMPT_GREETING, NOTICE = PROMPT_NOTICE,
	CHOOSE = PROMPT_CHOOSE, CHOOSE_LATER = PROMPT_CHOOSE_LATER,
	PRESS = PROMPT_PRESS, WRONG_KEY = PROMPT_WRONG_KEY,
	RINGING = PROMPT_RINGING_FOR_YOU, HOLD = PROMPT_HOLD,
	STAY = PROMPT_STAY, POSITION = PROMPT_POSITION,
	OFFER_RING_BACK = PROMPT_OFFER_RING_BACK,
	OFFER_MESSAGE = PROMPT_OFFER_MESSAGE,
	OFFER_DECLINE = PROMPT_OFFER_DECLINE,
	OFFER_STAY = PROMPT_OFFER_STAY, NOBODY = PROMPT_NOBODY,
	CLOSED = PROMPT_CLOSED, LONG_WAIT = PROMPT_LONG_WAIT,
	SPEAK = PROMPT_SPEAK, TONE = PROMPT_TONE, SILENT = PROMPT_SILENT,
	KEPT_MESSAGE = PROMPT_KEPT_MESSAGE,
	ASK_RING_BACK = PROMPT_ASK_RING_BACK, NUMBER_IS = PROMPT_NUMBER_IS,
	NUMBER = PROMPT_NUMBER, NUMBER_RIGHT = PROMPT_NUMBER_RIGHT,
	TYPE_NUMBER = PROMPT_TYPE_NUMBER, NUMBER_BAD = PROMPT_NUMBER_BAD,
	ASK_WORDS = PROMPT_ASK_WORDS, ASK_HOURS = PROMPT_ASK_HOURS,
	ASK_SHOWN = PROMPT_ASK_SHOWN, SHOW_WITHHELD = PROMPT_SHOW_WITHHELD,
	SHOW_LINE = PROMPT_SHOW_LINE, SHOW_NEUTRAL = PROMPT_SHOW_NEUTRAL,
	KEPT_RING_BACK = PROMPT_KEPT_RING_BACK, NOT_KEPT = PROMPT_NOT_KEPT,
	GOODBYE = PROMPT_GOODBYE, CONFIRM = PROMPT_CONFIRM,
};


/* --- the dialogue, step by step ----------------------------------------- */

static void hold(struct fixture *f)
{
	set(f);
	then(f, MENU_EV_BEGIN);
	IN(f, MENU_HOLD, MENU_WISH_WAIT);
}


/* nobody on duty; at the offers */
static void nobody(struct fixture *f)
{
	set(f);
	f->facts.here = false;
	f->facts.staffed = 0;
	then(f, MENU_EV_BEGIN);
	IN(f, MENU_NOBODY, 0);
}


/* the message is being recorded */
static void speaking(struct fixture *f)
{
	nobody(f);
	then(f, MENU_EV_PLAYED);
	then(f, MENU_EV_SAVED);
	then(f, MENU_EV_PLAYED);
	IN(f, MENU_SPEAKING, MENU_WISH_RECORD);
}


/* pressed 1 while waiting, and the number is right */
static void words(struct fixture *f)
{
	hold(f);
	key(f, 1);
	key(f, 1);
	IN(f, MENU_WORDS, 0);
}


static void test_one_language(void **state)
{
	struct fixture f;
	(void)state;

	hold(&f);
	HEARD(&f, GREETING, NOTICE, RINGING, HOLD);
	assert_true(f.reply.list.loop);
	assert_int_equal(f.reply.quiet_ms, 0);
	assert_int_equal(f.reply.list.v[0].language, EN);

	set(&f);
	f.line.notice = false;
	f.line.tells = TELLS_POSITION;
	then(&f, MENU_EV_BEGIN);
	HEARD(&f, GREETING, RINGING, POSITION, PROMPT_ONE, HOLD);
}


static void two_languages(struct fixture *f, uint32_t staffed)
{
	set(f);
	f->line.n_languages = 2;
	f->facts.staffed = staffed;
	f->facts.here = staffed & 1;
	then(f, MENU_EV_BEGIN);
}


static void test_language_choice(void **state)
{
	struct fixture f;
	(void)state;

	two_languages(&f, 1);
	IN(&f, MENU_LANGUAGE, 0);
	HEARD(&f, GREETING, NOTICE, CHOOSE, PRESS, PROMPT_ONE, CHOOSE_LATER,
	      PRESS, PROMPT_TWO);
	assert_int_equal(f.reply.list.v[0].language, EN);
	assert_int_equal(f.reply.list.v[2].language, EN);
	for (size_t i = 5; i < 8; i++)
		assert_int_equal(f.reply.list.v[i].language, ES);

	/* in the middle of the sentence, and there is no such key */
	key(&f, 3);
	IN(&f, MENU_LANGUAGE, 0);
	HEARD(&f, WRONG_KEY, CHOOSE, PRESS, PROMPT_ONE, CHOOSE_LATER, PRESS,
	      PROMPT_TWO);

	key(&f, 1);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	assert_int_equal(f.menu.language, EN);

	/* nobody speaks it now: a promise in that language */
	two_languages(&f, 1);
	key(&f, 2);
	IN(&f, MENU_NOBODY, 0);
	assert_int_equal(f.menu.language, ES);
	HEARD(&f, NOBODY, OFFER_RING_BACK, OFFER_DECLINE, SPEAK);
	assert_int_equal(f.reply.list.v[0].language, ES);
}


static void test_language_silence(void **state)
{
	struct fixture f;
	(void)state;

	/* only the second one is staffed */
	two_languages(&f, 2);
	then(&f, MENU_EV_PLAYED);
	assert_int_equal(f.reply.quiet_ms, CORE_ANSWER_MS);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_LANGUAGE, 0);
	HEARD(&f, CHOOSE_LATER, PRESS, PROMPT_ONE, CHOOSE, PRESS, PROMPT_TWO);
	f.facts.here = true;
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	assert_int_equal(f.menu.language, ES);

	two_languages(&f, 2);
	f.facts.here = true;
	key(&f, 0);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	assert_int_equal(f.menu.language, ES);

	/* the last one left meanwhile */
	two_languages(&f, 2);
	f.facts.staffed = 0;
	key(&f, 0);
	IN(&f, MENU_NOBODY, 0);
	assert_int_equal(f.menu.language, EN);

	/* none is staffed: no choice */
	two_languages(&f, 0);
	IN(&f, MENU_NOBODY, 0);
	HEARD(&f, GREETING, NOTICE, NOBODY, OFFER_RING_BACK, OFFER_DECLINE,
	      SPEAK);
}


static void test_eight_languages(void **state)
{
	struct fixture f;
	(void)state;

	set(&f);
	f.line.n_languages = LIMIT_LANGUAGES;
	then(&f, MENU_EV_BEGIN);
	assert_int_equal(f.reply.list.n, 2 + 3 * LIMIT_LANGUAGES);
	assert_int_equal(f.reply.list.v[f.reply.list.n - 1].prompt,
			 PROMPT_EIGHT);
	key(&f, 9);
	assert_int_equal(f.reply.list.n, 1 + 3 * LIMIT_LANGUAGES);
	key(&f, 8);
	IN(&f, MENU_NOBODY, 0);
}


static void test_waiting(void **state)
{
	struct fixture f;
	(void)state;

	hold(&f);
	f.line.tells = TELLS_POSITION;
	f.facts.position = 10;
	then(&f, MENU_EV_NEWS);
	IN(&f, MENU_HOLD, 0);
	HEARD(&f, PROMPT_POSITION_FAR, OFFER_RING_BACK, HOLD);
	assert_true(f.reply.list.loop);

	key(&f, 5);
	IN(&f, MENU_HOLD, 0);
	HEARD(&f, WRONG_KEY, PROMPT_POSITION_FAR, OFFER_RING_BACK, HOLD);
	key(&f, 0);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);

	f.line.ring_back = false;
	f.line.tells = TELLS_NOTHING;
	then(&f, MENU_EV_NEWS);
	HEARD(&f, OFFER_MESSAGE, HOLD);
	key(&f, 1);
	HEARD(&f, WRONG_KEY, OFFER_MESSAGE, HOLD);

	/* nothing to tell does not begin the hold sound anew */
	f.line.messages = false;
	then(&f, MENU_EV_NEWS);
	assert_false(f.reply.play);
	assert_int_equal(f.reply.list.n, 0);
	key(&f, 2);
	HEARD(&f, WRONG_KEY, HOLD);

	key(&f, 9);
	IN(&f, MENU_LEAVING, MENU_WISH_DECLINE);
	HEARD(&f, GOODBYE);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_NONE, MENU_WISH_HANG_UP);
}


static void test_expected_wait(void **state)
{
	static const struct {
		uint64_t wait_ms;
		int prompt;
	} cases[] = {
		{0, PROMPT_WAIT_2},
		{120000, PROMPT_WAIT_2},
		{120001, PROMPT_WAIT_5},
		{600000, PROMPT_WAIT_10},
		{1200000, PROMPT_WAIT_20},
		{1200001, PROMPT_WAIT_LONG},
		{UINT64_MAX - 1, PROMPT_WAIT_LONG},
	};
	struct fixture f;
	(void)state;

	hold(&f);
	f.line.tells = TELLS_WAIT;
	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		f.facts.wait_ms = cases[i].wait_ms;
		then(&f, MENU_EV_NEWS);
		HEARD(&f, cases[i].prompt, OFFER_RING_BACK, HOLD);
	}
	f.facts.wait_ms = UINT64_MAX;
	then(&f, MENU_EV_NEWS);
	HEARD(&f, OFFER_RING_BACK, HOLD);
}


static void test_message(void **state)
{
	struct fixture f;
	(void)state;

	nobody(&f);
	HEARD(&f, GREETING, NOTICE, NOBODY, OFFER_RING_BACK, OFFER_DECLINE,
	      SPEAK);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_SAVING, MENU_WISH_MESSAGE);
	then(&f, MENU_EV_SAVED);
	IN(&f, MENU_SPEAK, 0);
	HEARD(&f, TONE);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_SPEAKING, MENU_WISH_RECORD);
	assert_true(f.reply.play);
	assert_int_equal(f.reply.list.n, 0);
	assert_int_equal(f.reply.quiet_ms, 0);

	/* the cheek on the keys */
	key(&f, 6);
	IN(&f, MENU_SPEAKING, 0);
	assert_false(f.reply.play);
	assert_true(f.reply.ignored);
	key(&f, HASH);
	IN(&f, MENU_SPEAKING, MENU_WISH_STOP);
	f.facts.has_message = true;
	then(&f, MENU_EV_FILED);
	IN(&f, MENU_KEPT, 0);
	HEARD(&f, KEPT_MESSAGE, ASK_RING_BACK);
	key(&f, 4);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, GOODBYE);
}


static void test_message_then(void **state)
{
	struct fixture f;
	(void)state;

	/* a line that does not ring back */
	speaking(&f);
	f.line.ring_back = false;
	then(&f, MENU_EV_FILED);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, KEPT_MESSAGE, GOODBYE);

	/* silence is asked once more, then fine */
	speaking(&f);
	f.facts.has_message = true;
	then(&f, MENU_EV_FILED);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_KEPT, 0);
	HEARD(&f, ASK_RING_BACK);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_LEAVING, 0);

	/* and rung back as well */
	speaking(&f);
	f.facts.has_message = true;
	then(&f, MENU_EV_FILED);
	key(&f, 1);
	IN(&f, MENU_NUMBER, 0);
	key(&f, 0);
	HEARD(&f, HOLD);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	then(&f, MENU_EV_NOBODY);
	IN(&f, MENU_KEPT, 0);
	HEARD(&f, NOBODY, KEPT_MESSAGE, ASK_RING_BACK);
}


static void test_silent_message(void **state)
{
	struct fixture f;
	(void)state;

	speaking(&f);
	for (int i = 0; i < 2; i++) {
		then(&f, MENU_EV_SILENT);
		IN(&f, MENU_SPEAK, 0);
		HEARD(&f, SILENT, SPEAK, TONE);
		then(&f, MENU_EV_PLAYED);
		IN(&f, MENU_SPEAKING, MENU_WISH_RECORD);
	}
	then(&f, MENU_EV_SILENT);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, SILENT, GOODBYE);
}


static void test_keys_while_recording(void **state)
{
	struct fixture f;
	(void)state;

	speaking(&f);
	key(&f, 0);
	IN(&f, MENU_TO_PERSON, MENU_WISH_STOP);
	key(&f, 1);
	IN(&f, MENU_TO_PERSON, 0);
	f.facts.has_message = true;
	then(&f, MENU_EV_FILED);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);

	/* one message a call */
	key(&f, 2);
	IN(&f, MENU_HOLD, 0);
	HEARD(&f, KEPT_MESSAGE, OFFER_RING_BACK, HOLD);
	/* nor is it thrown away */
	key(&f, 9);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, KEPT_MESSAGE, GOODBYE);

	speaking(&f);
	key(&f, 1);
	IN(&f, MENU_TO_RING_BACK, MENU_WISH_STOP);
	then(&f, MENU_EV_FILED);
	IN(&f, MENU_NUMBER, 0);
	HEARD(&f, KEPT_MESSAGE, NUMBER_IS, NUMBER, NUMBER_RIGHT);

	speaking(&f);
	key(&f, 1);
	then(&f, MENU_EV_SILENT);
	HEARD(&f, NUMBER_IS, NUMBER, NUMBER_RIGHT);

	speaking(&f);
	key(&f, 1);
	key(&f, 0);
	then(&f, MENU_EV_SILENT);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
}


static void test_message_while_waiting(void **state)
{
	struct fixture f;
	(void)state;

	hold(&f);
	key(&f, 2);
	IN(&f, MENU_BEFORE_TONE, 0);
	HEARD(&f, SPEAK);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_SAVING, MENU_WISH_MESSAGE);
	then(&f, MENU_EV_NOT_SAVED);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	HEARD(&f, NOT_KEPT, RINGING, HOLD);

	/* 0 while the promise is on its way to disk */
	key(&f, 2);
	then(&f, MENU_EV_PLAYED);
	key(&f, 0);
	IN(&f, MENU_TO_PERSON, 0);
	then(&f, MENU_EV_SAVED);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);

	/* nobody is there, and no disk: tried again */
	nobody(&f);
	then(&f, MENU_EV_PLAYED);
	then(&f, MENU_EV_NOT_SAVED);
	IN(&f, MENU_NOBODY, 0);
	HEARD(&f, NOT_KEPT, NOBODY, OFFER_RING_BACK, OFFER_DECLINE, SPEAK);
}


static void test_nobody(void **state)
{
	struct fixture f;
	(void)state;

	nobody(&f);
	key(&f, 4);
	IN(&f, MENU_NOBODY, 0);
	HEARD(&f, WRONG_KEY, NOBODY, OFFER_RING_BACK, OFFER_DECLINE, SPEAK);
	f.facts.here = true;
	then(&f, MENU_EV_SOMEBODY);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	HEARD(&f, RINGING, HOLD);
	f.facts.here = false;
	then(&f, MENU_EV_NOBODY);
	IN(&f, MENU_NOBODY, 0);
	HEARD(&f, NOBODY, OFFER_RING_BACK, OFFER_DECLINE, SPEAK);

	/* waits all the same, and is not told that anybody is rung */
	key(&f, 0);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	HEARD(&f, HOLD);

	nobody(&f);
	key(&f, 9);
	IN(&f, MENU_LEAVING, MENU_WISH_DECLINE);

	/* a line that takes no messages */
	set(&f);
	f.line.messages = false;
	f.facts.here = false;
	then(&f, MENU_EV_BEGIN);
	HEARD(&f, GREETING, NOTICE, NOBODY, OFFER_RING_BACK, OFFER_STAY,
	      OFFER_DECLINE);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_NOBODY, 0);
	assert_int_equal(f.reply.quiet_ms, CORE_ANSWER_MS);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_NOBODY, 0);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
}


static void test_closed(void **state)
{
	struct fixture f;
	(void)state;

	set(&f);
	f.facts.open = false;
	then(&f, MENU_EV_BEGIN);
	HEARD(&f, GREETING, NOTICE, CLOSED, OFFER_RING_BACK, OFFER_DECLINE,
	      SPEAK);
	key(&f, 0);
	IN(&f, MENU_NOBODY, 0);
	HEARD(&f, CLOSED, OFFER_RING_BACK, OFFER_DECLINE, SPEAK);

	/* after hours: always, and nobody is ever rung */
	set(&f);
	f.line.kind = LINE_AFTER_HOURS;
	f.line.n_languages = 2;
	then(&f, MENU_EV_BEGIN);
	IN(&f, MENU_NOBODY, 0);
	HEARD(&f, GREETING, NOTICE, CLOSED, OFFER_RING_BACK, OFFER_DECLINE,
	      SPEAK);

	/* a ring-back and nothing else: offered five times, not for ever */
	set(&f);
	f.facts.open = f.line.messages = false;
	then(&f, MENU_EV_BEGIN);
	HEARD(&f, GREETING, NOTICE, CLOSED, OFFER_RING_BACK, OFFER_DECLINE);
	for (int i = 0; i < 4; i++) {
		then(&f, MENU_EV_PLAYED);
		then(&f, MENU_EV_SILENCE);
		IN(&f, MENU_NOBODY, 0);
		HEARD(&f, CLOSED, OFFER_RING_BACK, OFFER_DECLINE);
	}
	then(&f, MENU_EV_PLAYED);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, GOODBYE);

	/* neither message nor ring-back: said, not pretended */
	set(&f);
	f.facts.open = false;
	f.line.messages = f.line.ring_back = false;
	then(&f, MENU_EV_BEGIN);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, GREETING, NOTICE, CLOSED, GOODBYE);
}


static void test_too_long(void **state)
{
	struct fixture f;
	(void)state;

	hold(&f);
	then(&f, MENU_EV_TOO_LONG);
	IN(&f, MENU_LONG, 0);
	HEARD(&f, LONG_WAIT, OFFER_RING_BACK, OFFER_STAY, OFFER_DECLINE,
	      SPEAK);
	key(&f, 0);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);

	then(&f, MENU_EV_TOO_LONG);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_SAVING, MENU_WISH_MESSAGE);

	hold(&f);
	f.line.messages = false;
	then(&f, MENU_EV_TOO_LONG);
	then(&f, MENU_EV_SILENCE);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
}


static void test_ring_back(void **state)
{
	struct fixture f;
	(void)state;

	hold(&f);
	key(&f, 1);
	IN(&f, MENU_NUMBER, 0);
	HEARD(&f, NUMBER_IS, NUMBER, NUMBER_RIGHT);
	assert_false(f.menu.number_confirmed);
	key(&f, 1);
	HEARD(&f, ASK_WORDS);
	assert_true(f.menu.number_confirmed);
	key(&f, 3);
	HEARD(&f, ASK_HOURS);
	key(&f, 2);
	HEARD(&f, ASK_SHOWN, SHOW_WITHHELD, SHOW_LINE, SHOW_NEUTRAL);
	key(&f, 2);
	IN(&f, MENU_SAVING_RING_BACK, MENU_WISH_RING_BACK);
	assert_int_equal(f.menu.words, WORDS_NAME);
	assert_int_equal(f.menu.hours, HOURS_DAY);
	assert_int_equal(f.menu.shown, SHOWN_LINE);
	then(&f, MENU_EV_SAVED);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, KEPT_RING_BACK, GOODBYE);
	key(&f, 7);
	HEARD(&f, WRONG_KEY, GOODBYE);
	key(&f, 0);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
}


static void test_ring_back_silence(void **state)
{
	struct fixture f;
	(void)state;

	words(&f);
	for (int i = 0; i < 6; i++) {
		assert_true(f.menu.number_confirmed);
		assert_int_equal(f.reply.quiet_ms, CORE_ANSWER_MS);
		then(&f, MENU_EV_SILENCE);
	}
	IN(&f, MENU_SAVING_RING_BACK, MENU_WISH_RING_BACK);
	assert_int_equal(f.menu.words, WORDS_NONE);
	assert_int_equal(f.menu.hours, HOURS_ANY);
	assert_int_equal(f.menu.shown, SHOWN_WITHHELD);

	then(&f, MENU_EV_NOT_SAVED);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	HEARD(&f, NOT_KEPT, RINGING, HOLD);
	assert_true(f.menu.number_confirmed);

	/* a number that is not confirmed is not rung */
	key(&f, 1);
	for (int i = 0; i < 3; i++)
		then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	assert_false(f.menu.number_confirmed);
}


static void test_shown(void **state)
{
	static const struct {
		uint8_t offered;
		bool asked;
		enum promise_shown careful;
	} cases[] = {
		{0, false, SHOWN_WITHHELD},
		{1 << SHOWN_WITHHELD, false, SHOWN_WITHHELD},
		{1 << SHOWN_LINE, false, SHOWN_LINE},
		{1 << SHOWN_NEUTRAL, false, SHOWN_NEUTRAL},
		{1 << SHOWN_LINE | 1 << SHOWN_NEUTRAL, true, SHOWN_NEUTRAL},
		{1 << SHOWN_LINE | 1 << SHOWN_WITHHELD, true, SHOWN_WITHHELD},
	};
	struct fixture f;
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(cases); i++) {
		hold(&f);
		f.line.shown = cases[i].offered;
		key(&f, 1);
		key(&f, 1);
		key(&f, 1);
		key(&f, 1);
		assert_int_equal(f.menu.state, cases[i].asked ?
				 MENU_SHOWN : MENU_SAVING_RING_BACK);
		assert_int_equal(f.menu.shown, cases[i].careful);
	}

	/* 3 is not on offer */
	HEARD(&f, ASK_SHOWN, SHOW_WITHHELD, SHOW_LINE);
	key(&f, 3);
	IN(&f, MENU_SHOWN, 0);
	HEARD(&f, WRONG_KEY, ASK_SHOWN, SHOW_WITHHELD, SHOW_LINE);
}


static void typing(struct fixture *f)
{
	hold(f);
	f->facts.number_known = false;
	key(f, 1);
	IN(f, MENU_TYPING, MENU_WISH_TYPE_ANEW);
	HEARD(f, TYPE_NUMBER);
}


static void test_typing(void **state)
{
	struct fixture f;
	(void)state;

	typing(&f);
	key(&f, 5);
	IN(&f, MENU_TYPING, MENU_WISH_TYPED);
	assert_true(f.reply.play);
	assert_int_equal(f.reply.list.n, 0);
	key(&f, 0);
	IN(&f, MENU_TYPING, MENU_WISH_TYPED);
	assert_false(f.reply.play);
	assert_int_equal(f.reply.quiet_ms, CORE_ANSWER_MS);

	/* two digits are none */
	key(&f, HASH);
	IN(&f, MENU_TYPING, MENU_WISH_TYPE_ANEW);
	HEARD(&f, NUMBER_BAD, TYPE_NUMBER);

	for (uint8_t k = 1; k <= 3; k++)
		key(&f, k);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_CHECKING, MENU_WISH_CHECK);
	key(&f, 4);
	IN(&f, MENU_CHECKING, 0);
	then(&f, MENU_EV_NUMBER_BAD);
	IN(&f, MENU_TYPING, MENU_WISH_TYPE_ANEW);

	for (uint8_t k = 1; k <= 3; k++)
		key(&f, k);
	key(&f, HASH);
	then(&f, MENU_EV_NUMBER_GOOD);
	IN(&f, MENU_NUMBER, 0);
	key(&f, 2);
	IN(&f, MENU_TYPING, MENU_WISH_TYPE_ANEW);
}


static void test_typing_limits(void **state)
{
	struct fixture f;
	(void)state;

	/* no longer than a number can be; * begins anew */
	typing(&f);
	for (int i = 0; i < LIMIT_DIGITS; i++)
		key(&f, 1);
	IN(&f, MENU_TYPING, MENU_WISH_TYPED);
	key(&f, 1);
	IN(&f, MENU_TYPING, MENU_WISH_TYPE_ANEW);
	HEARD(&f, NUMBER_BAD, TYPE_NUMBER);
	key(&f, 1);
	key(&f, STAR);
	IN(&f, MENU_TYPING, MENU_WISH_TYPE_ANEW);
	HEARD(&f, WRONG_KEY, TYPE_NUMBER);
	assert_int_equal(f.menu.n_digits, 0);

	/* nothing typed, three times */
	for (int i = 0; i < 3; i++)
		then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);

	/* a 0 begins a number; alone it is a person */
	typing(&f);
	key(&f, 0);
	IN(&f, MENU_ZERO, MENU_WISH_TYPED);
	key(&f, 0);
	IN(&f, MENU_TYPING, MENU_WISH_TYPED);
	typing(&f);
	key(&f, 0);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	typing(&f);
	key(&f, 0);
	key(&f, HASH);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
}


static void test_detention(void **state)
{
	struct fixture f;
	(void)state;

	set(&f);
	f.line.kind = LINE_DETENTION;
	f.line.n_languages = 2;
	then(&f, MENU_EV_BEGIN);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	HEARD(&f, STAY);
	assert_false(f.reply.list.loop);
	for (int i = 0; i < 300; i++) {
		then(&f, MENU_EV_PLAYED);
		assert_int_equal(f.reply.quiet_ms, 15000);
		then(&f, MENU_EV_SILENCE);
		IN(&f, MENU_HOLD, 0);
		HEARD(&f, STAY);
	}
	assert_int_equal(menu_step(&f.menu, MENU_EV_NEWS, 0, &f.facts,
				   &f.reply), EPROTO);

	for (uint8_t k = 1; k < 16; k++) {
		key(&f, k);
		IN(&f, MENU_HOLD, 0);
		assert_false(f.reply.play);
		assert_true(f.reply.ignored);
	}

	f.facts.here = false;
	then(&f, MENU_EV_NOBODY);
	HEARD(&f, NOBODY, SPEAK);
	key(&f, 0);
	IN(&f, MENU_HOLD, MENU_WISH_WAIT);
	HEARD(&f, STAY);

	then(&f, MENU_EV_TOO_LONG);
	HEARD(&f, NOBODY, SPEAK);
	then(&f, MENU_EV_PLAYED);
	then(&f, MENU_EV_SAVED);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_SPEAKING, MENU_WISH_RECORD);
	then(&f, MENU_EV_FILED);
	IN(&f, MENU_LEAVING, 0);
	HEARD(&f, KEPT_MESSAGE, GOODBYE);
}


static void confirm(struct fixture *f, enum promise_words said)
{
	set(f);
	f->menu.words = said;
	then(f, MENU_EV_CONFIRM);
	IN(f, MENU_CONFIRM, 0);
	HEARD(f, CONFIRM);
	assert_in_range(f->reply.quiet_ms, CORE_ANSWER_MS, UINT32_MAX);
}


static void test_rung_back(void **state)
{
	struct fixture f;
	(void)state;

	confirm(&f, WORDS_NONE);
	key(&f, 5);
	HEARD(&f, WRONG_KEY, CONFIRM);
	key(&f, 1);
	IN(&f, MENU_NONE, MENU_WISH_TALK);

	/* declined is declined, whatever else was left */
	confirm(&f, WORDS_NONE);
	f.facts.has_message = true;
	key(&f, 9);
	IN(&f, MENU_LEAVING, MENU_WISH_DECLINE);

	confirm(&f, WORDS_NONE);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_CONFIRM, 0);
	HEARD(&f, CONFIRM);
	then(&f, MENU_EV_SILENCE);
	IN(&f, MENU_NONE, MENU_WISH_NO_KEY);
	then(&f, MENU_EV_LEAVE_WORDS);
	IN(&f, MENU_NONE, MENU_WISH_HANG_UP);
	assert_false(f.reply.play);

	confirm(&f, WORDS_PLAIN);
	then(&f, MENU_EV_SILENCE);
	then(&f, MENU_EV_SILENCE);
	then(&f, MENU_EV_LEAVE_WORDS);
	HEARD(&f, PROMPT_WORDS_PLAIN);
	then(&f, MENU_EV_PLAYED);
	IN(&f, MENU_NONE, MENU_WISH_HANG_UP);

	confirm(&f, WORDS_NAME);
	then(&f, MENU_EV_SILENCE);
	then(&f, MENU_EV_SILENCE);
	then(&f, MENU_EV_LEAVE_WORDS);
	HEARD(&f, PROMPT_WORDS_NAME);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_language),
		cmocka_unit_test(test_language_choice),
		cmocka_unit_test(test_language_silence),
		cmocka_unit_test(test_eight_languages),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_expected_wait),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_message_then),
		cmocka_unit_test(test_silent_message),
		cmocka_unit_test(test_keys_while_recording),
		cmocka_unit_test(test_message_while_waiting),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_ring_back),
		cmocka_unit_test(test_ring_back_silence),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_typing_limits),
		cmocka_unit_test(test_detention),
		cmocka_unit_test(test_rung_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
