/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * records.c  Tests of rows: what is written of a call is what is read of it.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <re.h>

#include "line/records.h"


struct fixture {
	struct config config;
	struct plan_words words;
	struct core_record rec;
	struct store_number number;
};


static int begin(void **state)
{
	static const char *const languages[] = {"en", "es"};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->config.n_lines = 2;
	for (uint32_t i = 0; i < 2; i++) {
		struct config_line *line = &f->config.lines[i];

		str_ncpy(line->name, i ? "night" : "main",
			 sizeof(line->name));
		line->n_languages = 1;
		str_ncpy(line->languages[0], languages[i],
			 sizeof(line->languages[0]));
		str_ncpy(f->words.languages[i], languages[i],
			 sizeof(f->words.languages[i]));
	}
	f->words.n_languages = 2;
	f->rec = (struct core_record){
		.call = 17,
		.line = 1,
		.language = 1,
		.state = CALL_PROMISED,
		.counsellor = 4,
		.arrived_at = 1700000000123,
		.wait_ms = 61000,
		.promise = {
			.kind = PROMISE_RING_BACK,
			.has_number = true,
			.words = WORDS_PLAIN,
			.hours = HOURS_EVENING,
			.shown = SHOWN_NEUTRAL,
			.made_at = 1700000060123,
			.due_at = 1700003600000,
			.next_at = 1700001000000,
			.owner = 5,
			.level = LEVEL_ON_DUTY,
			.n_attempts = 2,
			.n_snoozed = 1,
		},
	};
	f->number = (struct store_number){.dialler = 7, .for_dialler = "s"};
	*state = f;

	return 0;
}


static int end(void **state)
{
	free(*state);

	return 0;
}


static void same_promise(const struct core_promise *a,
			 const struct core_promise *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->has_number, b->has_number);
	assert_int_equal(a->words, b->words);
	assert_int_equal(a->hours, b->hours);
	assert_int_equal(a->shown, b->shown);
	assert_int_equal(a->made_at, b->made_at);
	assert_int_equal(a->due_at, b->due_at);
	assert_int_equal(a->next_at, b->next_at);
	assert_int_equal(a->owner, b->owner);
	assert_int_equal(a->level, b->level);
	assert_int_equal(a->n_attempts, b->n_attempts);
	assert_int_equal(a->n_snoozed, b->n_snoozed);
}


static void what_is_written_is_read(void **state)
{
	struct fixture *f = *state;
	struct store_promise promise;
	struct store_call row;
	struct core_record got;

	record_call_row(&row, &f->config, &f->words, &f->rec);
	assert_string_equal(row.line, "night");
	assert_string_equal(row.language, "es");
	assert_string_equal(row.state, "promised");
	assert_string_equal(row.outcome, "");
	assert_string_equal(row.reason, "");
	record_promise_row(&promise, &f->rec, &f->number);
	assert_string_equal(promise.state, "open");
	assert_int_equal(promise.number.dialler, 7);
	assert_string_equal((char *)promise.number.for_dialler, "s");

	assert_int_equal(record_read(&got, &f->config, &f->words, &row,
				     &promise), 0);
	assert_int_equal(got.call, 17);
	assert_int_equal(got.line, 1);
	assert_int_equal(got.language, 1);
	assert_int_equal(got.state, CALL_PROMISED);
	assert_int_equal(got.outcome, OUTCOME_OPEN);
	assert_int_equal(got.counsellor, 4);
	assert_int_equal(got.arrived_at, 1700000000123);
	assert_int_equal(got.wait_ms, 61000);
	same_promise(&got.promise, &f->rec.promise);
}


/* each word of the core comes back, in each place */
static void every_word_is_read(void **state)
{
	struct fixture *f = *state;
	struct core_promise *p = &f->rec.promise;

	for (unsigned i = 0; i < 64; i++) {
		struct store_promise promise;
		struct store_call row;
		struct core_record got;

		f->rec.state = (enum call_state)(1 + i % (CALL_STATES - 1));
		p->kind = (enum promise_kind)(1 + i % (PROMISES - 1));
		p->words = (enum promise_words)(i % PROMISE_WORDS);
		p->hours = (enum promise_hours)(i % PROMISE_HOURS);
		p->shown = (enum promise_shown)(i % PROMISE_SHOWN);
		p->level = (enum promise_level)(i % PROMISE_LEVELS);
		record_call_row(&row, &f->config, &f->words, &f->rec);
		record_promise_row(&promise, &f->rec, &f->number);
		assert_int_equal(record_read(&got, &f->config, &f->words,
					     &row, &promise), 0);
		assert_int_equal(got.state, f->rec.state);
		same_promise(&got.promise, p);
	}
}


