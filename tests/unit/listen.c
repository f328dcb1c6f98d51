/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * listen.c  Tests of who listens to a talk: never in secret, never longer than
 * the talk, and never heard but by whom they whisper to.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "store/telephone.h"

#include "clock.h"
#include "room.h"


#define SDP "v=0\r\ns=browser\r\n"

#define ROWS(what) "SELECT count(*) FROM audit WHERE what = '" what "'"
#define BEGAN ROWS("listen_began")
#define ENDED ROWS("listen_ended")

struct talk {
	struct sip_call call;
	uint64_t caller, ana;
};


static void role_set(struct room *r, uint32_t person, const char *line,
		     const char *role)
{
	struct store_role row = {.person = person};

	str_ncpy(row.line, line, sizeof(row.line));
	str_ncpy(row.role, role, sizeof(row.role));
	assert_int_equal(store_roles_set(r->h->tool, person, &row, 1), 0);
	if (r->h->sb)
		assert_int_equal(switchboard_people_changed(r->h->sb), 0);
}


/* Eve and whoever follows are there, off duty, and may listen. */
static void talk_begin(struct talk *t, struct room *r)
{
	room_add(r, HAL);
	for (uint32_t i = EVE; i <= HAL; i++) {
		room_duty(r, i, false);
		role_set(r, i, "main", "coordinator");
	}
	room_begin(r);
	t->ana = room_talk(r, &t->call);
	t->caller = r->h->media.in;
	HEARS(r, t->ana, t->caller);
	for (uint32_t i = BEN; i <= HAL; i++)
		assert_int_equal(room_page(r, i, true), 0);
}


static int wish(struct room *r, uint64_t call, uint32_t person)
{
	const struct wire_listen l = {.call = call, .person = person};

	return room_ask(r, WIRE_LISTEN, &l, SDP);
}


static void hears_and_is_not_heard(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t eve;

	talk_begin(&t, r);
	eve = room_listen(r, EVE);
	HEARS(r, eve, t.caller, t.ana);
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	/* they did not notice */
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 1);
	assert_int_equal(r->h->media.n[WIRE_LEG_HEAR], 1);
	assert_int_equal(r->said[EVE].listening, 1);
	assert_int_equal(r->said[EVE].state, PERSON_OFF);
	assert_int_equal(house_count(r->h, BEGAN " AND person = 3 AND whom = 1 "
					   "AND call = 1"), 1);

	assert_int_equal(room_do(r, EVE, WIRE_VERB_LISTEN_END, 0), 0);
	room_legs(r, 2);
	house_await(r->h, ENDED " AND person = 3 AND call = 1");
	room_sync(r);
	assert_int_equal(r->said[EVE].listening, 0);
	assert_int_equal(r->said[ANA].listeners[0], 0);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_LISTEN_END, 0), ENOENT);
}


/* What comes first: the page and the log, then sound. */
static void never_in_secret(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(wish(r, 1, EVE), 0);
	assert_int_equal(r->said[ANA].listeners[0], EVE);
	assert_int_equal(house_count(r->h, BEGAN), 1);
	/* its sound is not up: it hears nothing yet */
	room_sync(r);
	assert_int_equal(r->h->media.n[WIRE_LEG_HEAR], 0);
	room_news(r, WIRE_LEG_UP, r->h->media.web.leg);
	HEARS(r, r->h->media.web.leg, t.caller, t.ana);
}


static void rename_audit(const struct room *r, const char *from,
			 const char *to)
{
	char sql[64];

	(void)re_snprintf(sql, sizeof(sql), "ALTER TABLE %s RENAME TO %s",
			  from, to);
	assert_int_equal(sqlite3_exec(r->h->db, sql, NULL, NULL, NULL),
			 SQLITE_OK);
}


static void not_on_record_not_heard(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	rename_audit(r, "audit", "gone");
	assert_int_equal(wish(r, 1, EVE), EIO);
	assert_int_equal(r->h->media.n[WIRE_LEG_HEAR], 0);
	room_legs(r, 2);
	room_sync(r);
	assert_int_equal(r->said[ANA].listeners[0], 0);
	assert_int_equal(r->said[EVE].listening, 0);
	rename_audit(r, "gone", "audit");
}


/* nor does anybody whisper */
static void a_whisper_not_on_record(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	rename_audit(r, "audit", "gone");
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	/* rows are written in order: hers was refused when this one is */
	assert_int_equal(wish(r, 1, FAY), EIO);
	rename_audit(r, "gone", "audit");
	room_sync(r);
	assert_int_equal(r->h->media.n[WIRE_LEG_HEAR], 1);
	HEARS(r, t.ana, t.caller);
	assert_false(r->said[EVE].whispering);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	room_sync(r);
	house_await(r->h, ROWS("whisper_on"));
}


