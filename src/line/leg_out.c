/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_out.c  A leg that we ring, until it is picked up or given up. Must not
 * follow redirections (3xx): nobody dials out through us.
 */
#include "message.h"
#include "terms.h"
#include "leg_parts.h"
#include "recall.h"


enum { RING_LOOK = 20 }; /* milliseconds */


static int invite(struct leg *leg);


/* what a final answer says about the phone; in rows of ascending codes */
static const struct {
	uint16_t low, high;
	enum core_cause cause;
} causes[] = {
	{300, 399, CAUSE_DEAD},
	{404, 404, CAUSE_DEAD},
	{408, 408, CAUSE_NO_ANSWER},
	{410, 410, CAUSE_DEAD},
	{415, 415, CAUSE_NO_CODEC},
	{480, 480, CAUSE_NO_ANSWER},
	{484, 485, CAUSE_DEAD},
	{486, 486, CAUSE_BUSY},
	{487, 487, CAUSE_NO_ANSWER},
	{488, 488, CAUSE_NO_CODEC},
	{400, 499, CAUSE_NETWORK},
	{500, 599, CAUSE_NETWORK},
	{600, 600, CAUSE_BUSY},
	{604, 604, CAUSE_DEAD},
	{606, 606, CAUSE_NO_CODEC},
	{601, 699, CAUSE_DECLINED},
};


static enum core_cause cause_of(uint16_t scode)
{
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		if (scode >= causes[i].low && scode <= causes[i].high)
			return causes[i].cause;
	}

	return CAUSE_NETWORK;
}


static void answer_taken(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;
	(void)sdp;

	if (leg->state != LEG_AGREEING)
		return;

	leg->exchange = EXCHANGE_NONE;
	if (err)
		leg_step(leg, LEG_EV_END, CAUSE_NO_CODEC);
	else
		leg_step(leg, LEG_EV_AGREED, CAUSE_NONE);
}


/* @return the session timer the phone agreed to */
static void session_begin(struct leg *leg, const struct sip_msg *msg)
{
	struct session_timer timer;

	leg->peer_updates = message_lists(msg, SIP_HDR_ALLOW, "UPDATE");
	if (session_agreed(&timer, msg, leg->session_s))
		timer = (struct session_timer){leg->session_s, true, false};
	leg_session_start(leg, &timer);
}


static void picked_up(struct leg *leg, const struct sip_msg *msg)
{
	int err;

	/* a 2xx without a way to answer it: nothing can be ACKed */
	err = leg_fork(&leg->dlg, leg, msg);
	if (err) {
		leg_step(leg, LEG_EV_FAILED, CAUSE_BAD_PEER);
		return;
	}
	leg_keep(leg);
	leg_ack(leg, leg->dlg, msg->cseq.num);
	leg->credentials = mem_deref(leg->credentials);

	mem_ref(leg);
	leg_step(leg, LEG_EV_PICKED_UP, CAUSE_NONE);
	if (leg->state == LEG_AGREEING && leg_is_moving(leg)) {
		session_begin(leg, msg);
		leg_move_picked_up(leg);
	}
	else if (leg->state == LEG_AGREEING) {
		leg->exchange = EXCHANGE_OURS;
		session_begin(leg, msg);
		err = message_has_sdp(msg)
			      ? sound_accept(leg->legs->c.sound, leg->sound,
					     msg->mb, answer_taken, leg)
			      : EPROTO;
		if (err)
			leg_step(leg, LEG_EV_END, CAUSE_BAD_PEER);
	}
	mem_deref(leg);
}


/* RFC 4028, 7.4: the phone wants longer sessions */
static bool interval_raised(struct leg *leg, const struct sip_msg *msg)
{
	const uint32_t min = session_min(msg);

	if (msg->scode != 422 || min <= leg->session_s ||
	    ++leg->n_tries > LEG_TRIES)
		return false;

	leg->session_s = leg->min_s = min;
	return true;
}


static void response(int err, const struct sip_msg *msg, void *arg)
{
	struct leg *leg = arg;

	if (err) {
		/* not a word from there, or none after our CANCEL */
		leg_step(leg, LEG_EV_FAILED, CAUSE_NETWORK);
		return;
	}
	if (msg->scode < 200)
		return; /* early media is not for callers */
	if (msg->scode < 300) {
		picked_up(leg, msg);
		return;
	}

	if (leg->state == LEG_INVITING &&
	    (interval_raised(leg, msg) || leg_authorize(leg, msg)) &&
	    !invite(leg))
		return;

	leg_step(leg, LEG_EV_FAILED, cause_of(msg->scode));
}


static int invite(struct leg *leg)
{
	const struct mbuf *cr = leg->credentials, *id = leg->identity;

	return sip_drequestf(
		&leg->req, leg->legs->c.sip, true, "INVITE", leg->seed, 0,
		NULL, leg_contact_send, response, leg,
		"%b%b" TERMS_ALLOW TERMS_SUPPORTED TERMS_ACCEPT
		"Session-Expires: %u\r\n"
		"Min-SE: %u\r\n"
		"Content-Type: application/sdp\r\n"
		"Content-Length: %zu\r\n\r\n%b",
		cr ? cr->buf : NULL, cr ? cr->end : (size_t)0,
		id ? id->buf : NULL, id ? id->end : (size_t)0, leg->session_s,
		leg->min_s, leg->offer->end, leg->offer->buf,
		leg->offer->end);
}


