/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * core_resume.c  Callers who are still on the line after a restart: another
 * core goes on with what the first one kept.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "desk.h"


/* What outlives a core, of one call. */
struct left {
	struct core_record record;
	struct core_kept kept;
};


static struct left left_of(const struct desk *d, uint64_t call)
{
	struct left l = {.record = record_of(d, call)};

	assert_true(core_keep(d->core, call, &l.kept));
	return l;
}


/* Another life, a second later: the same people are on duty. */
static void dies(struct desk *d)
{
	struct core_settings s = desk_settings(d);
	const uint64_t now = d->now;

	s.first_call = FIRST_CALL + 100;
	core_free(d->core);
	assert_int_equal(desk_open_as(d, &s), 0);
	d->now = now + 1000;
	OK(d, .type = CORE_CLOCK, .unix_ms = MORNING + (int64_t)d->now);
}


static void resume(struct desk *d, const struct left *l)
{
	OK(d, .type = CORE_RESUME, .restore = &l->record, .kept = &l->kept,
	   .handle = HANDLE);
}


static uint64_t talking(struct desk *d)
{
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, LINE, HANDLE);
	d->now += 4000;
	(void)accepted(d, ANNA);
	assert_int_equal(where(d, call), CALL_TALKING);

	return call;
}


static void who_talks_talks_on(void **state)
{
	struct desk *d = *state;
	const uint64_t call = talking(d);
	const uint64_t offer = offer_of(d, ANNA);
	const struct left l = left_of(d, call);

	d->now += 5000;
	dies(d);
	on_duty(d, BELA); /* has the slot that was ANNA's */
	on_duty(d, ANNA);
	resume(d, &l);
	DID(d, "update party");
	assert_int_equal(where(d, call), CALL_TALKING);
	assert_int_equal(at(d, ANNA), PERSON_TALKING);
	assert_int_equal(offer_of(d, ANNA), offer);
	assert_int_equal(told(d)->counsellor, ANNA);

	d->now += 4000;
	OK(d, .type = CORE_PERSON_GONE, .offer = offer);
	DID(d, "hang_up update");
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
	assert_int_equal(told(d)->wait_ms, 4000);
	assert_int_equal(told(d)->talk_ms, 10000);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
}


static void who_talks_is_not_rung(void **state)
{
	struct desk *d = *state;
	const uint64_t call = talking(d);
	const uint64_t later = waiting_as(d, LINE, HANDLE + 1);
	const struct left talk = left_of(d, call);
	const struct left wait = left_of(d, later);

	dies(d);
	on_duty(d, ANNA);
	resume(d, &wait); /* comes first here, and ANNA looks free */
	assert_false(asked(d, CORE_OFFER));
	resume(d, &talk);
	settle(d);
	assert_int_equal(where(d, later), CALL_WAITING);
	on_duty(d, BELA);
	assert_int_equal(where(d, later), CALL_OFFERED);
	assert_true(offer_of(d, BELA) > offer_of(d, ANNA));
}


/* Dies, and all who are on duty again go on with what they were in. */
static void dies_in_pauses(struct desk *d)
{
	struct core_pause v[LIMIT_PEOPLE];
	const size_t n = core_pauses(d->core, v);

	dies(d);
	on_duty(d, BELA);
	on_duty(d, ANNA);
	for (size_t i = 0; i < n; i++)
		OK(d, .type = CORE_PERSON_PAUSED, .person = v[i].person,
		   .pause = &v[i]);
}


static uint64_t pause_of(const struct desk *d, uint32_t person)
{
	struct core_person_view v;

	assert_true(core_person(d->core, person, &v));

	return v.deadline;
}


