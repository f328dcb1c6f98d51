/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * recall.c  Takes back what rings for nobody. libre makes a branch of its own
 * for whatever it sends, so CANCEL and the ACK of a refusal are written here.
 * Must not ring anybody.
 */
#include "dialog.h"
#include "leg_parts.h"
#include "recall.h"

#define LOG_MODULE "leg"
#include "base/log.h"


enum {
	PATIENCE = 2000,
	HELD = 4000, /* media has its checkpoint: so long at most */
};

struct recall {
	struct le le;
	struct legs *legs;   /* borrow */
	struct tmr tmr;      /* its end */
	struct tmr tmr_repeat;
	struct tmr tmr_held;
	uint64_t sound; /* its leg, while it is held */
	struct sip_msg *invite; /* as it left, without body */
	struct sip_dialog *dlg; /* of who picked up */
	struct mbuf *cancel;
	struct sa to;
	uint64_t since;
	enum sip_transp tp;
	uint32_t cseq;
	uint32_t next_cseq;
	uint32_t n_sent;
	bool quiet; /* it rings no more */
};


/* the next life of this process need not take it back, too */
static void let_go(void *arg)
{
	struct recall *r = arg;

	if (r->sound)
		sound_close(r->legs->c.sound, r->sound);
	r->sound = 0;
}


static void recall_destructor(void *data)
{
	struct recall *r = data;

	/* a BYE that waits for its answer may outlive all legs */
	if (r->le.list)
		let_go(r);
	tmr_cancel(&r->tmr_held);
	tmr_cancel(&r->tmr);
	tmr_cancel(&r->tmr_repeat);
	list_unlink(&r->le);
	mem_deref(r->invite);
	mem_deref(r->dlg);
	mem_deref(r->cancel);
}


static bool print_route(const struct sip_hdr *hdr, const struct sip_msg *msg,
			void *arg)
{
	(void)msg;

	return mbuf_printf(arg, "Route: %r\r\n", &hdr->val) != 0;
}


