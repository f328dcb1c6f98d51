/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * answer.c  Repeats a 200. Must not know what the call is about.
 */
#include "answer.h"


struct answer {
	struct tmr tmr_repeat;
	struct tmr tmr_lost;
	struct sip *sip;
	struct sip_msg *msg; /* the INVITE; NULL: of an earlier life */
	struct mbuf *mb;
	struct sa dst;
	struct sa peer; /* without the INVITE's connection */
	enum sip_transp tp;
	uint32_t cseq;
	answer_lost_h *losth;
	void *arg;
	uint32_t n_sent;
};


static void answer_destructor(void *data)
{
	struct answer *a = data;

	tmr_cancel(&a->tmr_repeat);
	tmr_cancel(&a->tmr_lost);
	mem_deref(a->msg);
	mem_deref(a->mb);
}


static void send_it(struct answer *a)
{
	a->mb->pos = 0;
	(void)sip_send(a->sip, a->msg ? a->msg->sock : NULL, a->tp, &a->dst,
		       a->mb);
}


static void repeat(void *arg)
{
	struct answer *a = arg;

	send_it(a);
	++a->n_sent;
	tmr_start(&a->tmr_repeat, MIN(SIP_T1 << a->n_sent, SIP_T2), repeat, a);
}


static void lost(void *arg)
{
	struct answer *a = arg;

	tmr_cancel(&a->tmr_repeat);
	a->losth(a->arg);
}


static void begin(struct answer *a, uint64_t first_ms)
{
	tmr_start(&a->tmr_repeat, first_ms, repeat, a);
	tmr_start(&a->tmr_lost, 64 * SIP_T1, lost, a);
}


/* RFC 3261, 18.2.1; RFC 3581, 4. @return true if the peer wants its port back */
static bool print_via(struct mbuf *mb, const struct sip_msg *msg,
		      const struct sip_hdr *hdr, int *errp)
{
	struct pl end;
	const bool rport =
		!msg_param_exists(&msg->via.params, "rport", &end);

	*errp |= mbuf_write_str(mb, "Via: ");
	if (rport) {
		*errp |= mbuf_write_pl_skip(mb, &hdr->val, &end);
		*errp |= mbuf_printf(mb, ";rport=%u", sa_port(&msg->src));
	}
	else {
		*errp |= mbuf_write_pl(mb, &hdr->val);
	}
	if (rport || !sa_cmp(&msg->src, &msg->via.addr, SA_ADDR))
		*errp |= mbuf_printf(mb, ";received=%j", &msg->src);
	*errp |= mbuf_write_str(mb, "\r\n");

	return rport;
}


static struct answer *alloc(struct sip *sip, enum sip_transp tp, uint32_t cseq,
			    answer_lost_h *losth, void *arg)
{
	struct answer *a = mem_zalloc(sizeof(*a), answer_destructor);

	if (!a)
		return NULL;
	a->sip = sip;
	a->tp = tp;
	a->cseq = cseq;
	a->losth = losth;
	a->arg = arg;

	return a;
}


static int print_to(struct mbuf *mb, const struct sip_msg *msg)
{
	int err;

	err = mbuf_printf(mb, "To: %r", &msg->to.val);
	if (!pl_isset(&msg->to.tag))
		err |= mbuf_printf(mb, ";tag=%016llx", msg->tag);

	return err | mbuf_write_str(mb, "\r\n");
}


/* what belongs to the transaction and to the dialog */
static int print_head(struct mbuf *mb, const struct sip_msg *msg, bool *rport)
{
	unsigned n_via = 0;
	struct le *le;
	int err;

	err = mbuf_write_str(mb, "SIP/2.0 200 OK\r\n");
	LIST_FOREACH(&msg->hdrl, le)
	{
		const struct sip_hdr *hdr = le->data;

		if (hdr->id == SIP_HDR_VIA && !n_via++)
			*rport = print_via(mb, msg, hdr, &err);
		else if (hdr->id == SIP_HDR_TO)
			err |= print_to(mb, msg);
		else if (hdr->id == SIP_HDR_VIA || hdr->id == SIP_HDR_FROM ||
			 hdr->id == SIP_HDR_RECORD_ROUTE ||
			 hdr->id == SIP_HDR_CALL_ID ||
			 hdr->id == SIP_HDR_CSEQ)
			err |= mbuf_printf(mb, "%r: %r\r\n", &hdr->name,
					   &hdr->val);
	}

	return err;
}


static int print(struct answer *a, const struct mbuf *headers,
		 const struct pl *sdp)
{
	bool rport = false;
	int err;

	a->mb = mbuf_alloc(1024);
	if (!a->mb)
		return ENOMEM;
	err = print_head(a->mb, a->msg, &rport);
	err |= mbuf_printf(a->mb, "%b%sContent-Length: %zu\r\n\r\n%r",
			   mbuf_buf(headers), mbuf_get_left(headers),
			   pl_isset(sdp)
				   ? "Content-Type: application/sdp\r\n"
				   : "",
			   sdp->l, sdp);
	sip_reply_addr(&a->dst, a->msg, rport);
	a->peer = a->dst;

	return err;
}


int answer_make(struct answer **ap, struct sip *sip, const struct sip_msg *msg,
		const struct mbuf *headers, const struct pl *sdp,
		answer_lost_h *losth, void *arg)
{
	struct answer *a;
	int err;

	a = alloc(sip, msg->tp, msg->cseq.num, losth, arg);
	if (!a)
		return ENOMEM;
	a->msg = mem_ref((void *)msg);
	err = print(a, headers, sdp);

	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


int answer_send(struct answer *a, struct sip_strans **stp)
{
	int err;

	a->mb->pos = 0;
	err = sip_strans_reply(stp, a->sip, a->msg, &a->dst, 200, a->mb);
	if (err)
		*stp = mem_deref(*stp);
	else
		begin(a, SIP_T1);

	return err;
}


int answer_again(struct answer **ap, struct sip *sip, const char *text,
		 enum sip_transp tp, const struct sa *to, uint32_t cseq,
		 answer_lost_h *losth, void *arg)
{
	struct answer *a;
	int err;

	a = alloc(sip, tp, cseq, losth, arg);
	if (!a)
		return ENOMEM;
	a->dst = a->peer = *to;
	a->mb = mbuf_alloc(str_len(text) + 1);
	err = a->mb ? mbuf_write_str(a->mb, text) : ENOMEM;

	if (err) {
		mem_deref(a);
		return err;
	}
	begin(a, 0);
	*ap = a;

	return 0;
}


void answer_repeat(struct answer *a)
{
	if (a)
		send_it(a);
}


const struct mbuf *answer_text(const struct answer *a)
{
	return a->mb;
}


const struct sa *answer_peer(const struct answer *a)
{
	return &a->peer;
}


enum sip_transp answer_transp(const struct answer *a)
{
	return a->tp;
}


uint32_t answer_cseq(const struct answer *a)
{
	return a->cseq;
}


bool answer_acked_by(const struct answer *a, const struct sip_msg *ack)
{
	return a && a->cseq == ack->cseq.num;
}
