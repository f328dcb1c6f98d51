/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registration.c  Keeps the REGISTER of a trunk alive, and takes it back. Must
 * not know the secret (trunk.c).
 */
#include <inttypes.h>

#include "digest.h"
#include "message.h"
#include "trunk_parts.h"

#define LOG_MODULE "trunk"
#include "base/log.h"


enum {
	EXPIRES_S     = 300,
	EXPIRES_MIN_S = 2,
	EXPIRES_MAX_S = 3600,
	RETRY_MIN_MS  = 2000,
	RETRY_MAX_MS  = 120000,
};


static int register_send(struct trunk *t, const struct mbuf *credentials);


static void try_again(void *arg)
{
	trunk_step(arg, TRUNK_EV_TRY);
}


/* is this our Contact, with a number of seconds in its parameters? */
static bool contact_expires(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;
	struct sip_addr addr;
	struct pl pl;
	(void)msg;

	return !sip_addr_decode(&addr, &hdr->val) &&
	       !pl_strcmp(&addr.uri.user, t->token) &&
	       !msg_param_decode(&addr.params, "expires", &pl) &&
	       !message_number(&t->granted_s, &pl, UINT32_MAX);
}


/* RFC 3261, 10.2.4: Contact's expires, else Expires, else what we asked */
static void granted_find(struct trunk *t, const struct sip_msg *msg)
{
	t->granted_s = t->expires_s;

	if (!sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, contact_expires,
			       t) && pl_isset(&msg->expires))
		(void)message_number(&t->granted_s, &msg->expires,
				     UINT32_MAX);
	if (t->granted_s < EXPIRES_MIN_S)
		t->granted_s = EXPIRES_MIN_S;
	if (t->granted_s > EXPIRES_MAX_S)
		t->granted_s = EXPIRES_MAX_S;
}


static void registered(struct trunk *t, const struct sip_msg *msg)
{
	if (t->state == TRUNK_LEAVING || t->state == TRUNK_LEAVING_PROVING) {
		trunk_step(t, TRUNK_EV_OK);
		return;
	}

	granted_find(t, msg);
	net_of(&t->net, &msg->src);
	t->retry_ms = RETRY_MIN_MS;
	trunk_step(t, TRUNK_EV_OK);
	tmr_start(&t->tmr, (uint64_t)t->granted_s * 900, try_again, t);
}


static void challenged(struct trunk *t, const struct sip_msg *msg)
{
	struct digest_challenge ch;
	struct mbuf *mb;
	int err;

	/* a nonce that aged on the way says nothing about the password */
	if (t->state != TRUNK_TRYING && t->state != TRUNK_LEAVING) {
		trunk_step(t, !digest_challenge_find(&ch, msg) && ch.stale
				      ? TRUNK_EV_FAILED
				      : TRUNK_EV_REFUSED);
		return;
	}

	mb = mbuf_alloc(256);
	err = mb ? trunk_authorize(mb, t, msg, "REGISTER", t->host) : ENOMEM;
	if (!err)
		err = register_send(t, mb);
	mem_deref(mb);
	trunk_step(t, err ? TRUNK_EV_FAILED : TRUNK_EV_CHALLENGED);
}


/* RFC 3261, 10.2.8: it wants longer registrations */
static bool interval_raised(struct trunk *t, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);
	uint32_t n;

	if (!hdr || message_number(&n, &hdr->val, 86400) || n <= t->expires_s)
		return false;

	t->expires_s = n;
	return true;
}


static void response(int err, const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;

	if (err) {
		trunk_step(t, TRUNK_EV_FAILED);
		return;
	}

	if (msg->scode < 200)
		return;
	if (msg->scode < 300)
		registered(t, msg);
	else if (msg->scode == 401 || msg->scode == 407)
		challenged(t, msg);
	else if (msg->scode == 403 || msg->scode == 404)
		trunk_step(t, TRUNK_EV_REFUSED);
	else {
		if (msg->scode == 423 && interval_raised(t, msg))
			t->retry_ms = 1;
		trunk_step(t, TRUNK_EV_FAILED);
	}
}