/* Nobody is rung while they write their note. */
static void who_writes_up_does_so_to_the_end(void **state)
{
	struct desk *d = *state;
	uint64_t serial, end;

	(void)talking(d);
	serial = core_pauses_serial(d->core);
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, ANNA));
	assert_true(core_pauses_serial(d->core) != serial);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	end = pause_of(d, ANNA);
	dies_in_pauses(d);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	assert_int_equal(pause_of(d, ANNA), end);
	assert_int_equal(at(d, BELA), PERSON_FREE);
	(void)waiting_as(d, LINE, HANDLE);
	assert_int_equal(at(d, BELA), PERSON_RINGING);
	(void)waiting_as(d, LINE, HANDLE + 1);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	until(d, end);
	assert_int_equal(at(d, ANNA), PERSON_RINGING);
}


static void who_is_being_hung_up_on_writes_up(void **state)
{
	struct desk *d = *state;
	const uint64_t call = talking(d);

	caller_gone(d, call);
	assert_int_equal(at(d, ANNA), PERSON_HANGING_UP);
	dies_in_pauses(d);
	assert_int_equal(at(d, ANNA), PERSON_WRAP_UP);
	assert_int_equal(pause_of(d, ANNA), d->now - 1000 + WRAP_UP_MS);
}


static void who_rests_rests(void **state)
{
	struct desk *d = *state;
	uint64_t end;

	on_duty(d, ANNA);
	(void)waiting_as(d, LINE, HANDLE);
	not_accepted(d, ANNA, CAUSE_DECLINED);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
	end = pause_of(d, ANNA);
	dies_in_pauses(d);
	assert_int_equal(at(d, ANNA), PERSON_RESTING);
	assert_int_equal(pause_of(d, ANNA), end);
}


/* What is over is over; what could not be, is at most as long as any. */
static void a_pause_ends_when_it_should(void **state)
{
	struct desk *d = *state;
	struct core_pause p = {.person = ANNA};

	on_duty(d, ANNA);
	d->now += 1000;
	p.until = d->now - 1;
	OK(d, .type = CORE_PERSON_PAUSED, .person = ANNA, .pause = &p);
	assert_int_equal(at(d, ANNA), PERSON_FREE);
	p.until = UINT64_MAX;
	OK(d, .type = CORE_PERSON_PAUSED, .person = ANNA, .pause = &p);
	assert_int_equal(pause_of(d, ANNA), d->now + WRAP_UP_MS);
	/* nobody is told twice, and who is off duty has none */
	assert_int_equal(TELL(d, .type = CORE_PERSON_PAUSED, .person = ANNA,
			      .pause = &p), EPROTO);
	off_duty(d, ANNA);
	assert_int_equal(TELL(d, .type = CORE_PERSON_PAUSED, .person = ANNA,
			      .pause = &p), EPROTO);
	assert_int_equal(TELL(d, .type = CORE_PERSON_PAUSED, .person = CEM,
			      .pause = &p), ENOENT);
	assert_int_equal(TELL(d, .type = CORE_PERSON_PAUSED, .person = ANNA),
			 EINVAL);
}


static void off_duty_meanwhile_and_talks_on(void **state)
{
	struct desk *d = *state;
	const struct left l = left_of(d, talking(d));

	dies(d);
	OK(d, .type = CORE_PERSON, .person = ANNA, .lines = UINT16_MAX,
	   .languages = 1);
	resume(d, &l);
	assert_int_equal(at(d, ANNA), PERSON_TALKING_OFF);
	OK(d, .type = CORE_PERSON_GONE, .offer = l.kept.offer);
	assert_int_equal(at(d, ANNA), PERSON_OFF);
}


/* Nobody knows that counsellor any more: the caller waits, at the old place. */
static void who_talked_with_a_stranger_waits(void **state)
{
	struct desk *d = *state;
	const uint64_t call = talking(d);
	const struct left l = left_of(d, call);
	struct core_kept kept;

	d->now += 2000;
	dies(d);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_int_equal(told(d)->talk_ms, 3000);
	assert_true(core_keep(d->core, call, &kept));
	assert_int_equal(kept.place, l.kept.place);
	caller_gone(d, call);
	assert_int_equal(told(d)->outcome, OUTCOME_TALKED);
}


