/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * people.c  Tests of people.c: what the core is told when the store's people
 * change, above all while somebody is being put off duty.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "epoch/telephones.h"
#include "line/people.h"
#include "seal/seal.h"


enum { AT_MOST_MS = 5000 };

struct fixture {
	char dir[64];
	struct store *line; /* as ringback-line has it      */
	struct store *tool; /* as another `ringback` has it */
	struct people *people;
	struct plan_words words;
	unsigned n[CORE_EVENTS]; /* told since the last look */
	struct core_event person; /* the last CORE_PERSON */
	enum core_event_type until;
	uint32_t page;   /* who has one open */
	uint32_t talker; /* who talks */
	uint32_t registers; /* who has a telephone that does */
	struct tmr tmr;
	uint8_t private[SEAL_KEY]; /* of the dialler */
};


static void on_event(const struct core_event *ev, void *arg)
{
	struct fixture *f = arg;

	++f->n[ev->type];
	if (ev->type == CORE_PERSON)
		f->person = *ev;
	if (ev->type == f->until)
		re_cancel();
}


static bool has_page(uint32_t id, void *arg)
{
	return ((struct fixture *)arg)->page == id;
}


static bool talks(uint32_t id, void *arg)
{
	return ((struct fixture *)arg)->talker == id;
}


static bool registers(uint32_t id, void *arg)
{
	const struct fixture *f = arg;

	return f->registers && f->registers == id;
}


static const struct people_handlers handlers = {
	.eventh = on_event,
	.presenth = has_page,
	.talkingh = talks,
	.registersh = registers,
};


static void too_late(void *arg)
{
	(void)arg;
	re_cancel();
}


/* Run the loop until the core is told of this. */
static void await(struct fixture *f, enum core_event_type type)
{
	f->until = type;
	clock_real_start(&f->tmr, AT_MOST_MS, too_late, NULL);
	assert_int_equal(re_main(NULL), 0);
	assert_true(tmr_isrunning(&f->tmr));
	tmr_cancel(&f->tmr);
	f->until = CORE_EVENTS;
}


static void expect(struct fixture *f, unsigned n_on, unsigned n_off)
{
	assert_int_equal(f->n[CORE_PERSON_ON], n_on);
	assert_int_equal(f->n[CORE_PERSON_OFF], n_off);
	memset(f->n, 0, sizeof(f->n));
}


static void load(struct fixture *f)
{
	assert_int_equal(people_load(f->people, f->line), 0);
}


/* Ana, on duty, as the line has loaded her. */
static uint32_t ana(struct fixture *f)
{
	struct store_person p = {.name = "Ana", .on_duty = true};

	assert_int_equal(secret_set(&p.phone, "sip:a@192.0.2.1", 15), 0);
	assert_int_equal(store_person_add(f->tool, &p), 0);
	load(f);
	expect(f, 1, 0);
	assert_int_equal(people_count_on_duty(f->people), 1);

	return p.id;
}


static void set_duty(struct store *s, bool on)
{
	struct store_person p;

	assert_int_equal(store_person_get(s, "Ana", &p), 0);
	p.on_duty = on;
	p.off_reason[0] = '\0';
	assert_int_equal(store_person_set(s, &p), 0);
}


static int begin(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/ringback-people-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->until = CORE_EVENTS;
	clock_reset();
	assert_int_equal(libre_init(), 0);
	assert_int_equal(store_open(&f->tool, f->dir, STORE_CREATE), 0);
	assert_int_equal(store_open(&f->line, f->dir, STORE_DAEMON), 0);
	assert_int_equal(people_alloc(&f->people, &f->words,
				      &handlers, f), 0);
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"store.db", "store.db-wal",
					    "store.db-shm"};
	char path[128];

	mem_deref(f->people);
	store_close(f->line);
	store_close(f->tool);
	libre_close();
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
	test_free(f);

	return 0;
}


/* what is rung for them; NULL nothing */
static void rings(struct fixture *f, uint32_t id, const char *phone)
{
	struct secret_text got;

	assert_int_equal(people_phone(&got, f->people, id),
			 phone ? 0 : ENOENT);
	assert_string_equal(secret_reveal(&got), phone ? phone : "");
}


