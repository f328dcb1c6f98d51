/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_counsellor.c  What the line says, as pages hear it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/core.h"
#include "web/counsellor.h"


static const struct config config = {
	.n_lines = 2,
	.lines = {{.name = "main"},
		  {.name = "night", .n_third = 1,
		   .third = {{.name = "Interpreter", .number = "112"}}}},
};


/* counsellor_name_h; nobody else is there (any more) */
static json_t *name_of(uint32_t person, void *arg)
{
	(void)arg;
	return json_string(person == 4 ? "Bo" : "");
}


/* takes json */
static void same(json_t *json, const char *wanted)
{
	json_t *other = json_loads(wanted, 0, NULL);

	assert_non_null(json);
	assert_non_null(other);
	if (!json_equal(json, other)) {
		char *text = json_dumps(json, JSON_SORT_KEYS);

		print_error("%s\n", text);
		free(text);
		fail();
	}
	json_decref(json);
	json_decref(other);
}


static void test_ringing(void **state)
{
	const struct wire_counsellor c = {
		.offer = UINT64_MAX, .call = 7, .since = 1700000000123,
		.until = 1700000020123, .person = 3,
		.state = PERSON_RINGING, .call_state = CALL_OFFERED,
		.kind = WIRE_RING_BACK, .line = 1, .language = "es-mx",
		.held = 1, .browser = 1, .on_duty = 1, .plan = 1,
		.sound_lost = 1,
	};

	(void)state;
	/* a number of JavaScript would round this offer */
	same(counsellor_json(&c, &config, name_of, NULL),
	     "{\"state\": \"ringing\", \"on_duty\": true,"
	     " \"offer\": \"18446744073709551615\", \"call\": 7,"
	     " \"call_state\": \"offered\", \"kind\": \"ring_back\","
	     " \"line\": \"night\", \"language\": \"es-mx\","
	     " \"since\": 1700000000123, \"until\": 1700000020123,"
	     " \"held\": true, \"browser\": true, \"plan\": true,"
	     " \"sound_lost\": true, \"cut_off\": false,"
	     " \"asked_by\": null, \"guest\": null, \"third\": null,"
	     " \"listeners\": [], \"whispers\": false,"
	     " \"listening\": null, \"whispering\": false}");
}


static void test_nothing(void **state)
{
	const struct wire_counsellor c = {.person = 3, .state = PERSON_OFF,
					  .cut_off = 1};

	(void)state;
	same(counsellor_json(&c, &config, name_of, NULL),
	     "{\"state\": \"off\", \"on_duty\": false, \"offer\": null,"
	     " \"call\": null, \"call_state\": null, \"kind\": \"caller\","
	     " \"line\": \"\", \"language\": \"\", \"since\": 0,"
	     " \"until\": 0, \"held\": false, \"browser\": false,"
	     " \"plan\": false, \"sound_lost\": false, \"cut_off\": true,"
	     " \"asked_by\": null, \"guest\": null, \"third\": null,"
	     " \"listeners\": [], \"whispers\": false,"
	     " \"listening\": null, \"whispering\": false}");
}


/* by name all of them, and of the third never the number */
static void test_party(void **state)
{
	const struct wire_counsellor c = {
		.offer = 8, .call = 7, .person = 3, .state = PERSON_TALKING,
		.call_state = CALL_TALKING, .kind = WIRE_RING_CONSULT,
		.line = 1, .asked_by = 4, .guest = 3,
		.guest_state = GUEST_ASIDE, .third = 1,
		.third_state = WIRE_THIRD_THERE, .listeners = {0, 4, 5},
		.whispers = 1, .listening = 9, .whispering = 1,
	};
	json_t *json;

	(void)state;
	json = counsellor_json(&c, &config, name_of, NULL);
	assert_string_equal(
		json_string_value(json_object_get(json, "kind")), "consult");
	same(json_deep_copy(json_object_get(json, "asked_by")),
	     "{\"person\": 4, \"name\": \"Bo\"}");
	same(json_deep_copy(json_object_get(json, "guest")),
	     "{\"person\": 3, \"name\": \"\", \"state\": \"aside\"}");
	same(json_deep_copy(json_object_get(json, "third")),
	     "{\"index\": 0, \"name\": \"Interpreter\","
	     " \"state\": \"there\"}");
	same(json_deep_copy(json_object_get(json, "listeners")),
	     "[{\"person\": 4, \"name\": \"Bo\"},"
	     " {\"person\": 5, \"name\": \"\"}]");
	assert_true(json_is_true(json_object_get(json, "whispers")));
	assert_true(json_is_true(json_object_get(json, "whispering")));
	assert_int_equal(
		json_integer_value(json_object_get(json, "listening")), 9);
	json_decref(json);
}


/* whatever numbers the line says, nothing is read beside a table */
static void test_unknown(void **state)
{
	struct wire_counsellor c;
	struct wire_board_call b;
	json_t *json;

	(void)state;
	memset(&c, 0x7f, sizeof(c));
	memset(&b, 0x7f, sizeof(b));
	json = counsellor_json(&c, &config, name_of, NULL);
	assert_string_equal(
		json_string_value(json_object_get(json, "line")), "");
	assert_true(json_is_null(json_object_get(json, "call_state")));
	assert_true(json_is_null(json_object_get(json, "guest")));
	assert_true(json_is_null(json_object_get(json, "third")));
	json_decref(json);

	json = board_call_json(&b, &config);
	assert_string_equal(
		json_string_value(json_object_get(json, "state")), "");
	json_decref(json);
}


static void test_board_and_quality(void **state)
{
	const struct wire_board_call b = {
		.call = 9, .since = 5, .person = 0, .state = CALL_WAITING,
		.line = 0, .language = "en",
	};
	const struct wire_sound_quality q = {3, 10, 20, 30, 0, {0, 0}};

	(void)state;
	same(board_call_json(&b, &config),
	     "{\"call\": 9, \"line\": \"main\", \"language\": \"en\","
	     " \"state\": \"waiting\", \"since\": 5, \"person\": null,"
	     " \"plan\": false}");
	same(quality_json(&q),
	     "{\"lost_there\": 10, \"lost_here\": 20, \"jitter_ms\": 30,"
	     " \"rtt_ms\": 0}");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ringing),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_party),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_board_and_quality),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
