/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_keep.c  A leg's dialog as the next life of this process needs it. Must
 * not know what the owner's part means.
 */
#include "dialog.h"
#include "leg_parts.h"

#define LOG_MODULE "leg"
#include "base/log.h"


static enum kept_stage stage_of(const struct leg *leg)
{
	switch (leg->state) {

	case LEG_INVITED: /* our 200 is about to leave */
		return leg->answer ? KEPT_ANSWERED : KEPT_NONE;

	case LEG_ANSWERING:
		return KEPT_ANSWERED;

	case LEG_PREPARING: /* our INVITE is about to */
	case LEG_INVITING:
	case LEG_CANCELLING:
		return leg->dlg       ? KEPT_PICKED_UP
		       : leg->ringing ? KEPT_RINGING
				      : KEPT_NONE;

	case LEG_AGREEING:
		return KEPT_PICKED_UP;

	case LEG_UP:
		return KEPT_UP;

	case LEG_LEAVING:
		return leg->muted ? KEPT_NONE : KEPT_LEAVING;

	default:
		return KEPT_NONE;
	}
}


/* @return 0, EOVERFLOW */
static int text_put(char text[KEPT_TEXT], const struct mbuf *mb)
{
	if (!mb)
		return 0;
	if (mb->end >= KEPT_TEXT)
		return EOVERFLOW;
	memcpy(text, mb->buf, mb->end);

	return 0;
}


static int dialog_put(struct kept_dialog *d, const struct leg *leg)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	if (!mb)
		return ENOMEM;
	err = dialog_write(mb, &d->local_tag, leg->dlg, leg->remote_cseq);
	if (!err)
		err = text_put(d->invite, mb);
	explicit_bzero(mb->buf, mb->size);
	mem_deref(mb);

	return err;
}


static void session_put(struct kept_dialog *d, const struct leg *leg)
{
	d->session_interval = leg->timer.interval;
	d->session_we = leg->timer.we_refresh;
	d->session_knows = leg->timer.peer_knows;
	d->session_due = tmr_jiffies() + tmr_get_expire(&leg->tmr_session);
}


static int fill(struct kept_dialog *d, const struct leg *leg)
{
	const bool rings = d->stage == KEPT_RINGING;
	int err;

	d->outgoing = leg->outgoing;
	d->transport = (uint8_t)leg->transp;
	d->invite_cseq = leg->invite_cseq;
	d->remote_cseq = leg->remote_cseq;
	d->local_cseq = sip_dialog_lseq(rings ? leg->seed : leg->dlg);
	d->peer_updates = leg->peer_updates;
	d->pinned = leg->pinned;
	d->asked_sdp = leg->exchange == EXCHANGE_WAIT_ANSWER;
	session_put(d, leg);
	str_ncpy(d->uri, secret_reveal(&leg->uri), sizeof(d->uri));
	if (re_snprintf(d->peer, sizeof(d->peer), "%J", &leg->sip_peer) < 0)
		return EOVERFLOW;

	err = rings ? text_put(d->invite, leg->ringing) : dialog_put(d, leg);
	if (!err && d->stage == KEPT_ANSWERED)
		err = text_put(d->answer, answer_text(leg->answer));

	return err;
}


void leg_keep(struct leg *leg)
{
	struct kept k = {.owner = leg->owner,
			 .dialog.stage = (uint8_t)stage_of(leg)};
	uint8_t blob[LIMIT_KEPT];
	size_t n = 0;
	int err;

	if (k.dialog.stage == KEPT_NONE)
		return;

	err = fill(&k.dialog, leg);
	if (!err)
		err = kept_encode(blob, &n, &k);
	if (err)
		log_warn("leg %llu: it will not survive a restart: %s",
			 (unsigned long long)leg->sound, strerror(err));
	else
		sound_keep(leg->legs->c.sound, leg->sound, blob, n);
	explicit_bzero(blob, sizeof(blob));
	kept_wipe(&k);
}


void leg_owner_set(struct leg *leg, const struct kept_owner *owner)
{
	leg->owner = *owner;
	leg_keep(leg);
}


/* @param mb As in leg_leaves() */
static int invite_note(struct leg *leg, const struct mbuf *mb)
{
	const uint32_t cseq = sip_dialog_lseq(leg->seed) - 1;
	int err;

	mem_deref(leg->ringing);
	leg->ringing = mbuf_alloc(1024);
	if (!leg->ringing)
		return ENOMEM;
	leg->invite_cseq = cseq;
	err = mbuf_write_mem(leg->ringing, mb->buf, mb->end);
	/* with "ACK" it does not count on; who reads it takes the number */
	if (!err)
		err = sip_dialog_encode(leg->ringing, leg->seed, cseq, "ACK");

	return err ? err : mbuf_write_str(leg->ringing, "\r\n");
}


void leg_leaves(struct leg *leg, enum sip_transp tp, const struct sa *dst,
		const struct mbuf *mb)
{
	if (!leg->dlg) {
		leg->transp = tp;
		leg->sip_peer = *dst;
		if (invite_note(leg, mb))
			leg->ringing = mem_deref(leg->ringing);
	}
	leg_keep(leg);
}