static void who_waits_keeps_the_place(void **state)
{
	struct desk *d = *state;
	const uint64_t first = waiting_as(d, LINE, HANDLE);
	uint64_t second;
	struct left a, b;

	d->now += 1000;
	second = waiting_as(d, LINE, HANDLE + 1);
	a = left_of(d, first);
	b = left_of(d, second);
	dies(d);
	resume(d, &b);
	resume(d, &a);
	settle(d);
	on_duty(d, ANNA);
	assert_int_equal(where(d, first), CALL_OFFERED);
	assert_int_equal(where(d, second), CALL_WAITING);
	d->now += 3000;
	accepted(d, ANNA);
	assert_int_equal(told(d)->wait_ms, 5000);
}


/* Who just heard hold sound hears no word of it. */
static void hold_sound_goes_on(void **state)
{
	struct desk *d = *state;
	struct left l;
	uint64_t call;

	on_duty_as(d, ANNA, 1, 0);
	call = waiting_as(d, LINE, HANDLE);
	not_accepted(d, ANNA, CAUSE_DECLINED); /* rests */
	l = left_of(d, call);
	assert_false(l.kept.asked);
	dies(d);
	on_duty(d, BELA);
	resume(d, &l);
	assert_true(asked(d, CORE_PLAY));
	assert_int_not_equal(the(d, CORE_PLAY)->play.v[0].prompt, PROMPT_STAY);
	assert_true(the(d, CORE_PLAY)->play.loop);
	settle(d);
	assert_int_equal(where(d, call), CALL_OFFERED); /* rung anew */
}


static void who_was_asked_something_waits(void **state)
{
	struct desk *d = *state;
	struct left l;
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, LINE, HANDLE);
	key(d, call, 1); /* is this your number? */
	l = left_of(d, call);
	assert_true(l.kept.asked);
	dies(d);
	on_duty(d, ANNA);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_WAITING);
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt, PROMPT_STAY);
}


static void who_was_recording_is_thanked(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);
	struct left l;

	speaks(d, call);
	assert_int_equal(where(d, call), CALL_RECORDING);
	l = left_of(d, call);
	dies(d);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_LEAVING);
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt,
			 PROMPT_KEPT_MESSAGE);
	caller_gone(d, call);
	assert_int_equal(told(d)->state, CALL_PROMISED);
}


/* Written, and we died before we heard so; or not written. */
static void what_was_being_saved_is_what_is_on_record(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);
	struct left l;

	for (int i = 0; i < 4; i++)
		key(d, call, 1);
	assert_int_equal(where(d, call), CALL_SAVING_RING_BACK);
	l = left_of(d, call);
	dies(d);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_LEAVING);
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt,
			 PROMPT_KEPT_RING_BACK);

	dies(d);
	l.record.promise = (struct core_promise){.kind = PROMISE_NONE};
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_WAITING);
}


static void guest(struct desk *d, bool three)
{
	const uint64_t call = talking(d);
	struct core_call_view v;
	struct left l;

	on_duty(d, BELA);
	OK(d, .type = CORE_CONSULT, .offer = offer_of(d, ANNA),
	   .person = BELA);
	OK(d, .type = CORE_ACCEPTED, .offer = offer_of(d, BELA));
	if (three)
		OK(d, .type = CORE_THREE, .offer = offer_of(d, ANNA));
	l = left_of(d, call);
	dies(d);
	on_duty(d, BELA);
	on_duty(d, ANNA);
	resume(d, &l);
	assert_true(core_call(d->core, call, &v));
	assert_int_equal(v.guest_state, three ? GUEST_THREE : GUEST_ASIDE);
	assert_int_equal(v.guest_person, BELA);
	assert_int_equal(v.guest, l.kept.guest);
	OK(d, .type = CORE_PERSON_GONE, .offer = l.kept.offer);
	assert_true(core_call(d->core, call, &v));
	assert_int_equal(v.person, BELA);
}


static void the_guest_is_there_still(void **state)
{
	guest(*state, false);
}


static void all_three_talk_on(void **state)
{
	guest(*state, true);
}


