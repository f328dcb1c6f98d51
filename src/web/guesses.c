/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * guesses.c  Where guesses are counted, and how a pause is asked for. Must not
 * know what is guessed at.
 */
#include <stdio.h>

#include "seal/proof.h"

#include "accounts_parts.h"
#include "guesses.h"


uint32_t guesses_place(const struct request *req, const char *at)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "\n%s %u", at,
		       req->session.person);

	return proof_place(req->web->accounts->key, text);
}


void guesses_slow_down(struct request *req, uint32_t s)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%u", s);
	request_header(req, "Retry-After", text);
	request_reply(req, 429, json_pack("{s:s, s:s, s:I}", "error",
		"slow_down", "message", "Too many tries have failed. Wait a"
		" little, then try again.", "retry_s", (json_int_t)s));
}
