/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * talk.c  What counsellors do with a ring and a talk. Whether it is theirs,
 * and whether it can be done, the line knows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdp.h"
#include "talk.h"
#include "web.h"


static const struct bridge_refusal refusals[] = {
	{ENOENT, 404, "over", "that is over, or somebody else's"},
	{EPROTO, 409, "not_now", "that cannot be done just now"},
	{0, 0, NULL, NULL},
};

static const struct bridge_refusal sound_refusals[] = {
	{ENOENT, 404, "over", "it does not ring for you any more"},
	SDP_REFUSALS,
	{0, 0, NULL, NULL},
};

static const struct bridge_refusal party_refusals[] = {
	{ENOENT, 404, "over", "that is over, or somebody else's"},
	{EPROTO, 409, "not_now", "that cannot be done just now"},
	{EBUSY, 409, "not_free",
	 "they are not free just now, or somebody is in the talk already"},
	{EPERM, 403, "not_here",
	 "this line does not allow it, or they do not see to its callers"},
	{EINVAL, 400, "invalid", "the line has nobody of that number"},
	{ENETUNREACH, 503, "no_trunk", "no trunk of this line can dial out"},
	{0, 0, NULL, NULL},
};


static void on_sound(struct request *req)
{
	const struct wire_ring ring = {
		.offer = req->ids[0],
		.person = req->session.person,
	};
	struct bridge_ask ask = {
		.type = WIRE_RING_SOUND,
		.payload = &ring,
		.answer = WIRE_RING_SDP,
		.replyh = sdp_reply,
		.refusals = sound_refusals,
	};
	const char *sdp;

	if (!sdp_take(req, &sdp, &ask.n_blob))
		return;

	ask.blob = sdp;
	bridge_ask(req, &ask);
}


/* ---- verbs ---- */

static void ask_do(struct request *req, enum wire_verb verb, uint32_t key)
{
	const struct wire_do todo = {
		.offer = req->ids[0], .verb = verb, .key = key};

	bridge_do(req, todo, refusals);
}


static void on_accept(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_do(req, WIRE_VERB_ACCEPT, 0);
}


static void on_decline(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_do(req, WIRE_VERB_DECLINE, 0);
}


static void on_hang_up(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_do(req, WIRE_VERB_HANG_UP, 0);
}


static void on_hold(struct request *req)
{
	int on;

	if (request_unpack(req, "{s:b}", "on", &on))
		ask_do(req, on ? WIRE_VERB_HOLD : WIRE_VERB_RESUME, 0);
}


static void on_key(struct request *req)
{
	static const char keys[] = "0123456789*#";
	const char *key, *found;

	if (!request_unpack(req, "{s:s}", "key", &key))
		return;

	found = key[0] && !key[1] ? strchr(keys, key[0]) : NULL;
	if (found)
		ask_do(req, WIRE_VERB_KEY, (uint32_t)(found - keys));
	else
		request_error(req, 400, "invalid",
			      "that is no key of a telephone");
}


static void on_ready(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_do(req, WIRE_VERB_READY, 0);
}


/* ---- who else is in the talk ---- */

static void ask_party(struct request *req, enum wire_verb verb, uint32_t other)
{
	const struct wire_do todo = {
		.offer = req->ids[0], .verb = verb, .other = other};

	bridge_do(req, todo, party_refusals);
}


/* {name: other}, not below 0 and no more than 32 bits */
static void take_party(struct request *req, enum wire_verb verb,
		       const char *name)
{
	json_int_t other;

	if (!request_unpack(req, "{s:I}", name, &other))
		return;
	if (other < 0 || other > UINT32_MAX)
		request_error(req, 400, "invalid", "there is no such number");
	else
		ask_party(req, verb, (uint32_t)other);
}


static void on_consult(struct request *req)
{
	take_party(req, WIRE_VERB_CONSULT, "person");
}


static void on_consult_end(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_party(req, WIRE_VERB_CONSULT_END, 0);
}


static void on_three(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_party(req, WIRE_VERB_THREE, 0);
}


static void on_hand_over(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_party(req, WIRE_VERB_HAND_OVER, 0);
}


static void on_third(struct request *req)
{
	take_party(req, WIRE_VERB_THIRD, "third");
}


static void on_third_end(struct request *req)
{
	if (request_unpack(req, "{}"))
		ask_party(req, WIRE_VERB_THIRD_END, 0);
}


/* ---- the caller's number ---- */

static const struct bridge_refusal look_refusals[] = {
	{ENOENT, 403, "not_allowed",
	 "only who talks with a caller may see their number, as long as they "
	 "talk"},
	{EPERM, 403, "not_shown",
	 "this line shows numbers to nobody; whoever runs it decided that"},
	{EPROTO, 409, "not_now", "that cannot be done just now"},
	{ENODATA, 404, "withheld", "the caller does not show their number"},
	{EDQUOT, 429, "slow_down",
	 "that was often within an hour; ask a coordinator"},
	{0, 0, NULL, NULL},
};


/* the number is in no place that is not wiped */
static void on_number_is(struct request *req, const struct wire_msg *msg,
			 void *arg)
{
	enum { SIZE = LIMIT_URI + 16 };
	char *text = malloc(SIZE);
	int n;
	(void)arg;

	if (!text || msg->n_blob >= LIMIT_URI) {
		free(text);
		request_errno(req, ENOMEM);
		return;
	}

	/* digits, with a + before them or none */
	n = snprintf(text, SIZE, "{\"number\":\"%.*s\"}", (int)msg->n_blob,
		     (const char *)msg->blob);
	request_bytes(req, "application/json", text, (size_t)n);
}


static int why_decode(uint32_t *why, const char *word)
{
	static const char *const words[WIRE_LOOKS] = {
		[WIRE_LOOK_EMERGENCY] = "emergency",
		[WIRE_LOOK_CUT_OFF] = "cut_off",
		[WIRE_LOOK_ABUSE] = "abuse",
		[WIRE_LOOK_AGREED] = "agreed",
	};

	for (uint32_t i = 0; i < WIRE_LOOKS; i++) {
		if (strcmp(words[i], word) == 0) {
			*why = i;
			return 0;
		}
	}

	return EINVAL;
}


static void on_number(struct request *req)
{
	struct wire_look look = {
		.offer = req->ids[0],
		.person = req->session.person,
	};
	const struct bridge_ask ask = {
		.type = WIRE_NUMBER_LOOK,
		.payload = &look,
		.answer = WIRE_NUMBER_IS,
		.replyh = on_number_is,
		.refusals = look_refusals,
	};
	const char *word;

	if (!request_unpack(req, "{s:s}", "reason", &word))
		return;
	if (why_decode(&look.why, word))
		request_error(req, 400, "invalid", "there is no such reason");
	else
		bridge_ask(req, &ask);
}


static const struct route routes[] = {
	{ROUTE_POST, "/api/v1/rings/{offer}/sound", on_sound, 0, 0},
	{ROUTE_POST, "/api/v1/rings/{offer}/accept", on_accept, 0, 0},
	{ROUTE_POST, "/api/v1/rings/{offer}/decline", on_decline, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/hang-up", on_hang_up, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/hold", on_hold, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/key", on_key, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/number", on_number, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/consult", on_consult, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/consult-end", on_consult_end, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/three", on_three, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/hand-over", on_hand_over, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/third", on_third, 0, 0},
	{ROUTE_POST, "/api/v1/talk/{offer}/third-end", on_third_end, 0, 0},
	{ROUTE_POST, "/api/v1/me/ready", on_ready, 0, 0},
};

const struct route_table talk_routes = {routes, ARRAY_SIZE(routes)};