static void a_number_is_in_no_row_without_need(void **state)
{
	struct fixture *f = *state;
	struct store_promise promise;
	struct store_call row;
	struct core_record got;

	f->rec.promise.has_number = false;
	record_promise_row(&promise, &f->rec, &f->number);
	assert_int_equal(promise.number.dialler, 0);
	assert_int_equal(promise.number.for_dialler[0], 0);
	record_call_row(&row, &f->config, &f->words, &f->rec);
	assert_int_equal(record_read(&got, &f->config, &f->words, &row,
				     &promise), 0);
	assert_false(got.promise.has_number);
}


static void ends_have_their_reason(void **state)
{
	struct fixture *f = *state;
	struct store_promise promise;
	struct store_call row;

	f->rec.state = CALL_ENDED;
	f->rec.outcome = OUTCOME_CLOSED;
	f->rec.reason = CLOSE_DUPLICATE;
	f->rec.cause = CAUSE_RESTART;
	record_call_row(&row, &f->config, &f->words, &f->rec);
	assert_string_equal(row.outcome, "closed");
	assert_string_equal(row.reason, "duplicate");
	record_promise_row(&promise, &f->rec, &f->number);
	assert_string_equal(promise.reason, "duplicate");
	assert_string_equal(promise.state, "closed");

	f->rec.outcome = OUTCOME_BLOCKED;
	f->rec.cause = CAUSE_NO_CODEC;
	record_call_row(&row, &f->config, &f->words, &f->rec);
	assert_string_equal(row.outcome, "blocked");
	assert_string_equal(row.reason, "no_codec");

	f->rec.outcome = OUTCOME_GAVE_UP;
	f->rec.cause = CAUSE_HUNG_UP;
	record_call_row(&row, &f->config, &f->words, &f->rec);
	assert_string_equal(row.reason, "");
}


static void silence_is_a_closed_promise(void **state)
{
	struct fixture *f = *state;
	struct store_promise row;

	f->rec.state = CALL_ENDED;
	f->rec.outcome = OUTCOME_GAVE_UP;
	f->rec.promise = (struct core_promise){.kind = PROMISE_NONE};
	record_silence_row(&row, &f->rec);
	assert_int_equal(row.call, 17);
	assert_string_equal(row.kind, "message");
	assert_string_equal(row.state, "closed");
	assert_string_equal(row.reason, "silent");
	assert_int_equal(row.number.dialler, 0);
	assert_int_equal(row.made_at, f->rec.arrived_at);
}


static void what_is_gone_from_the_configuration_has_a_place(void **state)
{
	struct fixture *f = *state;
	struct store_call row;
	struct core_record got;

	record_call_row(&row, &f->config, &f->words, &f->rec);
	str_ncpy(row.line, "former", sizeof(row.line));
	str_ncpy(row.language, "fr", sizeof(row.language));
	assert_int_equal(record_read(&got, &f->config, &f->words, &row, NULL),
			 0);
	assert_int_equal(got.line, 0);
	assert_int_equal(got.language, 0);
	assert_int_equal(got.promise.kind, PROMISE_NONE);

	str_ncpy(row.line, "night", sizeof(row.line));
	assert_int_equal(record_read(&got, &f->config, &f->words, &row, NULL),
			 0);
	assert_int_equal(got.language, 1);
}


static void nonsense_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_promise promise;
	struct store_call row;
	struct core_record got;

	record_call_row(&row, &f->config, &f->words, &f->rec);
	record_promise_row(&promise, &f->rec, &f->number);
	str_ncpy(promise.words, "nonsense", sizeof(promise.words));
	assert_int_equal(record_read(&got, &f->config, &f->words, &row,
				     &promise), EINVAL);
	str_ncpy(row.state, "nonsense", sizeof(row.state));
	assert_int_equal(record_read(&got, &f->config, &f->words, &row, NULL),
			 EINVAL);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_is_read),
		CASE(every_word_is_read),
		CASE(a_number_is_in_no_row_without_need),
		CASE(ends_have_their_reason),
		CASE(silence_is_a_closed_promise),
		CASE(what_is_gone_from_the_configuration_has_a_place),
		CASE(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
