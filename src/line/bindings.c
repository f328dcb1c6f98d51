/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * bindings.c  Where telephones are registered, in memory and in the store. Must
 * not ask who they are: prove.c has.
 */
#include <inttypes.h>

#include "registrar_parts.h"
#include "wall.h"

#define LOG_MODULE "registrar"
#include "base/log.h"


/* never to be due: it only tells when a connection is closed */
enum { FLOW_INTERVAL_S = 4000000 };


bool account_is_bound(const struct account *a)
{
	for (size_t i = 0; i < STORE_PLACES; i++) {
		if (a->binding[i].set)
			return true;
	}

	return false;
}


bool account_is_at(const struct account *a, const struct sa *addr)
{
	for (size_t i = 0; i < STORE_PLACES; i++) {
		if (a->binding[i].set &&
		    sa_cmp(&a->binding[i].addr, addr, SA_ADDR))
			return true;
	}

	return false;
}


/* takes what was before: news are told when they are true */
static void changed(struct account *a, bool was)
{
	const struct registrar *r = a->r;

	if (account_is_bound(a) == was)
		return;

	log_note("person %" PRIu32 ": their telephone is %s", a->row.person,
		 was ? "not registered any more" : "registered");
	if (r->h)
		r->h(a->row.person, r->arg);
}


static void clear(struct binding *b)
{
	tmr_cancel(&b->tmr);
	b->flow = mem_deref(b->flow);
	secret_wipe(&b->row.contact);
	secret_wipe(&b->row.source);
	b->set = false;
}


static void removed(int err, const struct account *a)
{
	if (err)
		log_warn("person %" PRIu32 ": that their telephone is gone is "
			 "not on record: %s", a->row.person, strerror(err));
}


static void take_away(struct binding *b)
{
	struct account *a = b->account;
	const bool was = account_is_bound(a);

	if (!b->set)
		return;
	clear(b);
	removed(store_binding_remove(a->r->store, a->row.person,
				     b->row.place, NULL, NULL), a);
	changed(a, was);
}


static void ended(void *arg)
{
	take_away(arg);
}


void bindings_forget(struct account *a)
{
	const bool was = account_is_bound(a);

	for (size_t i = 0; i < STORE_PLACES; i++)
		clear(&a->binding[i]);
	changed(a, was);
}


/* ---- the way there ------------------------------------------------------- */

int binding_target(struct secret_text *uri, const struct binding *b)
{
	struct contact_at at = {
		.uri = secret_reveal(&b->row.contact),
		.addr = &b->addr,
		.transport = b->row.transport,
	};

	/* nobody calls a telephone behind NAT; and whoever takes a connection
	 * of ours by TLS proves nothing */
	if (at.transport != STORE_UDP && !b->flow) {
		if (at.transport == STORE_TLS ||
		    !contact_is_at(at.uri, &b->addr))
			return ENOENT;
		at.addr = NULL;
	}

	return contact_target(uri, &at);
}


static bool has_way(const struct binding *b)
{
	struct secret_text uri;
	const int err = binding_target(&uri, b);

	secret_wipe(&uri);

	return !err;
}


/* its connection is closed; libre has freed the keepalive */
static void flow_lost(int err, void *arg)
{
	struct binding *b = arg;
	(void)err;

	b->flow = NULL;
	if (b->set && !has_way(b))
		take_away(b);
}


static void flow_follow(struct binding *b, const struct sip_msg *msg)
{
	b->flow = mem_deref(b->flow);
	if (msg->tp != SIP_TRANSP_UDP)
		(void)sip_keepalive_start(&b->flow, b->account->r->sip, msg,
					  FLOW_INTERVAL_S, flow_lost, b);
}


/* ---- what a REGISTER wants ----------------------------------------------- */

static bool is_contact(const struct binding *b, const struct pl *uri)
{
	return b->set && !pl_strcmp(uri, secret_reveal(&b->row.contact));
}


static bool is_call(const struct binding *b, const struct sip_msg *msg)
{
	return b->set && !pl_strcmp(&msg->callid, b->row.call_id);
}


static bool is_older(const struct binding *b, const struct sip_msg *msg)
{
	return is_call(b, msg) && msg->cseq.num <= b->row.cseq;
}


bool bindings_are_late(const struct account *a, const struct contacts *c,
		       const struct sip_msg *msg)
{
	for (size_t i = 0; i < STORE_PLACES; i++) {
		const struct binding *b = &a->binding[i];

		if (!is_older(b, msg))
			continue;
		if (c->all)
			return true;
		for (size_t k = 0; k < c->n; k++) {
			if (is_contact(b, &c->v[k].uri))
				return true;
		}
	}

	return false;
}


