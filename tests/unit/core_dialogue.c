/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_dialogue.c  The menu beside the queue: what a waiting caller is told
 * and asked, by time, by key, and as people come and go. What exactly is said
 * is in menu.c.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


enum { CHOICE_LINE = 6, TOLD_LINE = 7, PRISON_LINE = 8, NIGHT_LINE = 9 };


static int setup(void **state)
{
	struct desk *d = malloc(sizeof(*d));
	struct core_settings s;
	int err;

	if (!d)
		return -1;
	*state = d;
	s = desk_settings(d);
	for (int i = CHOICE_LINE; i <= NIGHT_LINE; i++)
		s.lines[i] = s.lines[LINE];
	s.lines[CHOICE_LINE].n_languages = 2;
	s.lines[CHOICE_LINE].languages[1] = ES;
	s.lines[TOLD_LINE].tells = TELLS_WAIT;
	s.lines[PRISON_LINE].kind = LINE_DETENTION;
	s.lines[PRISON_LINE].accept_key = 5;
	s.lines[NIGHT_LINE].kind = LINE_AFTER_HOURS;
	err = desk_open_as(d, &s);
	if (!err)
		clock_says(d, MORNING);

	return err;
}


static bool heard(const struct desk *d, enum prompt prompt)
{
	for (size_t i = 0; i < d->did.n; i++) {
		const struct core_playlist *list = &d->did.v[i].play;

		for (uint8_t k = 0; d->did.v[i].type == CORE_PLAY &&
				    k < list->n; k++) {
			if (list->v[k].prompt == prompt)
				return true;
		}
	}

	return false;
}


static const struct call *inside(const struct desk *d, uint64_t call)
{
	return &d->core->calls[call % LIMIT_CALLS];
}


/* ---- languages ---------------------------------------------------------- */

static void who_chooses_is_not_in_the_queue_yet(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty_as(d, ANNA, 1U << EN | 1U << ES, 0);
	call = waiting_as(d, CHOICE_LINE, 0);
	DID(d, "play update");
	assert_int_equal(where(d, call), CALL_CHOOSING);
	key(d, call, 2);
	assert_int_equal(where(d, call), CALL_OFFERED);
	assert_int_equal(record_of(d, call).language, ES);
}


static void the_language_that_was_chosen_counts(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, CHOICE_LINE, 0);
	key(d, call, 2);
	assert_true(heard(d, PROMPT_NOBODY));
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	on_duty_as(d, BELA, 1U << ES, 0);
	assert_int_equal(the(d, CORE_OFFER)->person, BELA);
	settle(d);
	assert_true(heard(d, PROMPT_HOLD)); /* somebody is there now */
}


/* ---- time --------------------------------------------------------------- */

static void news_come_again_and_again(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	on_duty_as(d, ANNA, 1U << EN, 0);
	not_accepted(d, ANNA, CAUSE_DECLINED);
	key(d, call, 0);
	for (int i = 0; i < 3; i++) {
		const uint64_t since = d->now;

		until(d, since + OFFER_MS - 1);
		assert_false(heard(d, PROMPT_OFFER_RING_BACK));
		until(d, since + OFFER_MS);
		assert_true(heard(d, PROMPT_OFFER_RING_BACK));
		assert_true(where(d, call) == CALL_WAITING ||
			    where(d, call) == CALL_OFFERED);
	}
}


static void asked_after_the_longest_wait_and_again(void **state)
{
	struct desk *d = *state;
	uint64_t call, since;

	on_duty(d, ANNA);
	call = waiting(d);
	accepted(d, ANNA); /* the first caller talks for long */
	call = waiting(d);
	since = d->now;
	until(d, since + MAX_WAIT_MS - 1);
	assert_int_equal(inside(d, call)->menu.state, MENU_HOLD);
	until(d, since + MAX_WAIT_MS);
	assert_int_equal(inside(d, call)->menu.state, MENU_LONG);
	assert_int_equal(where(d, call), CALL_WAITING);
	key(d, call, 0);
	since = d->now;
	until(d, since + MAX_WAIT_MS);
	assert_int_equal(inside(d, call)->menu.state, MENU_LONG);

	/* no answer at all: asked to leave a message, and never dropped */
	played(d, call);
	assert_int_equal(where(d, call), CALL_SAVING_MESSAGE);
}


/* Whoever types a number when the time is up is not interrupted. */
static void nobody_is_interrupted(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	(void)waiting(d);
	accepted(d, ANNA);
	call = waiting(d);
	until(d, d->now + MAX_WAIT_MS - 1);
	key(d, call, 1);
	key(d, call, 3);
	until(d, d->now + 5000);
	assert_int_equal(inside(d, call)->menu.state, MENU_TYPING);
}