static void changes_are_told_once(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);

	rings(f, id, "sip:a@192.0.2.1");
	load(f);
	expect(f, 0, 0);
	set_duty(f->tool, false);
	load(f);
	expect(f, 0, 1);
	assert_int_equal(people_count_on_duty(f->people), 0);
	assert_int_equal(store_person_remove(f->tool, id), 0);
	load(f);
	expect(f, 0, 0);
	rings(f, id, NULL);
}


/* Who learns is not rung; who has a line of their own is rung for that. */
static void roles_are_told(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);
	const struct store_role learns = {.role = "trainee"};

	assert_int_equal(f->person.lines, UINT16_MAX);
	assert_int_equal(store_roles_set(f->tool, id, &learns, 1), 0);
	load(f);
	assert_int_equal(f->person.lines, 0);
	assert_true(f->person.learns);
	assert_int_equal(store_roles_set(f->tool, id, NULL, 0), 0);
	load(f);
	assert_int_equal(f->person.lines, UINT16_MAX);
	assert_false(f->person.learns);
}


/* The core knows already: it is not told; the store says so soon. */
static void put_off_duty_is_on_record(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);
	struct store_person p;

	people_off(f->people, f->line, id, "no_answer");
	assert_int_equal(people_count_on_duty(f->people), 0);
	await(f, CORE_PERSON);
	expect(f, 0, 0);
	assert_int_equal(store_person_get(f->tool, "Ana", &p), 0);
	assert_false(p.on_duty);
	assert_string_equal(p.off_reason, "no_answer");
	assert_true(p.off_at > 1700000000000);

	set_duty(f->tool, true);
	load(f);
	expect(f, 1, 0);
	assert_int_equal(people_count_on_duty(f->people), 1);
}


/* Something else changes while the record is being made: what the store
 * still says of her must not bring her back. */
static void a_reload_in_between_brings_nobody_back(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);

	people_off(f->people, f->line, id, "busy");
	load(f);
	expect(f, 0, 0);
	assert_int_equal(people_count_on_duty(f->people), 0);
	await(f, CORE_PERSON);
	expect(f, 0, 0);
}


/* "person on" just then, told before the record is: not forgotten. */
static void coming_back_in_between_is_not_lost(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);

	people_off(f->people, f->line, id, "busy");
	set_duty(f->line, true); /* waits until both are written */
	load(f);
	expect(f, 0, 0);
	await(f, CORE_PERSON_ON);
	assert_int_equal(people_count_on_duty(f->people), 1);
}


static void removed_in_between(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);
	struct store_person p = {.name = "Bob"};

	people_off(f->people, f->line, 99, "busy");
	people_off(f->people, f->line, id, "busy");
	assert_int_equal(store_person_remove(f->tool, id), 0);
	load(f);
	rings(f, id, NULL);

	/* the handler of who is gone runs before this one's */
	assert_int_equal(secret_set(&p.phone, "sip:b@192.0.2.1", 15), 0);
	assert_int_equal(store_person_add(f->tool, &p), 0);
	load(f);
	people_off(f->people, f->line, p.id, "dead");
	memset(f->n, 0, sizeof(f->n));
	await(f, CORE_PERSON);
	expect(f, 0, 0);
	rings(f, id, NULL);
}



/* ---- pages --------------------------------------------------------------- */

/* Bea answers in the browser alone. */
static uint32_t bea(struct fixture *f, bool page)
{
	struct store_person p = {.name = "Bea", .on_duty = true};

	assert_int_equal(store_person_add(f->tool, &p), 0);
	f->page = page ? p.id : 0;
	load(f);
	expect(f, page, 0);

	return p.id;
}


static void without_a_phone_a_page_is_needed(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, false);

	assert_true(people_is_on_duty(f->people, id));
	assert_int_equal(people_count_on_duty(f->people), 0);
	rings(f, id, NULL);
	f->page = id;
	people_presence(f->people, id, false);
	people_presence(f->people, id, false);
	load(f);
	expect(f, 1, 0);
	f->page = 0;
	people_presence(f->people, id, false);
	expect(f, 0, 1);
	people_presence(f->people, 99, true); /* of nobody */
	assert_true(people_is_on_duty(f->people, id));
	assert_false(people_is_on_duty(f->people, 99));
}


static void with_a_phone_none_is_needed(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);

	f->page = id;
	people_presence(f->people, id, false);
	f->page = 0;
	people_presence(f->people, id, true);
	expect(f, 0, 0);
	assert_int_equal(clock_get()->n_starts, 0);
}