static struct binding *contact_find(struct account *a, const struct pl *uri)
{
	for (size_t i = 0; i < STORE_PLACES; i++) {
		if (is_contact(&a->binding[i], uri))
			return &a->binding[i];
	}

	return NULL;
}


/* A telephone that started anew, or got another address from its network,
 * leaves places behind: the longest silent one goes. */
static struct binding *place_find(struct account *a, const struct contact *c,
				  const struct sip_msg *msg, bool alone)
{
	struct binding *best = contact_find(a, &c->uri);

	if (best)
		return best;
	best = &a->binding[0];
	for (size_t i = 0; i < STORE_PLACES; i++) {
		struct binding *b = &a->binding[i];

		if (alone && is_call(b, msg))
			return b;
		if (best->set && (!b->set || b->at < best->at))
			best = b;
	}

	return best;
}


static enum store_transport transport_of(const struct sip_msg *msg)
{
	return msg->tp == SIP_TRANSP_UDP   ? STORE_UDP
	       : msg->tp == SIP_TRANSP_TLS ? STORE_TLS
					   : STORE_TCP;
}


static int row_make(struct store_binding *row, const struct binding *b,
		    const struct contact *c, const struct sip_msg *msg)
{
	const struct account *a = b->account;

	*row = (struct store_binding){
		.person = a->row.person,
		.place = (uint32_t)(b - a->binding),
		.transport = transport_of(msg),
		.cseq = msg->cseq.num,
		.ends_at = wall_now() + c->expires_s * 1000ll,
	};
	(void)pl_strcpy(&msg->callid, row->call_id, sizeof(row->call_id));
	if (re_snprintf(row->source.hidden, sizeof(row->source.hidden), "%J",
			&msg->src) < 0)
		return ENAMETOOLONG;

	return secret_set(&row->contact, c->uri.p, c->uri.l);
}


static void put(struct binding *b, const struct contact *c,
		const struct sip_msg *msg)
{
	struct account *a = b->account;
	const bool was = account_is_bound(a);
	struct store_binding row;
	int err;

	err = row_make(&row, b, c, msg);
	if (err)
		return;
	clear(b);
	b->row = row;
	b->addr = msg->src;
	b->at = tmr_jiffies();
	b->set = true;
	flow_follow(b, msg);
	tmr_start(&b->tmr, c->expires_s * 1000ull, ended, b);
	err = store_binding_put(a->r->store, &row, NULL, NULL);
	if (err)
		log_warn("person %" PRIu32 ": where their telephone is would "
			 "not outlive a restart: %s", a->row.person,
			 strerror(err));
	secret_wipe(&row.contact);
	secret_wipe(&row.source);
	changed(a, was);
}


void bindings_take(struct account *a, const struct contacts *c,
		   const struct sip_msg *msg)
{
	for (size_t i = 0; c->all && i < STORE_PLACES; i++)
		take_away(&a->binding[i]);

	for (size_t i = 0; i < c->n; i++) {
		struct binding *b = contact_find(a, &c->v[i].uri);

		if (c->v[i].expires_s)
			put(place_find(a, &c->v[i], msg, c->n == 1),
			    &c->v[i], msg);
		else if (b)
			take_away(b);
	}
}


int bindings_print(struct re_printf *pf, const struct account *a)
{
	int err = 0;

	for (size_t i = 0; i < STORE_PLACES && !err; i++) {
		const struct binding *b = &a->binding[i];

		if (b->set)
			err = re_hprintf(pf, "Contact: <%s>;expires=%u\r\n",
					 secret_reveal(&b->row.contact),
					 (uint32_t)((tmr_get_expire(&b->tmr) +
						     999) / 1000));
	}

	return err;
}


void binding_restore(struct account *a, const struct store_binding *row)
{
	struct binding *b = &a->binding[row->place];
	const int64_t left = row->ends_at - wall_now();
	struct pl pl;

	pl_set_str(&pl, secret_reveal(&row->source));
	b->row = *row;
	b->set = left > 0 && left <= CONTACT_MAX_S * 1000ll &&
		 !sa_decode(&b->addr, pl.p, pl.l) && has_way(b);
	if (b->set) {
		tmr_start(&b->tmr, (uint64_t)left, ended, b);
		return;
	}

	removed(store_binding_remove(a->r->store, a->row.person, row->place,
				     NULL, NULL), a);
	clear(b);
}