static void no_key_within_ten_seconds_is_fine(void **state)
{
	struct desk *d = *state;
	uint64_t call, since;

	on_duty(d, ANNA);
	call = waiting_as(d, CHOICE_LINE, 0);
	since = d->now;
	until(d, since + 60000); /* it is still being said */
	assert_int_equal(where(d, call), CALL_CHOOSING);
	played(d, call);
	since = d->now;
	until(d, since + CORE_ANSWER_MS - 1);
	DID(d, "");
	until(d, since + CORE_ANSWER_MS);
	assert_true(heard(d, PROMPT_CHOOSE));
}


static void the_end_of_what_was_replaced_is_late_news(void **state)
{
	struct desk *d = *state;
	uint64_t call;
	uint32_t serial;

	on_duty(d, ANNA);
	call = waiting_as(d, CHOICE_LINE, 0);
	serial = inside(d, call)->serial;
	key(d, call, 7);
	assert_int_equal(TELL(d, .type = CORE_PLAYED, .call = call,
			      .serial = serial), ENOENT);
	assert_true(d->traced[0].unexpected);
	assert_int_equal(TELL(d, .type = CORE_PLAYED, .call = call),
			 ENOENT);
}


/* ---- people come and go ------------------------------------------------- */

static void the_last_one_goes_and_another_comes(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting(d);
	assert_int_equal(inside(d, call)->menu.state, MENU_HOLD);
	off_duty(d, ANNA);
	settle(d);
	assert_int_equal(inside(d, call)->menu.state, MENU_NOBODY);
	assert_true(heard(d, PROMPT_NOBODY));
	assert_int_equal(where(d, call), CALL_WAITING);

	/* waits all the same: not asked at each tick of the clock */
	key(d, call, 0);
	clock_says(d, MORNING + 60000);
	assert_int_equal(inside(d, call)->menu.state, MENU_HOLD);

	on_duty(d, BELA);
	assert_int_equal(where(d, call), CALL_OFFERED);
}


/* came while the caller was choosing, and goes again */
static void who_comes_during_the_choice_is_missed_when_gone(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty_as(d, BELA, 1U << ES, 0);
	call = waiting_as(d, CHOICE_LINE, 0);
	assert_int_equal(where(d, call), CALL_CHOOSING);
	on_duty(d, ANNA);
	settle(d);
	key(d, call, 1);
	assert_int_equal(where(d, call), CALL_OFFERED);
	off_duty(d, ANNA);
	settle(d);
	assert_int_equal(inside(d, call)->menu.state, MENU_NOBODY);
}


static void a_line_that_closes_rings_nobody(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	d->closed = true;
	clock_says(d, MORNING);
	on_duty(d, ANNA);
	call = waiting(d);
	assert_true(heard(d, PROMPT_CLOSED));
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	d->closed = false;
	clock_says(d, MORNING + 60000);
	assert_int_equal(where(d, call), CALL_OFFERED);
}


/* pressed 0 where nobody was: somebody might have come, but not any more */
static void nobody_waits_on_a_line_that_closes(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting(d);

	key(d, call, 0);
	assert_int_equal(inside(d, call)->menu.state, MENU_HOLD);
	d->closed = true;
	clock_says(d, MORNING + 60000);
	assert_int_equal(inside(d, call)->menu.state, MENU_NOBODY);
	assert_true(heard(d, PROMPT_CLOSED));
}


/* ---- other lines -------------------------------------------------------- */

static void a_detention_line_presses_the_key_and_rings(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, PRISON_LINE, 0);
	DID(d, "send_key play update offer");
	assert_int_equal(the(d, CORE_SEND_KEY)->key, 5);
	assert_false(heard(d, PROMPT_GREETING));
	assert_false(heard(d, PROMPT_HOLD));
	assert_int_equal(where(d, call), CALL_OFFERED);
	if (inside(d, call)->serial)
		played(d, call);
	silence(d, call);
	assert_true(heard(d, PROMPT_STAY));
}


/* A key that is ignored does not begin the silence anew. */
static void who_leans_on_the_keys_is_told_to_stay(void **state)
{
	struct desk *d = *state;
	uint64_t call, since;

	on_duty(d, ANNA);
	call = waiting_as(d, PRISON_LINE, 0);
	played(d, call);
	since = d->now;
	for (int i = 1; i < 5; i++) {
		until(d, since + 3000 * (uint64_t)i);
		key(d, call, 1);
		DID(d, "");
	}
	until(d, since + 15000);
	assert_true(heard(d, PROMPT_STAY));
}