static void whispers(void **state)
{
	struct room *r = *state;
	uint64_t eve, fay;
	struct talk t;

	talk_begin(&t, r);
	eve = room_listen(r, EVE);
	fay = room_listen(r, FAY);
	HEARS(r, fay, t.caller, t.ana);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	HEARS(r, t.ana, t.caller, eve);
	HEARS(r, t.caller, t.ana);
	HEARS(r, fay, t.caller, t.ana);
	HEARS(r, eve, t.caller, t.ana);
	assert_int_equal(house_count(r->h, ROWS("whisper_on")
				     " AND person = 3"), 1);
	room_sync(r);
	assert_true(r->said[ANA].whispers);
	assert_true(r->said[EVE].whispering);
	assert_false(r->said[FAY].whispering);
	assert_int_equal(room_do(r, FAY, WIRE_VERB_WHISPER, 1), EBUSY);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 2), EINVAL);

	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 0), 0);
	HEARS(r, t.ana, t.caller);
	house_await(r->h, ROWS("whisper_off"));
	room_sync(r);
	assert_false(r->said[ANA].whispers);
	assert_int_equal(room_do(r, FAY, WIRE_VERB_WHISPER, 1), 0);
	HEARS(r, t.ana, t.caller, fay);
	assert_int_equal(room_do(r, FAY, WIRE_VERB_LISTEN_END, 0), 0);
	HEARS(r, t.ana, t.caller);
	assert_int_equal(room_do(r, FAY, WIRE_VERB_WHISPER, 1), ENOENT);
}


/* whoever is asked for advice does not hear it */
static void whispers_to_the_counsellor_alone(void **state)
{
	struct room *r = *state;
	uint64_t eve, ben;
	struct talk t;

	talk_begin(&t, r);
	room_await(r, BEN, PERSON_FREE);
	eve = room_listen(r, EVE);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	assert_int_equal(r->said[BEN].listeners[0], EVE);
	ben = room_accept(r, BEN);
	HEARS(r, t.ana, ben, eve);
	HEARS(r, ben, t.ana);
	HEARS(r, t.caller, ROOM_HOLD);
	HEARS(r, eve, t.ana, ben);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), 0);
	HEARS(r, t.ana, t.caller, ben, eve);
	HEARS(r, ben, t.ana, t.caller);
	HEARS(r, eve, t.ana, t.caller, ben);
}


static void who_may_not(void **state)
{
	struct room *r = *state;
	struct config_line *line = &r->h->config->lines[0];
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(wish(r, 2, EVE), ENOENT);
	assert_int_equal(wish(r, 1, ANA), EBUSY); /* talks */
	assert_int_equal(wish(r, 1, BEN), EBUSY); /* is on duty */
	line->listen = false;
	assert_int_equal(wish(r, 1, EVE), EPERM);
	line->listen = true;
	line->kind = CONFIG_KIND_DETENTION;
	assert_int_equal(wish(r, 1, EVE), EPERM);
	line->kind = CONFIG_KIND_ORDINARY;
	assert_int_equal(room_page(r, ANA, false), 0);
	assert_int_equal(wish(r, 1, EVE), EHOSTUNREACH);
	assert_int_equal(room_page(r, ANA, true), 0);
	/* nor without a page of their own, which ends it when it is closed */
	assert_int_equal(room_page(r, EVE, false), 0);
	assert_int_equal(wish(r, 1, EVE), EACCES);
	assert_int_equal(room_page(r, EVE, true), 0);
	assert_int_equal(house_count(r->h, "SELECT count(*) FROM audit"), 0);

	(void)room_listen(r, EVE);
	assert_int_equal(wish(r, 1, EVE), EBUSY);
	(void)room_listen(r, FAY);
	(void)room_listen(r, GUS);
	assert_int_equal(wish(r, 1, HAL), EBUSY);
	room_legs(r, 5);
}


static void a_call_that_waits(void **state)
{
	struct room *r = *state;
	struct sip_call call;

	room_add(r, EVE);
	room_duty(r, EVE, false);
	room_begin(r);
	assert_int_equal(room_page(r, ANA, true), 0);
	room_await(r, ANA, PERSON_FREE);
	house_call(r->h, &call, NULL);
	room_await(r, ANA, PERSON_RINGING);
	assert_int_equal(wish(r, 1, EVE), ENOENT);
}


static void not_longer_than_the_talk(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	sip_call_request(&t.call, "BYE", NULL, NULL);
	(void)sip_call_await(&t.call, "200 BYE");
	room_await(r, ANA, PERSON_WRAP_UP);
	room_legs(r, 0);
	house_await(r->h, ENDED);
	assert_int_equal(r->said[EVE].listening, 0);
}


