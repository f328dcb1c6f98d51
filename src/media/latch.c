/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * latch.c  Decides on sources. Must not look into packets.
 */
#include <string.h>

#include "latch.h"
#include "addr.h"


void latch_init(struct latch *l)
{
	memset(l, 0, sizeof(*l));
	sa_init(&l->named, AF_UNSPEC);
	sa_init(&l->peer, AF_UNSPEC);
	sa_init(&l->trial, AF_UNSPEC);
}


void latch_policy(struct latch *l, const struct wire_addr *nets,
		  uint8_t n_nets)
{
	l->n_nets = n_nets < WIRE_NETS ? n_nets : WIRE_NETS;
	if (l->n_nets)
		memcpy(l->nets, nets, l->n_nets * sizeof(*nets));
}


static bool in_nets(const struct latch *l, const struct sa *sa)
{
	for (unsigned i = 0; i < l->n_nets; i++) {
		if (addr_in_net(sa, &l->nets[i]))
			return true;
	}

	return false;
}


bool latch_allows(const struct latch *l, const struct sa *named)
{
	bool inside = !l->n_nets;

	if (!addr_is_host(named))
		return false;

	for (unsigned i = 0; i < l->n_nets; i++)
		inside = inside || addr_net_is_loopback(&l->nets[i]);

	return inside || !sa_is_loopback(named);
}


bool latch_aim(struct latch *l, const struct sa *named)
{
	if (!sa_isset(named, SA_ALL) || sa_cmp(&l->named, named, SA_ALL))
		return false;

	l->named = *named;
	l->fixed = false;
	l->n_trial = 0;

	return true;
}


static bool is_named(const struct latch *l, const struct sa *src)
{
	return sa_cmp(&l->named, src, SA_ALL);
}


/* else it has translated addresses between us and itself, and not noticed */
static bool knows_its_address(const struct latch *l)
{
	return in_nets(l, &l->named) || !addr_is_inside(&l->named);
}


enum latch_verdict latch_check(const struct latch *l, const struct sa *src)
{
	if (l->fixed && sa_cmp(&l->peer, src, SA_ALL))
		return LATCH_PEER;
	if (l->fixed)
		return is_named(l, src) && knows_its_address(l)
			       ? LATCH_CANDIDATE
			       : LATCH_STRANGER;

	if (!sa_isset(&l->named, SA_ADDR))
		return LATCH_STRANGER;

	return sa_cmp(&l->named, src, SA_ADDR) || in_nets(l, src)
		       ? LATCH_CANDIDATE
		       : LATCH_STRANGER;
}


static void fix(struct latch *l, const struct sa *src)
{
	l->peer = *src;
	l->fixed = true;
	l->n_trial = 0;
}


/* @return how many packets, and ticks from the first to the last of them */
static uint8_t packets_wanted(const struct latch *l, const struct sa *src,
			      uint64_t *ticks)
{
	*ticks = 0;
	if (is_named(l, src))
		return l->fixed ? LATCH_RETURN : 1;
	if (!knows_its_address(l))
		return 1;
	*ticks = LATCH_TRIAL - 1;

	return LATCH_TRIAL;
}


/* @return true if this is one more packet of the same stream */
static bool goes_on(const struct latch *l, const struct sa *src, uint32_t ssrc,
		    uint16_t seq)
{
	return l->n_trial && sa_cmp(&l->trial, src, SA_ALL) &&
	       l->ssrc == ssrc && (int16_t)(seq - l->seq) > 0;
}


bool latch_try(struct latch *l, const struct sa *src, uint64_t tick,
	       uint32_t ssrc, uint16_t seq)
{
	uint64_t ticks;

	if (!goes_on(l, src, ssrc, seq)) {
		l->n_trial = 0;
		l->trial = *src;
		l->ssrc = ssrc;
		l->tick = tick;
	}
	l->seq = seq;
	if (l->n_trial < LATCH_TRIAL)
		++l->n_trial;
	if (l->n_trial < packets_wanted(l, src, &ticks) ||
	    tick - l->tick < ticks)
		return false;

	fix(l, src);

	return true;
}


const struct sa *latch_target(const struct latch *l)
{
	if (l->fixed)
		return &l->peer;

	return sa_isset(&l->named, SA_ALL) ? &l->named : NULL;
}