static void who_was_rung_back_talks_on(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);
	struct core_kept kept;
	struct left l;

	assert_false(core_keep(d->core, call, &kept)); /* nobody is there yet */
	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	assert_false(core_keep(d->core, call, &kept));
	key(d, call, 1);
	l = left_of(d, call);
	dies(d);
	on_duty(d, ANNA);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_TALKING);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
}


/* The disk may be behind: who is rung back is no caller of their own. */
static void an_attempt_that_is_not_on_record(void **state)
{
	struct desk *d = *state;
	const uint64_t call = dialling(d);
	struct left l;

	OK(d, .type = CORE_DIAL_ANSWERED, .call = call);
	key(d, call, 1);
	l = left_of(d, call);
	assert_int_equal(l.record.promise.n_attempts, 1);
	l.record.promise.n_attempts = 0;
	dies(d);
	on_duty(d, ANNA);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_TALKING);
	OK(d, .type = CORE_DIAL_OVER, .call = call, .cause = CAUSE_HUNG_UP);
	assert_int_equal(told(d)->outcome, OUTCOME_KEPT);
	assert_int_equal(told(d)->promise.n_attempts, 1);
}


static void who_is_blocked_hears_so(void **state)
{
	struct desk *d = *state;
	const uint64_t call = waiting_as(d, LINE, HANDLE);
	struct left l = left_of(d, call);

	l.kept.blocked = true;
	dies(d);
	on_duty(d, ANNA);
	resume(d, &l);
	assert_int_equal(where(d, call), CALL_LEAVING);
	assert_int_equal(the(d, CORE_PLAY)->play.v[0].prompt, PROMPT_BLOCKED);
}


static void nonsense_is_refused(void **state)
{
	struct desk *d = *state;
	const struct left good = left_of(d, waiting_as(d, LINE, HANDLE));
	struct left l = good;

	dies(d);
	assert_int_equal(TELL(d, .type = CORE_RESUME,
			      .restore = &l.record), EINVAL);
	assert_int_equal(TELL(d, .type = CORE_RESUME, .kept = &l.kept),
			 EINVAL);
	l.kept.language = LIMIT_TONGUES;
	assert_int_equal(TELL(d, .type = CORE_RESUME, .restore = &l.record,
			      .kept = &l.kept), EINVAL);
	l = good;
	l.kept.refused = CAUSES;
	assert_int_equal(TELL(d, .type = CORE_RESUME, .restore = &l.record,
			      .kept = &l.kept), EINVAL);
	for (int s = 0; s <= 255; s++) {
		l = good;
		l.kept.state = (enum call_state)s;
		if (s >= CALL_ANSWERING && s <= CALL_LEAVING &&
		    s != CALL_FILING)
			continue;
		assert_int_equal(TELL(d, .type = CORE_RESUME,
				      .restore = &l.record, .kept = &l.kept),
				 ENOENT);
	}
	assert_int_equal(core_count_calls(d->core, CALL_WAITING), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		DESK_WHOLE(who_talks_talks_on),
		DESK_WHOLE(who_talks_is_not_rung),
		DESK(who_writes_up_does_so_to_the_end),
		DESK(who_is_being_hung_up_on_writes_up),
		DESK(who_rests_rests),
		DESK(a_pause_ends_when_it_should),
		DESK_WHOLE(off_duty_meanwhile_and_talks_on),
		DESK_WHOLE(who_talked_with_a_stranger_waits),
		DESK_WHOLE(who_waits_keeps_the_place),
		DESK_WHOLE(hold_sound_goes_on),
		DESK_WHOLE(who_was_asked_something_waits),
		DESK_WHOLE(who_was_recording_is_thanked),
		DESK_WHOLE(what_was_being_saved_is_what_is_on_record),
		DESK_WHOLE(the_guest_is_there_still),
		DESK_WHOLE(all_three_talk_on),
		DESK_WHOLE(who_was_rung_back_talks_on),
		DESK_WHOLE(an_attempt_that_is_not_on_record),
		DESK_WHOLE(who_is_blocked_hears_so),
		DESK_WHOLE(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