static void after_hours_nobody_is_rung(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, NIGHT_LINE, HANDLE);
	assert_true(heard(d, PROMPT_CLOSED));
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	for (int i = 0; i < 4; i++)
		key(d, call, 1);
	OK(d, .type = CORE_PROMISE_MADE, .call = call);
	caller_gone(d, call);
	assert_int_equal(where(d, call), CALL_DUE_OFFERED);
}


/* ---- what they are told ------------------------------------------------- */

static void the_wait_is_learnt_from_talks(void **state)
{
	struct desk *d = *state;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, TOLD_LINE, 0);
	assert_false(heard(d, PROMPT_WAIT_5));
	accepted(d, ANNA);
	d->now += 300000;
	caller_gone(d, call);

	call = waiting_as(d, TOLD_LINE, 0);
	assert_true(heard(d, PROMPT_WAIT_5)); /* one talk before them */
	(void)waiting_as(d, TOLD_LINE, 0);
	assert_true(heard(d, PROMPT_WAIT_10)); /* two */
	OK(d, .type = CORE_PERSON, .person = BELA, .lines = UINT16_MAX,
	   .languages = 1);
	OK(d, .type = CORE_PERSON_ON, .person = BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, call);
	(void)waiting_as(d, TOLD_LINE, 0);
	assert_true(heard(d, PROMPT_WAIT_10)); /* three, for two */
}


/* ---- who redials -------------------------------------------------------- */

static void who_redials_keeps_the_place(void **state)
{
	struct desk *d = *state;
	uint64_t first, second;

	first = waiting_as(d, LINE, HANDLE);
	d->now += 1000;
	second = waiting(d);
	caller_gone(d, first);
	d->now += CORE_REDIAL_MS;
	first = waiting_as(d, LINE, HANDLE);
	on_duty(d, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->call, first);

	/* once more, and still before the other one */
	caller_gone(d, first);
	first = waiting_as(d, LINE, HANDLE);
	on_duty(d, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, first);
	on_duty(d, CEM);
	assert_int_equal(the(d, CORE_OFFER)->call, second);
}


static void too_late_or_on_another_line(void **state)
{
	struct desk *d = *state;
	uint64_t first, second;

	first = waiting_as(d, LINE, HANDLE);
	d->now += 1000;
	second = waiting(d);
	caller_gone(d, first);
	d->now += CORE_REDIAL_MS + 1;
	(void)waiting_as(d, LINE, HANDLE);
	(void)waiting_as(d, OTHER_LINE, HANDLE);
	on_duty(d, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->call, second);
}


static void cut_off_by_us_keeps_the_place_too(void **state)
{
	struct desk *d = *state;
	uint64_t call = waiting_as(d, LINE, HANDLE);

	d->now += 1000;
	(void)waiting(d);
	OK(d, .type = CORE_CLOSE, .call = call, .cause = CAUSE_RESTART);
	call = waiting_as(d, LINE, HANDLE);
	on_duty(d, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->call, call);
}


/* As many as there is room for; the oldest is forgotten first. */
static void only_so_many_are_remembered(void **state)
{
	struct desk *d = *state;
	uint64_t call, other;

	for (uint32_t i = 0; i <= LIMIT_REDIALS; i++) {
		call = waiting_as(d, LINE, HANDLE + i);
		caller_gone(d, call);
	}
	d->now += 1000;
	other = waiting(d);
	(void)waiting_as(d, LINE, HANDLE);
	call = waiting_as(d, LINE, HANDLE + 1);
	on_duty(d, ANNA);
	assert_int_equal(the(d, CORE_OFFER)->call, call);
	on_duty(d, BELA);
	assert_int_equal(the(d, CORE_OFFER)->call, other);
}


#define TEST(test)                                                            \
	cmocka_unit_test_setup_teardown(test, setup, desk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_chooses_is_not_in_the_queue_yet),
		TEST(the_language_that_was_chosen_counts),
		TEST(news_come_again_and_again),
		TEST(asked_after_the_longest_wait_and_again),
		TEST(nobody_is_interrupted),
		TEST(no_key_within_ten_seconds_is_fine),
		TEST(the_end_of_what_was_replaced_is_late_news),
		TEST(the_last_one_goes_and_another_comes),
		TEST(who_comes_during_the_choice_is_missed_when_gone),
		TEST(a_line_that_closes_rings_nobody),
		TEST(nobody_waits_on_a_line_that_closes),
		TEST(a_detention_line_presses_the_key_and_rings),
		TEST(who_leans_on_the_keys_is_told_to_stay),
		TEST(after_hours_nobody_is_rung),
		TEST(the_wait_is_learnt_from_talks),
		TEST(who_redials_keeps_the_place),
		TEST(too_late_or_on_another_line),
		TEST(cut_off_by_us_keeps_the_place_too),
		TEST(only_so_many_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