/* the talk does not notice */
static void her_browser_is_dead(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t eve;

	talk_begin(&t, r);
	eve = room_listen(r, EVE);
	room_news(r, WIRE_LEG_DEAD, eve);
	room_legs(r, 2);
	HEARS(r, t.caller, t.ana);
	HEARS(r, t.ana, t.caller);
	assert_int_equal(r->h->media.n[WIRE_LEG_BRIDGE], 1);
	house_await(r->h, ENDED);
	assert_int_equal(r->said[ANA].listeners[0], 0);
	(void)room_listen(r, EVE); /* and may come again */
}


static void her_page_is_closed(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	assert_int_equal(room_page(r, EVE, false), 0);
	room_legs(r, 2);
	house_await(r->h, ENDED);
}


/* she may not any more: not when the talk is over, but now */
static void her_role_is_taken_away(void **state)
{
	struct room *r = *state;
	uint64_t eve, fay;
	struct talk t;

	talk_begin(&t, r);
	role_set(r, FAY, "main", "trainee");
	role_set(r, EVE, "", "coordinator");
	eve = room_listen(r, EVE);
	fay = room_listen(r, FAY);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	HEARS(r, t.ana, t.caller, eve);

	role_set(r, EVE, "main", "trainee");
	HEARS(r, t.ana, t.caller);
	room_legs(r, 4);
	role_set(r, EVE, "elsewhere", "coordinator");
	room_legs(r, 3);
	HEARS(r, fay, t.caller, t.ana);
	role_set(r, FAY, "main", "counsellor");
	room_legs(r, 2);
	house_await(r->h, ENDED " AND person = 4");
	assert_int_equal(house_count(r->h, ROWS("whisper_off")), 1);
	room_sync(r);
	assert_int_equal(r->said[ANA].listeners[0], 0);
}


static void her_sound_is_refused(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	r->h->media.web_err = ENOTSUP;
	assert_int_equal(wish(r, 1, EVE), ENOTSUP);
	r->h->media.web_err = 0;
	room_legs(r, 2);
	house_await(r->h, ENDED);
	assert_int_equal(r->said[ANA].listeners[0], 0);
}


static void she_goes_on_duty(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	room_duty(r, EVE, true);
	room_await(r, EVE, PERSON_FREE);
	room_legs(r, 2);
	room_sync(r);
	assert_int_equal(r->said[EVE].listening, 0);
}


/* whoever takes over sees it too, or nobody listens any more */
static void handed_over(void **state)
{
	struct room *r = *state;
	uint64_t eve, ben;
	struct talk t;

	talk_begin(&t, r);
	room_await(r, BEN, PERSON_FREE);
	eve = room_listen(r, EVE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	ben = room_accept(r, BEN);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), 0);
	room_await(r, ANA, PERSON_WRAP_UP);
	HEARS(r, eve, t.caller, ben);
	HEARS(r, ben, t.caller);
	room_legs(r, 3);
	assert_int_equal(r->said[BEN].listeners[0], EVE);
	assert_int_equal(r->said[ANA].listeners[0], 0);
}


static void handed_over_unseen(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t ben;

	talk_begin(&t, r);
	room_await(r, BEN, PERSON_FREE);
	(void)room_listen(r, EVE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	ben = room_accept(r, BEN);
	assert_int_equal(room_page(r, BEN, false), 0);
	room_legs(r, 4);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HAND_OVER, 0), 0);
	room_await(r, ANA, PERSON_WRAP_UP);
	room_legs(r, 2);
	HEARS(r, t.caller, ben);
	house_await(r->h, ENDED);
}


/* A guest is heard, too: at a telephone, with no page, they could not see it. */
static void a_guest_without_a_page(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t ben;

	talk_begin(&t, r);
	room_await(r, BEN, PERSON_FREE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_await(r, BEN, PERSON_RINGING);
	ben = room_accept(r, BEN);
	assert_int_equal(room_page(r, BEN, false), 0);
	assert_int_equal(wish(r, 1, EVE), EHOSTUNREACH);
	assert_int_equal(room_page(r, BEN, true), 0);
	(void)room_listen(r, EVE);
	HEARS(r, r->h->media.web.leg, t.ana, ben);
	/* it was shown: what they do with their page is theirs */
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THREE, 0), 0);
	HEARS(r, r->h->media.web.leg, t.caller, t.ana, ben);
	assert_int_equal(room_page(r, BEN, false), 0);
	room_sync(r);
	room_legs(r, 4);
}