static const struct sa *our_address(const struct leg *leg, int family)
{
	const struct legs_config *c = &leg->legs->c;

	for (size_t i = 0; i < c->n_laddrs; i++) {
		if (family == AF_UNSPEC || sa_af(&c->laddrs[i]) == family)
			return &c->laddrs[i];
	}

	return NULL;
}


/* the address in it; AF_UNSPEC for a host name */
static void host_of(struct sa *addr, const struct secret_text *uri)
{
	struct uri parts;
	struct pl pl;

	pl_set_str(&pl, secret_reveal(uri));
	if (uri_decode(&parts, &pl) || sa_set(addr, &parts.host, 0))
		sa_init(addr, AF_UNSPEC);
}


/* the line, as its counsellors know it */
static int seed_of_line(struct leg *leg, const struct sa *laddr)
{
	const char *uri = secret_reveal(&leg->uri);
	char from[LIMIT_URI];

	if (re_snprintf(from, sizeof(from), "sip:ringback@%J", laddr) < 0)
		return ENAMETOOLONG;

	return sip_dialog_alloc(&leg->seed, uri, uri, leg->legs->display,
				from, NULL, 0);
}


static int seed_as(struct leg *leg, const struct leg_identity *as)
{
	const char *uri = secret_reveal(&leg->uri);
	char display[sizeof(leg->legs->display)];
	int err = 0;

	leg_display_copy(display, sizeof(display), as->display);
	leg->identity = mbuf_alloc(128);
	if (!leg->identity)
		return ENOMEM;
	if (as->asserted && as->asserted[0])
		err = mbuf_printf(leg->identity,
				  "P-Asserted-Identity: <%s>\r\n",
				  as->asserted);
	if (!err && as->withheld)
		err = mbuf_write_str(leg->identity, "Privacy: id\r\n");
	if (err)
		return err;

	return sip_dialog_alloc(&leg->seed, uri, uri,
				display[0] ? display : NULL, as->from, NULL,
				0);
}


/* an earlier life of ours may have rung it: not twice at once */
static void ring(void *arg)
{
	struct leg *leg = arg;
	int err;

	if (recall_rings(leg->legs, secret_reveal(&leg->uri))) {
		tmr_start(&leg->tmr_session, RING_LOOK, ring, leg);
		return;
	}

	err = invite(leg);
	leg_step(leg, err ? LEG_EV_FAILED : LEG_EV_PREPARED,
		 err ? CAUSE_NETWORK : CAUSE_NONE);
}


static void offer_made(int err, const struct pl *sdp, void *arg)
{
	struct leg *leg = arg;

	if (leg->state != LEG_PREPARING)
		return;

	if (!err) {
		leg->offer = mbuf_alloc(sdp->l);
		err = leg->offer ? mbuf_write_pl(leg->offer, sdp) : ENOMEM;
	}
	if (err) {
		/* without sound of our own the phone is not to blame */
		leg_step(leg, LEG_EV_FAILED, CAUSE_HOUSE);
		return;
	}

	ring(leg);
}


static int offer_ask(struct leg *leg, uint64_t like)
{
	return sound_offer(leg->legs->c.sound, leg->sound, like, leg->family,
			   &leg->peer, offer_made, leg);
}


void leg_prepare(struct leg *leg)
{
	/* without memory the phone does not ring; who waits for it sees to
	 * that */
	(void)offer_ask(leg, 0);
}


/* will what we say to it go by TLS, whatever the DNS has to say? */
static bool is_by_tls(const struct secret_text *uri)
{
	struct uri parts;
	struct pl pl, tp;

	pl_set_str(&pl, secret_reveal(uri));

	return !uri_decode(&parts, &pl) &&
	       (!pl_strcasecmp(&parts.scheme, "sips") ||
		(!msg_param_decode(&parts.params, "transport", &tp) &&
		 !pl_strcasecmp(&tp, "tls")));
}


int leg_alloc_out(struct leg **legp, struct legs *legs,
		  const struct leg_ring *ring, leg_news_h *h, void *arg)
{
	const struct sa *laddr;
	struct leg *leg;
	int err;

	err = leg_new(&leg, legs, LEG_PREPARING,
		      ring->like ? ring->like : ring->near, h, arg);
	if (err)
		return err;

	leg->uri = *ring->uri;
	leg->outgoing = true;
	leg->pinned = ring->pinned;
	host_of(&leg->peer, ring->uri);
	laddr = our_address(leg, sa_af(&leg->peer));
	if (!laddr)
		err = EAFNOSUPPORT;
	else
		err = ring->as ? seed_as(leg, ring->as)
			       : seed_of_line(leg, laddr);
	if (!err)
		err = leg_secrecy(leg, is_by_tls(&leg->uri), NULL);
	if (err)
		goto out;
	leg->family = sa_af(laddr);
	err = offer_ask(leg, ring->like);
	if (err)
		goto out;
	leg_index(leg, sip_dialog_callid(leg->seed));

out:
	if (err)
		leg_drop(leg);
	else
		*legp = leg;

	return err;
}
