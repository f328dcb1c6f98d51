/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * answer.c  Repeats a 200. Must not know what the call is about.
 */
#include "answer.h"


struct answer {
	struct tmr tmr_repeat;
	struct tmr tmr_lost;
	struct sip *sip;
	struct sip_msg *msg;
	struct mbuf *mb;
	struct sa dst;
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


static void repeat(void *arg)
{
	struct answer *a = arg;

	(void)sip_send(a->sip, a->msg->sock, a->msg->tp, &a->dst, a->mb);
	++a->n_sent;
	tmr_start(&a->tmr_repeat, MIN(SIP_T1 << a->n_sent, SIP_T2), repeat, a);
}


static void lost(void *arg)
{
	struct answer *a = arg;

	tmr_cancel(&a->tmr_repeat);
	a->losth(a->arg);
}


int answer_send(struct answer **ap, struct sip *sip, struct sip_strans **stp,
		const struct sip_msg *msg, const struct mbuf *headers,
		const struct pl *sdp, answer_lost_h *losth, void *arg)
{
	struct answer *a;
	int err;

	a = mem_zalloc(sizeof(*a), answer_destructor);
	if (!a)
		return ENOMEM;
	a->sip = sip;
	a->msg = mem_ref((void *)msg);
	a->losth = losth;
	a->arg = arg;

	err = sip_treplyf(stp, &a->mb, sip, msg, true, 200, "OK",
			  "%b%sContent-Length: %zu\r\n\r\n%r",
			  mbuf_buf(headers), mbuf_get_left(headers),
			  pl_isset(sdp) ? "Content-Type: application/sdp\r\n"
					: "",
			  sdp->l, sdp);
	if (err)
		goto out;

	sip_reply_addr(&a->dst, msg,
		       !msg_param_exists(&msg->via.params, "rport",
					 &(struct pl){NULL, 0}));
	tmr_start(&a->tmr_repeat, SIP_T1, repeat, a);
	tmr_start(&a->tmr_lost, 64 * SIP_T1, lost, a);

out:
	if (err)
		mem_deref(a);
	else
		*ap = a;

	return err;
}


bool answer_acked_by(const struct answer *a, const struct sip_msg *ack)
{
	return a && a->msg->cseq.num == ack->cseq.num;
}
