/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * legs.c  All dialogs, found by Call-ID and tags. Must not change a leg.
 */
#include "dialog.h"
#include "leg_parts.h"
#include "recall.h"


enum { HASH_SIZE = 2048 };

/* keeps a finished outgoing leg until no forked or repeated 2xx can come */
struct lingering {
	struct le le;
	struct tmr tmr;
	struct leg *leg;
};


static void linger_destructor(void *data)
{
	struct lingering *l = data;

	tmr_cancel(&l->tmr);
	list_unlink(&l->le);
	mem_deref(l->leg);
}


static void linger_over(void *arg)
{
	mem_deref(arg);
}


void legs_linger(struct leg *leg)
{
	struct lingering *l = mem_zalloc(sizeof(*l), linger_destructor);

	if (!l)
		return; /* a stray 2xx will go unthanked */

	l->leg = mem_ref(leg);
	list_append(&leg->legs->lingerl, &l->le, l);
	tmr_start(&l->tmr, 64 * SIP_T1, linger_over, l);
}


static bool is_dismissed(struct le *le, void *arg)
{
	(void)arg;

	return leg_is_dismissed(le->data);
}


/* the answer to their BYE may come, or fail, once we are gone */
static void dismissed_flush(struct legs *legs)
{
	struct le *le;

	while ((le = hash_apply(legs->ht, is_dismissed, NULL))) {
		struct leg *leg = le->data;

		hash_unlink(&leg->he);
		leg->bye = mem_deref(leg->bye);
		mem_deref(leg);
	}
}


static void legs_destructor(void *data)
{
	struct legs *legs = data;

	list_flush(&legs->lingerl);
	list_flush(&legs->recalll);
	dismissed_flush(legs);
	hash_clear(legs->ht);
	mem_deref(legs->ht);
}


void leg_display_copy(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; from && *from && n + 1 < size; from++) {
		const unsigned char c = (unsigned char)*from;

		if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\')
			to[n++] = *from;
	}
	to[n] = '\0';
}


int legs_alloc(struct legs **legsp, const struct legs_config *config)
{
	struct legs *legs;
	int err;

	if (!legsp || !config)
		return EINVAL;

	legs = mem_zalloc(sizeof(*legs), legs_destructor);
	if (!legs)
		return ENOMEM;

	legs->c = *config;
	leg_display_copy(legs->display, sizeof(legs->display), config->display);
	(void)re_snprintf(legs->token, sizeof(legs->token), "%016llx",
			  rand_u64());
	err = hash_alloc(&legs->ht, HASH_SIZE);

	if (err)
		mem_deref(legs);
	else
		*legsp = legs;

	return err;
}


size_t legs_count(const struct legs *legs)
{
	return legs ? legs->n_open : 0;
}


static bool is_dialog(struct le *le, void *arg)
{
	const struct leg *leg = le->data;

	return sip_dialog_cmp(leg->dlg, arg);
}


static bool is_seed(struct le *le, void *arg)
{
	const struct leg *leg = le->data;

	return leg->seed && sip_dialog_cmp_half(leg->seed, arg);
}


static struct leg *find(struct legs *legs, const struct sip_msg *msg,
			list_apply_h *is)
{
	return list_ledata(hash_lookup(legs->ht, hash_joaat_pl(&msg->callid),
				       is, (void *)msg));
}


bool legs_know(struct legs *legs, const struct sip_msg *msg)
{
	return find(legs, msg, is_dialog);
}


static bool is_target(const struct leg *leg, const struct sa *src)
{
	struct uri uri;
	struct pl pl;
	struct sa sa;

	pl_set_str(&pl, sip_dialog_uri(leg->dlg));

	return uri_decode(&uri, &pl) || sa_set(&sa, &uri.host, 0) ||
	       sa_cmp(&sa, src, SA_ADDR);
}


bool legs_is_at_home(struct legs *legs, const struct sip_msg *msg)
{
	const struct leg *leg = find(legs, msg, is_dialog);

	return leg && (sa_cmp(&leg->peer, &msg->src, SA_ADDR) ||
		       sa_cmp(&leg->sip_peer, &msg->src, SA_ADDR) ||
		       is_target(leg, &msg->src));
}


bool legs_request(struct legs *legs, const struct sip_msg *msg)
{
	struct leg *leg = find(legs, msg, is_dialog);

	if (!leg)
		return false;

	mem_ref(leg);
	leg_inside(leg, msg);
	mem_deref(leg);

	return true;
}


static bool began_with(struct le *le, void *arg)
{
	const struct leg *leg = le->data;
	const struct sip_msg *msg = arg;

	return leg->remote_tag && leg->invite_cseq == msg->cseq.num &&
	       !pl_strcmp(&msg->callid, sip_dialog_callid(leg->dlg)) &&
	       !pl_strcmp(&msg->from.tag, leg->remote_tag);
}


bool legs_repeated(struct legs *legs, const struct sip_msg *msg)
{
	struct leg *leg = find(legs, msg, began_with);

	if (!leg)
		return false;

	/* of a leg that is up the 200 has come: the ACK says so */
	if (leg->state == LEG_ANSWERING)
		answer_repeat(leg->answer);

	return true;
}


/* RFC 3261, 13.2.2.4: every 2xx is ACKed; one dialog stays, others get BYE */
void legs_response(struct legs *legs, const struct sip_msg *msg)
{
	struct sip_dialog *other;
	struct leg *leg;

	if (recall_response(legs, msg))
		return;
	if (msg->scode < 200 || msg->scode > 299 ||
	    pl_strcmp(&msg->cseq.met, "INVITE"))
		return;

	/* a repeated one, to our INVITE or to a later re-INVITE of ours */
	leg = find(legs, msg, is_dialog);
	if (leg) {
		leg_ack(leg, leg->dlg, msg->cseq.num);
		return;
	}

	leg = find(legs, msg, is_seed);
	if (!leg)
		return;

	if (leg_fork(&other, leg, msg))
		return;
	leg_ack(leg, other, msg->cseq.num);
	(void)sip_drequestf(NULL, legs->c.sip, true, "BYE", other, 0, NULL,
			    NULL, NULL, NULL, "Content-Length: 0\r\n\r\n");
	mem_deref(other);
}