/* the delay of the last timer, and none before it was forgotten */
static uint64_t waits(void)
{
	struct clock *clock = clock_get();

	return clock->n_starts ? clock->starts[clock->n_starts - 1] : 0;
}


static void a_lost_process_is_waited_for(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, false);

	assert_int_equal(waits(), PEOPLE_LOST_MS); /* we have just started */
	f->page = id;
	people_presence(f->people, id, false);
	f->page = 0;
	people_presence(f->people, id, false);
	assert_int_equal(waits(), PEOPLE_SILENT_MS);
	people_presence(f->people, id, true);
	assert_int_equal(waits(), PEOPLE_LOST_MS);
}


/* it comes again by itself, if not at once */
static void a_telephone_is_waited_for(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, false);

	f->registers = f->page = id;
	people_presence(f->people, id, false);
	assert_int_equal(people_count_on_duty(f->people), 1);
	f->page = 0;
	people_presence(f->people, id, false);
	assert_int_equal(people_count_on_duty(f->people), 0);
	assert_int_equal(waits(), PEOPLE_PHONE_MS);
}


static void await_silent(struct fixture *f)
{
	struct store_person p;

	await(f, CORE_PERSON);
	assert_int_equal(store_person_get(f->tool, "Bea", &p), 0);
	assert_false(p.on_duty);
	assert_string_equal(p.off_reason, "silent");
	assert_int_equal(people_count_on_duty(f->people), 0);
}


static void silence_is_on_record(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, true);

	clock_get()->speed = 1000;
	f->page = 0;
	people_presence(f->people, id, false);
	expect(f, 0, 1);
	await_silent(f);
	assert_false(people_is_on_duty(f->people, id));

	/* their page comes back: they say themselves when they are on duty */
	f->page = id;
	people_presence(f->people, id, false);
	expect(f, 0, 0);
}


static void who_is_lost_in_a_talk_goes_off_duty(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, true);
	struct store_person p;

	people_lost(f->people, id);
	expect(f, 0, 1);
	await(f, CORE_PERSON);
	assert_int_equal(store_person_get(f->tool, "Bea", &p), 0);
	assert_false(p.on_duty);
	assert_string_equal(p.off_reason, "lost");
	people_lost(f->people, id); /* already */
	people_lost(f->people, 99);
	expect(f, 0, 0);
}


static void who_is_lost_may_have_a_telephone(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = ana(f);

	people_lost(f->people, id);
	expect(f, 0, 0);
	assert_true(people_is_on_duty(f->people, id));
}


static void stop_talking(void *arg)
{
	((struct fixture *)arg)->talker = 0;
}


static void who_talks_is_not_put_off(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, true);
	struct tmr tmr = {.th = NULL};

	f->talker = id;
	f->page = 0;
	clock_get()->speed = 1000;
	people_presence(f->people, id, false);
	memset(f->n, 0, sizeof(f->n));
	clock_get()->n_starts = 0;
	tmr_init(&tmr);
	clock_real_start(&tmr, 200, stop_talking, f);
	await_silent(f);
	assert_false(tmr_isrunning(&tmr)); /* not before the talk was over */
	assert_true(clock_get()->n_starts > 2);
}


static void removed_while_silent(void **state)
{
	struct fixture *f = *state;
	const uint32_t id = bea(f, false);

	clock_get()->speed = 1000;
	assert_int_equal(store_person_remove(f->tool, id), 0);
	load(f);
	assert_false(people_is_on_duty(f->people, id));
	(void)ana(f);
	people_off(f->people, f->line, id + 1, "busy");
	await(f, CORE_PERSON);
	expect(f, 0, 0);
}


/* ---- numbers ------------------------------------------------------------ */

/* the line's key: another one than before, if there was one */
static void key_new(struct fixture *f)
{
	struct store_dialler dialler = {.made_at = 1};

	seal_pair(dialler.public, f->private);
	assert_int_equal(store_dialler_add(f->tool, &dialler), 0);
	people_key(f->people, &dialler, f->private);
}