/* in the transaction of the INVITE */
static int print(struct mbuf **mbp, const struct recall *r, const char *method,
		 const struct pl *to)
{
	const struct sip_msg *invite = r->invite;
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	if (!mb)
		return ENOMEM;
	err = mbuf_printf(mb, "%s %r SIP/2.0\r\nVia: %r\r\n", method,
			  &invite->ruri, &invite->via.val);
	if (!err && sip_msg_hdr_apply(invite, true, SIP_HDR_ROUTE, print_route,
				      mb))
		err = ENOMEM;
	if (!err)
		err = mbuf_printf(mb,
				  "To: %r\r\nFrom: %r\r\nCall-ID: %r\r\n"
				  "CSeq: %u %s\r\nMax-Forwards: 70\r\n"
				  "Content-Length: 0\r\n\r\n",
				  to, &invite->from.val, &invite->callid,
				  r->cseq, method);
	mb->pos = 0;

	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


static void send_it(const struct recall *r, struct mbuf *mb)
{
	mb->pos = 0;
	(void)sip_send(r->legs->c.sip, NULL, r->tp, &r->to, mb);
}


/* RFC 3261, 17.1.2.2: over a connection once is enough */
static void repeat(void *arg)
{
	struct recall *r = arg;

	send_it(r, r->cancel);
	if (r->tp == SIP_TRANSP_UDP)
		tmr_start(&r->tmr_repeat, MIN(SIP_T1 << r->n_sent++, SIP_T2),
			  repeat, r);
}


static void over(void *arg)
{
	struct recall *r = arg;

	/* the list's reference goes; a BYE may have another one still */
	list_unlink(&r->le);
	mem_deref(r);
}


static int invite_read(struct recall *r, const struct kept_dialog *d)
{
	int err;

	r->tp = (enum sip_transp)d->transport;
	r->cseq = d->invite_cseq;
	r->next_cseq = d->local_cseq;
	if (r->tp > SIP_TRANSP_TLS)
		return EBADMSG;
	err = sa_decode(&r->to, d->peer, strlen(d->peer));
	if (!err)
		err = dialog_decode(&r->invite, d->invite, strlen(d->invite));
	if (!err && (!r->invite->req || !pl_isset(&r->invite->via.branch)))
		err = EBADMSG;

	return err == ENOMEM || !err ? err : EBADMSG;
}


int recall(struct legs *legs, uint64_t sound, const struct kept_dialog *d)
{
	struct recall *r;
	int err;

	r = mem_zalloc(sizeof(*r), recall_destructor);
	if (!r)
		return ENOMEM;
	r->legs = legs;
	r->since = tmr_jiffies();
	err = invite_read(r, d);
	if (!err)
		err = print(&r->cancel, r, "CANCEL", &r->invite->to.val);
	if (err) {
		mem_deref(r);
		return err;
	}

	(void)sound_found_take(legs->c.sound, sound);
	r->sound = sound;
	list_append(&legs->recalll, &r->le, r);
	tmr_start(&r->tmr_held, HELD, let_go, r);
	tmr_start(&r->tmr, 64 * SIP_T1, over, r);
	tmr_start(&r->tmr_repeat, 0, repeat, r);

	return 0;
}


bool recall_rings(const struct legs *legs, const char *uri)
{
	struct le *le;

	LIST_FOREACH(&legs->recalll, le)
	{
		const struct recall *r = le->data;

		if (!r->quiet && !pl_strcmp(&r->invite->ruri, uri) &&
		    tmr_jiffies() < r->since + PATIENCE)
			return true;
	}

	return false;
}


/* ---- answers -------------------------------------------------------------- */

static void thank(const struct recall *r, struct sip_dialog *dlg)
{
	(void)sip_drequestf(NULL, r->legs->c.sip, false, "ACK", dlg, r->cseq,
			    NULL, NULL, NULL, NULL,
			    "Content-Length: 0\r\n\r\n");
}


static void bye_answered(int err, const struct sip_msg *msg, void *arg)
{
	struct recall *r = arg;

	if (err || msg->scode >= 200) {
		r->quiet = true;
		mem_deref(r);
	}
}


static void hang_up(struct recall *r, struct sip_dialog *dlg)
{
	if (sip_drequestf(NULL, r->legs->c.sip, true, "BYE", dlg, 0, NULL,
			  NULL, bye_answered, r, "Content-Length: 0\r\n\r\n"))
		return;
	/* for bye_answered() */
	(void)mem_ref(r);
}


/* each 2xx gets ACK, each dialog one BYE; of several the last one is known if
 * it repeats itself */
static void picked_up(struct recall *r, const struct sip_msg *msg)
{
	struct sip_dialog *dlg;

	if (r->dlg && sip_dialog_cmp(r->dlg, msg)) {
		thank(r, r->dlg);
		return;
	}
	if (dialog_begun(&dlg, msg, r->next_cseq))
		return;

	thank(r, dlg);
	hang_up(r, dlg);
	mem_deref(r->dlg);
	r->dlg = dlg;
	log_note("somebody picked up a call that was taken back: they are "
		 "told");
}


static void refused(struct recall *r, const struct sip_msg *msg)
{
	struct mbuf *ack;

	r->quiet = true;
	let_go(r);
	if (print(&ack, r, "ACK", &msg->to.val))
		return;
	send_it(r, ack);
	mem_deref(ack);
}


static bool answers(const struct recall *r, const struct sip_msg *msg)
{
	const struct sip_msg *invite = r->invite;

	return msg->cseq.num == r->cseq &&
	       !pl_cmp(&msg->callid, &invite->callid) &&
	       !pl_cmp(&msg->from.tag, &invite->from.tag) &&
	       !pl_cmp(&msg->via.branch, &invite->via.branch);
}


static void answered(struct recall *r, const struct sip_msg *msg)
{
	if (msg->scode < 200)
		return;
	tmr_cancel(&r->tmr_repeat);
	if (pl_strcmp(&msg->cseq.met, "INVITE"))
		return;
	if (msg->scode < 300)
		picked_up(r, msg);
	else
		refused(r, msg);
}


bool recall_response(struct legs *legs, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(&legs->recalll, le)
	{
		struct recall *r = le->data;

		if (answers(r, msg)) {
			answered(r, msg);
			return true;
		}
	}

	return false;
}
