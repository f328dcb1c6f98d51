/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recovery.c  The shares of the recovery key, and whether they are still
 * there: the browser shows the hash of one. Must not see a share.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/epoch.h"

#include "accounts_parts.h"
#include "guesses.h"
#include "vault.h"


/* a year, as `ringback recovery show` has it */
static const int64_t drill_ms = (int64_t)365 * 86400 * 1000;


static json_t *share_json(const struct store_recovery *r, uint32_t i,
			  int64_t now)
{
	const int64_t tried = r->shares[i].tried_at;

	return json_pack("{s:I, s:o, s:b}", "number", (json_int_t)i + 1,
			 "tried_at", tried ? json_integer(tried) : json_null(),
			 "due", now - (tried ? tried : r->made_at) > drill_ms);
}


static void shares_get(struct request *req)
{
	json_t *list = json_array();
	struct store_recovery r;
	int err;

	err = store_recovery_get(req->web->store, &r);
	if (err == ENOENT)
		memset(&r, 0, sizeof(r));
	else if (err) {
		json_decref(list);
		request_errno(req, err);
		return;
	}
	for (uint32_t i = 0; i < r.n; i++)
		(void)json_array_append_new(list, share_json(&r, i,
							     accounts_now()));
	request_reply(req, 200, json_pack("{s:I, s:o}", "need",
					  (json_int_t)r.need, "shares",
					  list));
}


static int number_of(struct store *s, const uint8_t *hash, json_int_t *np)
{
	struct store_recovery r;
	int err;

	err = store_recovery_get(s, &r);
	for (uint32_t i = 0; !err && i < r.n; i++) {
		if (proof_same(r.shares[i].hash, hash)) {
			*np = (json_int_t)i + 1;
			return 0;
		}
	}

	return err ? err : ENOENT;
}


static void tried(struct request *req, int err, json_int_t number)
{
	struct signin_limit *l = req->web->accounts->names;

	if (err == ENOENT) {
		signin_limit_failed(l, guesses_place(req, "share"),
				    tmr_jiffies());
		request_error(req, 404, "not_a_share",
			      "This is no share of the recovery key that is"
			      " used here.");
	}
	else if (err) {
		request_errno(req, err);
	}
	else {
		signin_limit_passed(l, guesses_place(req, "share"));
		request_reply(req, 200, json_pack("{s:I}", "number", number));
	}
}


static void share_try(struct request *req)
{
	const uint32_t s = signin_limit_wait(req->web->accounts->names,
					     guesses_place(req, "share"),
					     tmr_jiffies());
	uint8_t hash[PROOF_BYTES];
	json_int_t number = 0;
	const char *text;
	int err;

	if (!request_unpack(req, "{s:s}", "hash", &text))
		return;
	if (proof_decode(hash, sizeof(hash), text)) {
		request_error(req, 400, "bad_request",
			      "\"hash\" takes 32 bytes as base64url.");
		return;
	}
	if (s) {
		guesses_slow_down(req, s);
		return;
	}
	err = number_of(req->web->store, hash, &number);
	if (!err)
		err = store_recovery_tried(req->web->store, hash,
					   accounts_now());
	tried(req, err, number);
}


static const struct route rows[] = {
	{ROUTE_GET, "/api/v1/vault/recovery", shares_get, 0,
	 SESSION_COORDINATOR},
	{ROUTE_POST, "/api/v1/vault/recovery/try", share_try, 0,
	 SESSION_COORDINATOR},
};

const struct route_table recovery_routes = {
	rows, sizeof(rows) / sizeof(rows[0]),
};
