/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * leg_restore.c  Legs of an earlier life of this process: gone on with, or
 * ended. Must not know whose they are.
 */
#include "dialog.h"
#include "leg_parts.h"
#include "recall.h"

#define LOG_MODULE "leg"
#include "base/log.h"


/* what was agreed, with what is left of the time */
static void session_restore(struct leg *leg, const struct kept_dialog *d)
{
	const uint64_t now = tmr_jiffies();
	uint64_t wait;

	leg->timer = (struct session_timer){
		.interval = d->session_interval < SESSION_MIN
				    ? leg->legs->c.session_s
				    : d->session_interval,
		.we_refresh = d->session_we,
		.peer_knows = d->session_knows,
	};
	wait = d->session_due > now ? d->session_due - now : 0;
	leg_session_wait(leg, MIN(wait, session_wait(&leg->timer)));
}


/* an INVITE that comes again is known by it */
static int remote_tag(struct leg *leg, const struct kept_dialog *d)
{
	struct sip_msg *msg = NULL;
	int err;

	err = dialog_decode(&msg, d->invite, strlen(d->invite));
	if (!err)
		err = pl_strdup(&leg->remote_tag, &msg->from.tag);
	mem_deref(msg);

	return err;
}


static int answer_restore(struct leg *leg, const struct kept_dialog *d)
{
	if (!d->answer[0] || leg->transp > SIP_TRANSP_TLS)
		return EBADMSG;
	leg->exchange = d->asked_sdp ? EXCHANGE_WAIT_ANSWER
				     : EXCHANGE_WAIT_ACK;

	return answer_again(&leg->answer, leg->legs->c.sip, d->answer,
			    leg->transp, &leg->sip_peer, d->invite_cseq,
			    leg_answer_lost, leg);
}


static int dialog_restore(struct leg *leg, const struct kept_dialog *d)
{
	int err;

	leg->outgoing = d->outgoing;
	leg->pinned = d->pinned;
	leg->peer_updates = d->peer_updates;
	leg->invite_cseq = d->invite_cseq;
	leg->remote_cseq = d->remote_cseq;
	leg->transp = (enum sip_transp)d->transport;
	leg->secret = leg->transp == SIP_TRANSP_TLS;
	/* media knows what was agreed; this is for another media process */
	leg->srtp = leg->secret ? WIRE_SRTP_MAY : WIRE_SRTP_NEVER;
	err = secret_set(&leg->uri, d->uri, strlen(d->uri));
	if (!err)
		err = sa_decode(&leg->sip_peer, d->peer, strlen(d->peer));
	leg->peer = leg->sip_peer;
	leg->family = sa_af(&leg->sip_peer);
	/* should its media process die: where to offer another way */
	leg->peer = leg->sip_peer;
	leg->family = sa_af(&leg->sip_peer);
	if (!err)
		err = dialog_read(&leg->dlg, d->invite, d->local_tag,
				  d->local_cseq);
	if (!err && !d->outgoing)
		err = remote_tag(leg, d);
	if (!err && d->stage == KEPT_ANSWERED)
		err = answer_restore(leg, d);

	return err == ENOMEM || !err ? err : EBADMSG;
}


static int restore(struct leg **legp, struct legs *legs, uint64_t sound,
		   const struct kept *k, leg_news_h *h, void *arg)
{
	struct leg *leg;
	int err;

	err = leg_bare(&leg, legs,
		       k->dialog.stage == KEPT_ANSWERED ? LEG_ANSWERING
							: LEG_UP,
		       h, arg);
	if (err)
		return err;

	leg->sound = sound;
	leg->owner = k->owner;
	err = dialog_restore(leg, &k->dialog);
	if (err) {
		mem_deref(leg);
		return err;
	}
	session_restore(leg, &k->dialog);
	leg_index(leg, sip_dialog_callid(leg->dlg));
	*legp = leg;

	return 0;
}


int leg_restore(struct leg **legp, struct legs *legs, uint64_t sound,
		const struct kept *k, leg_news_h *h, void *arg)
{
	int err;

	if (!legp || !legs || !k || !h)
		return EINVAL;
	if (!kept_is_talk(&k->dialog))
		return EBADMSG;

	err = restore(legp, legs, sound, k, h, arg);
	if (err)
		return err;
	log_note("leg %llu: goes on as before", (unsigned long long)sound);
	/* the numbers may have moved on */
	leg_keep(*legp);

	return 0;
}


/* nobody has it but its dialog */
static void dismissed(struct leg *leg, enum leg_news news,
		      enum core_cause cause, void *arg)
{
	(void)cause;
	(void)arg;

	if (news == LEG_OVER)
		mem_deref(leg);
}


bool leg_is_dismissed(const struct leg *leg)
{
	return leg->h == dismissed && leg->state != LEG_GONE;
}


static int hang_up(struct legs *legs, uint64_t sound, const struct kept *k)
{
	struct leg *leg;
	int err;

	err = restore(&leg, legs, sound, k, dismissed, NULL);
	if (err)
		return err;

	mem_ref(leg);
	if (k->dialog.stage == KEPT_PICKED_UP)
		leg_ack(leg, leg->dlg, k->dialog.invite_cseq);
	leg_end(leg, CAUSE_HUNG_UP);
	mem_deref(leg);

	return 0;
}


void leg_dismiss(struct legs *legs, uint64_t sound, const struct kept *k)
{
	int err = 0;

	if (k->dialog.stage == KEPT_RINGING)
		err = recall(legs, sound, &k->dialog);
	else if (k->dialog.stage != KEPT_NONE)
		err = hang_up(legs, sound, k);
	if (err)
		log_warn("leg %llu: its peer cannot be told that it is over: "
			 "%s", (unsigned long long)sound, strerror(err));
	else if (k->dialog.stage != KEPT_NONE)
		log_note("leg %llu: ended, nobody goes on with it",
			 (unsigned long long)sound);
}
