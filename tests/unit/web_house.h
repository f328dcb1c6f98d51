/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file web_house.h  All of a house with a page, but for HTTP and the line
 *
 * The handlers of accounts are called as http.c does, with a store of their
 * own. To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_WEB_HOUSE_H
#define RINGBACK_TEST_WEB_HOUSE_H

#include "web/accounts_parts.h"

#include "store_fixture.h"

enum { LOG = 512 };

struct house;
struct bridge_ask;

/** In place of the line: answers a question to it. */
typedef void(house_line_h)(struct house *h, struct request *req,
			   const struct bridge_ask *ask);

struct house {
	struct fixture *f;
	house_line_h *lineh;    /**< NULL: nothing may be asked             */
	void *line;             /**< its own                                */
	struct web web;
	struct config config;
	struct request req;     /**< the one that is handled                */
	unsigned status;        /**< of its answer; 0 none                  */
	json_t *answer;
	char cookie[HTTP_COOKIE];
	char told[LOG];         /**< what pages were told                   */
	unsigned n_changed;     /**< times the line was told                */
};

/* for cmocka */
int setup(void **state);
int teardown(void **state);

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/** accounts_alloc() */
void accounts_open(struct house *h);

/** By the cookie of before, if it still opens. @param body takes
 *  @return the status; h->answer is the answer */
unsigned ask(struct house *h, enum route_method method, const char *path,
	     uint64_t id, json_t *body);
unsigned post(struct house *h, const char *path, json_t *body);

/** A text of the answer. */
const char *word(const struct house *h, const char *member);

/** Somebody new; role NULL: none. */
uint32_t person_new(struct house *h, const char *name, const char *line,
		    const char *role);

/** n bytes, all the same, as text. */
void encode(char text[PROOF_TEXT], uint8_t fill, size_t n);

/** What /invitation/accept takes; the proof is PROOF_BYTES times fill. */
json_t *acceptance(const char *token, uint8_t fill);

void invited(struct house *h, uint32_t person, int64_t ends_at,
	     char token[PROOF_TEXT]);

/** The page is this person's from now on. */
void joins(struct house *h, uint32_t person, uint8_t fill);

/** code NULL: none */
unsigned sign_in(struct house *h, const char *name, uint8_t fill,
		 const char *code);

#endif
