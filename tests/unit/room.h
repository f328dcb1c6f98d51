/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file room.h  A house with ringback-web, and several counsellors at their
 * pages
 *
 * People are numbered as they are added, from 1 on. To be included after
 * cmocka.h.
 */
#ifndef RINGBACK_TEST_ROOM_H
#define RINGBACK_TEST_ROOM_H

#include "house.h"

enum { ANA = 1, BEN, EVE, FAY, GUS, HAL, ROOM_PEOPLE };

/** In a list of legs: the hold sound. */
#define ROOM_HOLD UINT64_MAX

struct room {
	struct house *h;
	struct wire_conn *conn; /**< NULL: there is no web process */
	struct wire_counsellor said[ROOM_PEOPLE]; /**< last of each */
	/* the reply that is awaited */
	enum wire_type type;
	int err;
	struct {
		const struct wire_counsellor *c;
		enum person_state state;
		unsigned guest_state;
	} wanted;
};

/** For cmocka. The line "main" has a third, "Interpreter" (h->home rings),
 *  transfers, and may be listened to. */
int room_open(void **state);
int room_close(void **state);

/** People up to this one, on duty, with the page alone. */
void room_add(struct room *r, uint32_t last);

/** On duty or not, from now on. */
void room_duty(struct room *r, uint32_t person, bool on);

/** The line and the web process start. */
void room_begin(struct room *r);
void room_web(struct room *r);
void room_web_dies(struct room *r);

/** @return 0, or why it was refused */
int room_ask(struct room *r, enum wire_type type, const void *payload,
	     const char *blob);
int room_page(struct room *r, uint32_t person, bool present);
int room_do(struct room *r, uint32_t person, enum wire_verb verb,
	    uint32_t number);

/** Until they are said to be in this state. */
void room_await(struct room *r, uint32_t person, enum person_state state);
void room_await_guest(struct room *r, uint32_t person,
		      enum guest_state state);

/** What was under way has arrived. */
void room_sync(struct room *r);

/** They pick up at their page. @return their leg */
uint64_t room_accept(struct room *r, uint32_t person);

/** A caller and Ana, whose leg is returned, talk. */
uint64_t room_talk(struct room *r, struct sip_call *call);

/** They listen to call 1. @return their leg */
uint64_t room_listen(struct room *r, uint32_t person);

/** News of a browser's leg. */
void room_news(struct room *r, enum wire_type type, uint64_t leg);

/** Until this leg hears these (0-terminated), and nothing else. */
void room_hears(struct room *r, uint64_t leg, const uint64_t *from);
#define HEARS(r, leg, ...)                                                    \
	room_hears(r, leg, (const uint64_t[]){__VA_ARGS__, 0})

/** Until there are no legs but these many; no order was about another one. */
void room_legs(struct room *r, unsigned n);

#endif
