/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_answers.c  What the core must answer to an event about an offer or a
 * person: taken, or refused rightly.
 */
#include <errno.h>

#include "books.h"


static int answer_to_arrive(struct check *k, const struct core_event *ev)
{
	(void)ev;

	/* core_next_call() of before the step: the world asks it */
	return k->n_open >= LIMIT_CALLS ? ENOSPC : 0;
}


static int answer_to_person(struct check *k, const struct core_event *ev)
{
	if (!ev->person)
		return EINVAL;

	return !book_find_person(k, ev->person) && k->n_people == LIMIT_PEOPLE
		       ? ENOSPC
		       : 0;
}


/* That a pause is over only the core can know: see note_free(). */
static int answer_to_ready(struct check *k, const struct core_event *ev)
{
	const struct book_person *p = book_find_person(k, ev->person);

	if (!p)
		return ENOENT;

	return p->pause_until && !p->free_since ? 0 : EPROTO;
}


static int answer_to_paused(struct check *k, const struct core_event *ev)
{
	const struct book_person *p = book_find_person(k, ev->person);

	if (!p)
		return ENOENT;

	return p->on && !p->offer && !p->pause_until ? 0 : EPROTO;
}


int judge_offer_event(struct check *k, const struct core_event *ev)
{
	const struct book_person *p = book_find_offer(k, ev->offer);

	switch (ev->type) {
	case CORE_ACCEPTED:
		return !p ? ENOENT : p->accepted ? EPROTO : 0;
	case CORE_NOT_ACCEPTED:
	case CORE_PERSON_GONE:
	case CORE_PERSON_LOST:
		return p ? 0 : ENOENT;
	case CORE_PERSON_ON:
	case CORE_PERSON_OFF:
		return book_find_person(k, ev->person) ? 0 : ENOENT;
	case CORE_CONSULT:
	case CORE_CONSULT_END:
	case CORE_THREE:
	case CORE_HAND_OVER:
		return guest_answer(k, ev);
	case CORE_PERSON_READY:
		return answer_to_ready(k, ev);
	case CORE_PERSON_PAUSED:
		return answer_to_paused(k, ev);
	case CORE_PERSON:
		return answer_to_person(k, ev);
	case CORE_ARRIVE:
		return answer_to_arrive(k, ev);
	default:
		return 0;
	}
}