static int contact_send(enum sip_transp tp, const struct sa *src,
			const struct sa *dst, struct mbuf *mb, void *arg)
{
	const struct trunk *t = arg;
	struct sip_contact contact;

	trunk_expect(t, dst);

	sip_contact_set(&contact, t->token, src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


static int register_send(struct trunk *t, const struct mbuf *credentials)
{
	const char *aor = secret_reveal(&t->row.uri);

	return sip_requestf(
		&t->req, t->all->sip, true, "REGISTER", t->host, NULL, NULL,
		contact_send, response, t,
		"To: <%s>\r\n"
		"From: <%s>;tag=%s\r\n"
		"Call-ID: %s\r\n"
		"CSeq: %u REGISTER\r\n"
		"Expires: %u\r\n"
		"%bContent-Length: 0\r\n\r\n",
		aor, aor, t->tag, t->callid, ++t->cseq, t->expires_s,
		credentials ? credentials->buf : NULL,
		credentials ? credentials->end : (size_t)0);
}


static void act_try(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	if (register_send(t, NULL))
		trunk_step(t, TRUNK_EV_FAILED);
}


static void act_wait(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	log_warn("trunk %s: registration failed; tried again in %" PRIu32
		 " ms", t->row.name, t->retry_ms);
	tmr_start(&t->tmr, t->retry_ms, try_again, t);
	t->retry_ms = MAX(t->retry_ms * 2, RETRY_MIN_MS);
	if (t->retry_ms > RETRY_MAX_MS)
		t->retry_ms = RETRY_MAX_MS;
}


static void act_refused(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	log_error("trunk %s: the provider refuses the account; check the "
		  "user and the secret file", t->row.name);
	tmr_start(&t->tmr, RETRY_MAX_MS, try_again, t);
}


static void act_leave(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	tmr_cancel(&t->tmr);
	t->req = mem_deref(t->req);
	t->expires_s = 0;
	list_unlink(&t->le);
	list_append(&t->all->leavingl, &t->le, t);
	if (register_send(t, NULL))
		trunk_step(t, TRUNK_EV_FAILED);
}


/* told, or not: that was all we can do */
static void act_gone(void *obj, void *arg)
{
	(void)arg;

	mem_deref(obj);
}


static const char *const state_names[TRUNK_STATES] = {
	"static", "trying", "proving", "waiting", "refused", "registered",
	"leaving", "leaving_proving", "gone"};

static const char *const event_names[TRUNK_EVENTS] = {
	"try", "challenged", "ok", "failed", "refused", "leave"};

static const struct step_rule rules[] = {
	{TRUNK_WAITING,    TRUNK_EV_TRY,        act_try,     TRUNK_TRYING},
	{TRUNK_REGISTERED, TRUNK_EV_TRY,        act_try,     TRUNK_TRYING},
	{TRUNK_REFUSED,    TRUNK_EV_TRY,        act_try,     TRUNK_TRYING},

	{TRUNK_TRYING,     TRUNK_EV_CHALLENGED, NULL,        TRUNK_PROVING},
	{TRUNK_TRYING,     TRUNK_EV_OK,         NULL,        TRUNK_REGISTERED},
	{TRUNK_TRYING,     TRUNK_EV_FAILED,     act_wait,    TRUNK_WAITING},
	{TRUNK_TRYING,     TRUNK_EV_REFUSED,    act_refused, TRUNK_REFUSED},

	{TRUNK_PROVING,    TRUNK_EV_OK,         NULL,        TRUNK_REGISTERED},
	{TRUNK_PROVING,    TRUNK_EV_FAILED,     act_wait,    TRUNK_WAITING},
	{TRUNK_PROVING,    TRUNK_EV_REFUSED,    act_refused, TRUNK_REFUSED},

	/* the provider knows us, or may: take it back */
	{TRUNK_REGISTERED, TRUNK_EV_LEAVE,      act_leave,   TRUNK_LEAVING},
	{TRUNK_TRYING,     TRUNK_EV_LEAVE,      act_leave,   TRUNK_LEAVING},
	{TRUNK_PROVING,    TRUNK_EV_LEAVE,      act_leave,   TRUNK_LEAVING},
	{TRUNK_STATIC,     TRUNK_EV_LEAVE,      act_gone,    TRUNK_GONE},
	{TRUNK_WAITING,    TRUNK_EV_LEAVE,      act_gone,    TRUNK_GONE},
	{TRUNK_REFUSED,    TRUNK_EV_LEAVE,      act_gone,    TRUNK_GONE},

	{TRUNK_LEAVING,    TRUNK_EV_CHALLENGED, NULL,  TRUNK_LEAVING_PROVING},
	{TRUNK_LEAVING,    TRUNK_EV_OK,         act_gone,    TRUNK_GONE},
	{TRUNK_LEAVING,    TRUNK_EV_FAILED,     act_gone,    TRUNK_GONE},
	{TRUNK_LEAVING,    TRUNK_EV_REFUSED,    act_gone,    TRUNK_GONE},
	{TRUNK_LEAVING_PROVING, TRUNK_EV_OK,      act_gone,  TRUNK_GONE},
	{TRUNK_LEAVING_PROVING, TRUNK_EV_FAILED,  act_gone,  TRUNK_GONE},
	{TRUNK_LEAVING_PROVING, TRUNK_EV_REFUSED, act_gone,  TRUNK_GONE},
};

const struct step_machine trunk_machine = {
	.noun = "trunk",
	.states = state_names,
	.events = event_names,
	.rules = rules,
	.n_states = TRUNK_STATES,
	.n_events = TRUNK_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


void trunk_step(struct trunk *t, enum trunk_event event)
{
	(void)step(&trunk_machine, &t->state, t->row.id, event,
		   &t->all->trace, t, NULL);
}


int trunk_register(struct trunk *t)
{
	struct uri host;
	struct pl pl;
	int err;

	pl_set_str(&pl, secret_reveal(&t->row.uri));
	err = uri_decode(&t->uri, &pl);
	if (err)
		return err;

	host = t->uri;
	host.user = host.password = host.headers = pl_null;
	if (re_snprintf(t->host, sizeof(t->host), "%H", uri_encode, &host) < 0)
		return ENAMETOOLONG;

	(void)re_snprintf(t->callid, sizeof(t->callid), "%016llx%016llx",
			  rand_u64(), rand_u64());
	(void)re_snprintf(t->token, sizeof(t->token), "%016llx", rand_u64());
	(void)re_snprintf(t->tag, sizeof(t->tag), "%016llx", rand_u64());
	t->expires_s = EXPIRES_S;
	t->retry_ms = RETRY_MIN_MS;
	t->state = TRUNK_WAITING;
	trunk_step(t, TRUNK_EV_TRY);

	return 0;
}
