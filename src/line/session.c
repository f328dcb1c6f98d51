/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * session.c  RFC 4028 in numbers and headers. Must not send or wait.
 */
#include "session.h"
#include "message.h"


enum { INTERVAL_MAX = 86400, GRACE = 32 };

enum refresher {
	REFRESHER_OPEN,
	REFRESHER_UAC,
	REFRESHER_UAS,
};

struct session_expires {
	uint32_t interval;
	enum refresher refresher;
};


/* "1800", "1800;refresher=uac"; params may be NULL
 * @return 0, EBADMSG */
static int seconds_decode(uint32_t *np, struct pl *params,
			  const struct pl *val)
{
	struct pl num, rest = PL_INIT;

	if (re_regex(val->p, val->l, "[0-9]+[ \t\r\n]*[^]*", &num, NULL,
		     &rest) || num.p != val->p)
		return EBADMSG;
	if (rest.l && rest.p[0] != ';')
		return EBADMSG;
	if (message_number(np, &num, UINT32_MAX))
		return EBADMSG;
	if (params)
		*params = rest;

	return 0;
}


/* Session-Expires: 1800;refresher=uac
 * @return 0, ENOENT if absent, EBADMSG */
static int expires_decode(struct session_expires *se,
			  const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_SESSION_EXPIRES);
	struct pl params, who;

	if (!hdr)
		return ENOENT;
	if (seconds_decode(&se->interval, &params, &hdr->val))
		return EBADMSG;
	if (se->interval > INTERVAL_MAX)
		se->interval = INTERVAL_MAX;

	se->refresher = REFRESHER_OPEN;
	if (!msg_param_decode(&params, "refresher", &who)) {
		if (!pl_strcasecmp(&who, "uac"))
			se->refresher = REFRESHER_UAC;
		else if (!pl_strcasecmp(&who, "uas"))
			se->refresher = REFRESHER_UAS;
		else
			return EBADMSG;
	}

	return 0;
}


uint32_t session_min(const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_MIN_SE);
	uint32_t n;

	if (!hdr || seconds_decode(&n, NULL, &hdr->val) || n > INTERVAL_MAX)
		return 0;

	return n;
}


int session_answer(struct session_timer *t, const struct sip_msg *request,
		   uint32_t interval)
{
	const bool knows =
		message_lists(request, SIP_HDR_SUPPORTED, "timer") ||
		message_lists(request, SIP_HDR_REQUIRE, "timer");
	struct session_expires se = {0, REFRESHER_OPEN};
	const uint32_t min = session_min(request);
	int err;

	err = expires_decode(&se, request);
	if (err == EBADMSG)
		return err;
	if (!err && se.interval < SESSION_MIN && knows)
		return ERANGE;

	/* RFC 4028, 9: we may lower what was asked, never below Min-SE */
	if (err || se.interval > interval || se.interval < SESSION_MIN)
		se.interval = interval;
	if (se.interval < min)
		se.interval = min;

	t->interval = se.interval;
	t->peer_knows = knows;
	t->we_refresh = !knows || se.refresher == REFRESHER_UAS;

	return 0;
}


int session_agreed(struct session_timer *t, const struct sip_msg *response,
		   uint32_t interval)
{
	struct session_expires se;
	int err;

	err = expires_decode(&se, response);
	if (err == EBADMSG)
		return err;
	if (err) {
		/* it knows no timers: we refresh on our own account */
		*t = (struct session_timer){interval, true, false};
		return 0;
	}

	/* it may lower what we asked for, not raise it */
	t->interval = se.interval < interval ? se.interval : interval;
	if (t->interval < SESSION_MIN)
		t->interval = SESSION_MIN;
	t->peer_knows = true;
	t->we_refresh = se.refresher != REFRESHER_UAS;

	return 0;
}


int session_print_answer(struct re_printf *pf, const struct session_timer *t)
{
	if (!t)
		return 0;

	return re_hprintf(pf, "%sSession-Expires: %u;refresher=%s\r\n",
			  t->peer_knows && !t->we_refresh
				  ? "Require: timer\r\n" : "",
			  t->interval, t->we_refresh ? "uas" : "uac");
}


uint64_t session_wait(const struct session_timer *t)
{
	const uint64_t third = t->interval / 3;

	if (t->we_refresh)
		return (uint64_t)t->interval * 1000 / 2;

	return (t->interval - (third < GRACE ? third : GRACE)) * 1000;
}
