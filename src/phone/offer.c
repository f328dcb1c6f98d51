/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * offer.c  SDP of the test phone, by libre's sdp. Must not know of SIP or
 * sockets.
 */
#include <errno.h>
#include <re.h>

#include "base/step.h"
#include "offer.h"


struct offer {
	struct sdp_session *sess;
	struct sdp_media *audio; /* borrowed from sess */
};

static const struct {
	unsigned bit;
	const char *id;
	const char *name;
} codecs_known[] = {
	{OFFER_PCMU, "0", "PCMU"},
	{OFFER_PCMA, "8", "PCMA"},
};


static void destructor(void *arg)
{
	struct offer *o = arg;

	mem_deref(o->sess);
}


static int formats_add(struct sdp_media *m, unsigned codecs)
{
	int err = 0;

	for (size_t i = 0; i < STEP_COUNT(codecs_known); i++) {
		if (codecs & codecs_known[i].bit)
			err |= sdp_format_add(NULL, m, false,
					      codecs_known[i].id,
					      codecs_known[i].name, 8000, 1,
					      NULL, NULL, NULL, false, NULL);
	}
	err |= sdp_format_add(NULL, m, false, "101", telev_rtpfmt,
			      TELEV_SRATE, 1, NULL, NULL, NULL, false,
			      "0-15");
	err |= sdp_media_set_lattr(m, true, sdp_attr_ptime, "20");

	return err ? ENOMEM : 0;
}


int offer_alloc(struct offer **op, const struct sa *laddr, unsigned codecs)
{
	struct offer *o;
	int err;

	if (!op || !laddr || !(codecs & OFFER_BOTH))
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	err = sdp_session_alloc(&o->sess, laddr);
	if (err)
		goto out;
	err = sdp_media_add(&o->audio, o->sess, sdp_media_audio,
			    sa_port(laddr), sdp_proto_rtpavp);
	if (err)
		goto out;
	err = formats_add(o->audio, codecs);

out:
	if (err)
		mem_deref(o);
	else
		*op = o;

	return err;
}


int offer_encode(struct mbuf **mbp, struct offer *o, bool is_offer)
{
	if (!mbp || !o)
		return EINVAL;

	return sdp_encode(mbp, o->sess, is_offer);
}


static const struct sdp_format *agreed(const struct sdp_media *m)
{
	const struct le *le = list_head(sdp_media_format_lst(m, false));

	for (; le; le = le->next) {
		const struct sdp_format *fmt = le->data;

		if (fmt->sup &&
		    (fmt->pt == SOUND_PCMU || fmt->pt == SOUND_PCMA))
			return fmt;
	}

	return NULL;
}


int offer_decode(struct sound_peer *peer, struct offer *o, struct mbuf *mb,
		 bool is_offer)
{
	const struct sdp_format *speech, *event;
	const struct sa *raddr;
	int err;

	if (!peer || !o || !mb)
		return EINVAL;

	err = sdp_decode(o->sess, mb, is_offer);
	if (err)
		return err == ENOMEM ? ENOMEM : EBADMSG;

	speech = agreed(o->audio);
	raddr = sdp_media_raddr(o->audio);
	if (!speech || !sa_isset(raddr, SA_ALL))
		return ENOTSUP;

	event = sdp_media_rformat(o->audio, telev_rtpfmt);
	*peer = (struct sound_peer){
		.addr = *raddr,
		.pt = speech->pt,
		.event_pt = event ? event->pt : -1,
		.send = sdp_media_dir(o->audio) & SDP_SENDONLY,
	};

	return 0;
}