/* Cai, on duty, has this number */
static uint32_t cai(struct fixture *f)
{
	struct store_person p = {.name = "Cai", .on_duty = true,
				 .accept = STORE_ACCEPT_KEY};

	assert_int_equal(secret_set(&p.phone, "tel:+15550100", 13), 0);
	assert_int_equal(store_person_add(f->tool, &p), 0);
	load(f);
	expect(f, 1, 0);
	rings(f, p.id, "tel:+15550100");
	assert_true(people_has_number(f->people, p.id));

	return p.id;
}


static void stop_loop(int err, void *arg)
{
	(void)err;
	(void)arg;
	re_cancel();
}


/* as a line that starts after a power loss has them */
static void power_lost(struct fixture *f)
{
	assert_int_equal(store_person_off(f->line, 99, "flush", 1, stop_loop,
					  NULL), 0);
	assert_int_equal(re_main(NULL), 0); /* what was queued is on disk */
	mem_deref(f->people);
	assert_int_equal(people_alloc(&f->people, &f->words, &handlers, f),
			 0);
	key_new(f);
}


static void back(struct fixture *f, uint32_t id)
{
	const struct secret_text number = {"+15550100"};
	struct store_dialler dialler;
	struct store_number sealed;

	assert_int_equal(store_dialler_current(f->tool, &dialler), 0);
	assert_int_equal(telephone_seal(f->tool, &dialler, id, &number,
					&sealed), 0);
	assert_int_equal(store_telephone_back(f->tool, id, dialler.id,
					      sealed.for_dialler), 0);
}


static void a_number_that_waits_is_not_rung(void **state)
{
	struct fixture *f = *state;
	struct store_person p;
	uint32_t id;

	key_new(f);
	id = cai(f);
	power_lost(f);
	load(f);
	expect(f, 0, 0);
	rings(f, id, NULL);
	assert_true(people_is_on_duty(f->people, id));
	assert_int_equal(people_count_on_duty(f->people), 0);
	assert_int_equal(waits(), PEOPLE_LOST_MS);

	/* a page will do */
	f->page = id;
	people_presence(f->people, id, false);
	expect(f, 1, 0);
	f->page = 0;
	people_presence(f->people, id, false);
	expect(f, 0, 1);

	/* brought back, before anybody is put off duty */
	back(f, id);
	load(f);
	expect(f, 1, 0);
	rings(f, id, "tel:+15550100");
	assert_int_equal(store_person_get(f->tool, "Cai", &p), 0);
	assert_true(p.on_duty);
}


static void who_waits_is_off_duty_until_then(void **state)
{
	struct fixture *f = *state;
	struct store_person p;
	uint32_t id;

	key_new(f);
	id = cai(f);
	power_lost(f);
	clock_get()->speed = 1000;
	load(f);
	await(f, CORE_PERSON);
	assert_int_equal(store_person_get(f->tool, "Cai", &p), 0);
	assert_false(p.on_duty);
	assert_string_equal(p.off_reason, "waits");

	back(f, id);
	load(f);
	assert_true(people_is_on_duty(f->people, id));
	assert_int_equal(people_count_on_duty(f->people), 1);
	rings(f, id, "tel:+15550100");
}


/* the page was faster than the record */
static void back_while_being_put_off(void **state)
{
	struct fixture *f = *state;
	uint32_t id;

	key_new(f);
	id = cai(f);
	power_lost(f);
	load(f);
	back(f, id);
	people_off(f->people, f->line, id, "waits");
	await(f, CORE_PERSON_ON);
	assert_true(people_is_on_duty(f->people, id));
	rings(f, id, "tel:+15550100");
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(changes_are_told_once),
		CASE(roles_are_told),
		CASE(put_off_duty_is_on_record),
		CASE(a_reload_in_between_brings_nobody_back),
		CASE(coming_back_in_between_is_not_lost),
		CASE(removed_in_between),
		CASE(without_a_phone_a_page_is_needed),
		CASE(with_a_phone_none_is_needed),
		CASE(a_lost_process_is_waited_for),
		CASE(a_telephone_is_waited_for),
		CASE(silence_is_on_record),
		CASE(who_is_lost_in_a_talk_goes_off_duty),
		CASE(who_is_lost_may_have_a_telephone),
		CASE(who_talks_is_not_put_off),
		CASE(removed_while_silent),
		CASE(a_number_that_waits_is_not_rung),
		CASE(who_waits_is_off_duty_until_then),
		CASE(back_while_being_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
