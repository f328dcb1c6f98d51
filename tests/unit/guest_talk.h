/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file guest_talk.h  A talk that may have a guest, for core_guest*.c
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_GUEST_TALK_H
#define RINGBACK_TEST_GUEST_TALK_H

#include "desk.h"

/* ANNA talks with a caller; BELA and CEM are free, BELA for longer. */
static inline uint64_t talking(struct desk *d)
{
	uint64_t call;

	on_duty(d, ANNA);
	call = waiting_as(d, LINE, HANDLE);
	(void)accepted(d, ANNA);
	on_duty(d, BELA);
	d->now += 1000;
	on_duty(d, CEM);
	d->now += 9000;

	return call;
}


static inline int asks(struct desk *d, enum core_event_type verb, uint32_t person)
{
	return TELL(d, .type = verb, .offer = offer_of(d, ANNA),
		    .person = person);
}


static inline struct core_call_view view(const struct desk *d, uint64_t call)
{
	struct core_call_view v;

	assert_true(core_call(d->core, call, &v));
	return v;
}


static inline enum guest_state guest_at(const struct desk *d, uint64_t call)
{
	return view(d, call).guest_state;
}


/* another day */
static inline struct desk *anew(void **state)
{
	(void)desk_teardown(state);
	assert_int_equal(desk_setup_whole(state), 0);

	return *state;
}


/* BELA is asked, and rings */
static inline uint64_t ringing(struct desk *d)
{
	const uint64_t call = talking(d);

	assert_int_equal(asks(d, CORE_CONSULT, BELA), 0);
	assert_int_equal(guest_at(d, call), GUEST_RINGING);

	return call;
}


static inline uint64_t aside(struct desk *d)
{
	const uint64_t call = ringing(d);

	(void)accepted(d, BELA);
	assert_int_equal(guest_at(d, call), GUEST_ASIDE);

	return call;
}


static inline uint64_t three(struct desk *d)
{
	const uint64_t call = aside(d);

	assert_int_equal(asks(d, CORE_THREE, 0), 0);
	assert_int_equal(guest_at(d, call), GUEST_THREE);

	return call;
}


static inline void goes(struct desk *d, uint32_t person)
{
	OK(d, .type = CORE_PERSON_GONE, .offer = offer_of(d, person),
	   .cause = CAUSE_HUNG_UP);
}


static inline void is_lost(struct desk *d, uint32_t person)
{
	OK(d, .type = CORE_PERSON_LOST, .offer = offer_of(d, person),
	   .cause = CAUSE_NETWORK);
}


/* they talk as two, and nobody else */
static inline void two(struct desk *d, uint64_t call, uint32_t person)
{
	const struct core_call_view v = view(d, call);

	assert_int_equal(v.state, CALL_TALKING);
	assert_int_equal(v.person, person);
	assert_int_equal(v.offer, offer_of(d, person));
	assert_int_equal(v.n_offers, 1);
	assert_int_equal(v.guest_state, GUEST_NONE);
	assert_int_equal(v.guest, 0);
	assert_int_equal(v.guest_person, 0);
	assert_int_equal(record_of(d, call).counsellor, person);
	assert_true(at(d, person) == PERSON_TALKING ||
		    at(d, person) == PERSON_TALKING_OFF);
}

#endif
