/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * step.c  Tests of the stepper, on a machine of its own: a door.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/step.h"


enum { SHUT = 0, OPEN, LOCKED, STATES };
enum { PUSH = 0, PULL, TURN, EVENTS };

struct door {
	uint8_t state;
	uint8_t seen;   /* the state that the last action saw */
	int n_actions;
	void *arg;
};

struct told {
	int n;
	uint64_t id;
	uint8_t from, event, next;
	bool unexpected;
	int n_actions; /* how many had run by then */
	const struct door *door;
};


static void creak(void *obj, void *arg)
{
	struct door *door = obj;

	door->seen = door->state;
	door->arg = arg;
	++door->n_actions;
}


static const char *const states[] = {"shut", "open", "locked"};
static const char *const events[] = {"push", "pull", "turn"};

static const struct step_rule rules[] = {
	{SHUT, PUSH, creak, OPEN},
	{OPEN, PULL, creak, SHUT},
	{OPEN, PUSH, NULL, OPEN},
	{SHUT, TURN, NULL, LOCKED},
	{LOCKED, TURN, NULL, SHUT},
};

static const struct step_machine machine = {
	.noun = "door",
	.states = states,
	.events = events,
	.rules = rules,
	.n_states = STATES,
	.n_events = EVENTS,
	.n_rules = STEP_COUNT(rules),
};


static void tell(const struct step_machine *m, uint64_t id, uint8_t from,
		 uint8_t event, uint8_t next, bool unexpected, void *arg)
{
	struct told *told = arg;

	assert_ptr_equal(m, &machine);
	++told->n;
	told->id = id;
	told->from = from;
	told->event = event;
	told->next = next;
	told->unexpected = unexpected;
	told->n_actions = told->door->n_actions;
}


static void moves_then_acts(void **state)
{
	struct door door = {.state = SHUT};
	int arg;

	(void)state;
	assert_int_equal(step(&machine, &door.state, 1, PUSH, NULL, &door,
			      &arg), 0);
	assert_int_equal(door.state, OPEN);
	assert_int_equal(door.n_actions, 1);
	assert_int_equal(door.seen, OPEN);
	assert_ptr_equal(door.arg, &arg);
}


static void a_rule_without_action_only_moves(void **state)
{
	struct door door = {.state = SHUT};

	(void)state;
	assert_int_equal(step(&machine, &door.state, 1, TURN, NULL, &door,
			      NULL), 0);
	assert_int_equal(door.state, LOCKED);
	assert_int_equal(door.n_actions, 0);
}


static void tells_before_it_acts(void **state)
{
	struct door door = {.state = SHUT};
	struct told told = {.door = &door};
	const struct step_trace trace = {tell, &told};

	(void)state;
	assert_int_equal(step(&machine, &door.state, 17, PUSH, &trace, &door,
			      NULL), 0);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.id, 17);
	assert_int_equal(told.from, SHUT);
	assert_int_equal(told.event, PUSH);
	assert_int_equal(told.next, OPEN);
	assert_false(told.unexpected);
	assert_int_equal(told.n_actions, 0);
}


static void every_pair(void **state)
{
	(void)state;

	for (uint8_t s = 0; s < STATES; s++) {
		for (uint8_t e = 0; e < EVENTS; e++) {
			const struct step_rule *r = step_find(&machine, s, e);
			struct door door = {.state = s};
			struct told told = {.door = &door};
			const struct step_trace trace = {tell, &told};
			int err = step(&machine, &door.state, 3, e, &trace,
				       &door, NULL);

			assert_int_equal(err, r ? 0 : EPROTO);
			assert_int_equal(told.n, 1);
			assert_int_equal(told.unexpected, !r);
			assert_int_equal(door.state, r ? r->next : s);
			assert_int_equal(told.next, door.state);
			assert_int_equal(door.n_actions, r && r->action);
		}
	}

	assert_null(step_find(&machine, LOCKED, PUSH));
	assert_int_equal(step_find(&machine, LOCKED, TURN)->next, SHUT);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_then_acts),
		cmocka_unit_test(a_rule_without_action_only_moves),
		cmocka_unit_test(tells_before_it_acts),
		cmocka_unit_test(every_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
