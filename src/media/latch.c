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

	return true;
}


enum latch_verdict latch_check(const struct latch *l, const struct sa *src)
{
	if (l->fixed)
		return sa_cmp(&l->peer, src, SA_ALL) ? LATCH_PEER
						     : LATCH_STRANGER;

	if (!sa_isset(&l->named, SA_ADDR))
		return LATCH_STRANGER;

	return sa_cmp(&l->named, src, SA_ADDR) || in_nets(l, src)
		       ? LATCH_CANDIDATE
		       : LATCH_STRANGER;
}


void latch_fix(struct latch *l, const struct sa *src)
{
	l->peer = *src;
	l->fixed = true;
}


const struct sa *latch_target(const struct latch *l)
{
	if (l->fixed)
		return &l->peer;

	return sa_isset(&l->named, SA_ALL) ? &l->named : NULL;
}