/* Ben has a telephone alone, and is on duty from now on. */
static void ben_comes_by_telephone(struct room *r)
{
	struct store_person p;
	char uri[64];
	int n;

	assert_int_equal(store_person_find(r->h->tool, BEN, &p), 0);
	n = re_snprintf(uri, sizeof(uri), "sip:ben@%J", &r->h->ana.laddr);
	assert_int_equal(secret_set(&p.phone, uri, (size_t)n), 0);
	assert_int_equal(store_telephone_set(r->h->tool, &p), 0);
	room_duty(r, BEN, true);
}


static void a_guest_comes_without_a_page(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	assert_int_equal(room_page(r, BEN, false), 0);
	ben_comes_by_telephone(r);
	(void)room_listen(r, EVE);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_CONSULT, BEN), 0);
	room_legs(r, 4);
	assert_int_equal(r->said[EVE].listening, 1); /* it only rings */
	(void)house_picks_up(&r->h->ana);
	room_legs(r, 3);
	HEARS(r, t.ana, r->h->media.out);
	house_await(r->h, ENDED);
}


static void with_a_third(void **state)
{
	struct room *r = *state;
	uint64_t eve, third;
	struct talk t;

	talk_begin(&t, r);
	eve = room_listen(r, EVE);
	assert_int_equal(room_do(r, EVE, WIRE_VERB_WHISPER, 1), 0);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_THIRD, 0), 0);
	(void)house_picks_up(&r->h->home);
	third = r->h->media.out;
	HEARS(r, eve, t.caller, t.ana, third);
	HEARS(r, third, t.caller, t.ana);
	HEARS(r, t.ana, t.caller, third, eve);
	assert_int_equal(room_do(r, ANA, WIRE_VERB_HOLD, 0), 0);
	HEARS(r, eve, t.ana, third);
	HEARS(r, t.caller, ROOM_HOLD);
}


static bool not_listening(void *arg)
{
	const struct room *r = arg;

	return !r->said[EVE].listening;
}


/* Whoever listens may begin anew; whoever talks is waited for. */
static void the_media_process_dies(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	clock_get()->speed = 100; /* nobody starts it again */
	r->said[EVE].listening = 1;
	r->h->media.server = mem_deref(r->h->media.server);
	sip_loop(not_listening, r, "Eve listens no more");
	house_bye(&r->h->caller);
	clock_get()->speed = 1;
	room_await(r, ANA, PERSON_WRAP_UP);
}


/* the sound is the browser's own: it goes on, and is shown to whoever is back */
static void the_web_process_dies(void **state)
{
	struct room *r = *state;
	struct talk t;
	uint64_t eve;

	talk_begin(&t, r);
	eve = room_listen(r, EVE);
	room_web_dies(r);
	room_legs(r, 3);
	room_web(r);
	assert_int_equal(room_page(r, ANA, true), 0);
	assert_int_equal(room_page(r, EVE, true), 0);
	room_await(r, ANA, PERSON_TALKING);
	room_sync(r);
	assert_int_equal(r->said[ANA].listeners[0], EVE);
	assert_int_equal(r->said[EVE].listening, 1);
	HEARS(r, eve, t.caller, t.ana);
}


/* the web process is back, her page is not */
static void her_page_does_not_come_back(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	clock_get()->speed = 1000;
	room_web_dies(r);
	room_legs(r, 2);
	house_await(r->h, ENDED);
}


static void the_line_stops(void **state)
{
	struct room *r = *state;
	struct talk t;

	talk_begin(&t, r);
	(void)room_listen(r, EVE);
	switchboard_close(r->h->sb);
	house_bye(&r->h->caller);
	room_legs(r, 0);
	house_await(r->h, ENDED);
	assert_int_equal(wish(r, 1, EVE), ENOENT);
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, room_open, room_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(hears_and_is_not_heard),
		CASE(never_in_secret),
		CASE(not_on_record_not_heard),
		CASE(a_whisper_not_on_record),
		CASE(whispers),
		CASE(whispers_to_the_counsellor_alone),
		CASE(who_may_not),
		CASE(a_call_that_waits),
		CASE(not_longer_than_the_talk),
		CASE(her_browser_is_dead),
		CASE(her_page_is_closed),
		CASE(her_sound_is_refused),
		CASE(she_goes_on_duty),
		CASE(handed_over),
		CASE(handed_over_unseen),
		CASE(a_guest_without_a_page),
		CASE(a_guest_comes_without_a_page),
		CASE(with_a_third),
		CASE(the_media_process_dies),
		CASE(the_web_process_dies),
		CASE(her_role_is_taken_away),
		CASE(her_page_does_not_come_back),
		CASE(the_line_stops),
	};
	int err;

	if (sodium_init() < 0 || libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
