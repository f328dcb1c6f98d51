/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialog.c  Turns libre's dialogs into text and back. Must not send.
 */
#include "dialog.h"


/* "To" of who began it is the peer's; the Routes were Record-Routes */
static const char request_line[] = "INVITE sip:kept.invalid SIP/2.0\r\n";


int dialog_decode(struct sip_msg **msgp, const char *text, size_t n)
{
	struct mbuf *mb = mbuf_alloc(n + 1);
	int err;

	if (!mb)
		return ENOMEM;
	err = mbuf_write_mem(mb, (const uint8_t *)text, n);
	mb->pos = 0;
	if (!err)
		err = sip_msg_decode(msgp, mb);
	mem_deref(mb);

	return err == ENOMEM || !err ? err : EBADMSG;
}


static bool print_route(const struct sip_hdr *hdr, const struct sip_msg *msg,
			void *arg)
{
	(void)msg;

	return mbuf_printf(arg, "Record-Route: %r\r\n", &hdr->val) != 0;
}


/* "16 hexadecimal digits": as libre makes them */
static int tag_read(uint64_t *tag, const struct pl *pl)
{
	char again[17];

	*tag = pl_x64(pl);
	(void)re_snprintf(again, sizeof(again), "%016llx", *tag);

	return pl_strcmp(pl, again) ? EBADMSG : 0;
}


/* without its tag, which stands last */
static struct pl address(const struct sip_taddr *addr)
{
	static const char param[] = ";tag=";
	struct pl pl = addr->val;

	if (pl_isset(&addr->tag))
		pl.l = (size_t)(addr->tag.p - addr->val.p) -
		       (sizeof(param) - 1);

	return pl;
}


/* the other way round: what was To is From */
static int print_turned(struct mbuf *mb, const struct sip_msg *msg,
			enum sip_hdrid routes, bool in_order, uint32_t rseq,
			const char *target, uint64_t *tag)
{
	const struct pl ours = address(&msg->from);
	int err;

	err = tag_read(tag, &msg->from.tag);
	if (err)
		return err;
	err = mbuf_write_str(mb, request_line);
	if (!err && sip_msg_hdr_apply(msg, in_order, routes, print_route, mb))
		err = ENOMEM;

	return err ? err
		   : mbuf_printf(mb,
				 "From: %r\r\nTo: %r\r\nCall-ID: %r\r\n"
				 "CSeq: %u INVITE\r\nContact: <%s>\r\n\r\n",
				 &msg->to.val, &ours, &msg->callid, rseq,
				 target);
}


int dialog_write(struct mbuf *mb, uint64_t *tag, struct sip_dialog *dlg,
		 uint32_t rseq)
{
	struct mbuf *raw = mbuf_alloc(1024);
	struct sip_msg *msg = NULL;
	int err;

	if (!raw)
		return ENOMEM;
	/* of all methods ACK leaves the dialog's CSeq as it is */
	err = mbuf_write_str(raw, "ACK sip:kept.invalid SIP/2.0\r\n");
	if (!err)
		err = sip_dialog_encode(raw, dlg, 1, "ACK");
	if (!err)
		err = mbuf_write_str(raw, "\r\n");
	raw->pos = 0;
	if (!err)
		err = sip_msg_decode(&msg, raw);
	if (!err)
		err = print_turned(mb, msg, SIP_HDR_ROUTE, true, rseq,
				   sip_dialog_uri(dlg), tag);
	mem_deref(msg);
	mem_deref(raw);

	return err;
}


/* libre begins to count somewhere below 65536, and goes on with each request:
 * some beginnings are tried, then it counts on */
static int accept_above(struct sip_dialog **dlgp, const struct sip_msg *msg,
			uint32_t lseq)
{
	enum { TRIES = 64 };
	struct sip_dialog *best = NULL, *dlg;
	struct mbuf *mb;
	int err = 0;

	if (lseq > DIALOG_CSEQ_MOST)
		return EBADMSG;
	for (int i = 0; i < TRIES && !err; i++) {
		err = sip_dialog_accept(&dlg, msg);
		if (err)
			break;
		if (sip_dialog_lseq(dlg) > sip_dialog_lseq(best)) {
			mem_deref(best);
			best = dlg;
		}
		else {
			mem_deref(dlg);
		}
		if (sip_dialog_lseq(best) >= lseq)
			break;
	}
	mb = mbuf_alloc(1024);
	if (!err && !mb)
		err = ENOMEM;
	while (!err && sip_dialog_lseq(best) < lseq) {
		mb->pos = 0;
		err = sip_dialog_encode(mb, best, 0, "INVITE");
	}
	mem_deref(mb);

	if (err)
		mem_deref(best);
	else
		*dlgp = best;

	return err;
}


int dialog_read(struct sip_dialog **dlgp, const char *text, uint64_t tag,
		uint32_t lseq)
{
	struct sip_msg *msg = NULL;
	int err;

	err = dialog_decode(&msg, text, str_len(text));
	if (err)
		return err;
	if (!msg->req || !pl_isset(&msg->callid) || !pl_isset(&msg->from.tag))
		err = EBADMSG;
	msg->tag = tag;
	if (!err)
		err = accept_above(dlgp, msg, lseq);
	mem_deref(msg);

	return err == ENOMEM || !err ? err : EBADMSG;
}


static int target_print(char **targetp, const struct sip_msg *msg)
{
	const struct sip_hdr *contact = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;

	if (!contact || sip_addr_decode(&addr, &contact->val))
		return EBADMSG;

	return pl_strdup(targetp, &addr.auri);
}


int dialog_begun(struct sip_dialog **dlgp, const struct sip_msg *msg,
		 uint32_t lseq)
{
	struct mbuf *mb = NULL;
	char *target = NULL, *text = NULL;
	uint64_t tag;
	int err;

	err = target_print(&target, msg);
	if (err)
		return err;
	mb = mbuf_alloc(1024);
	err = mb ? print_turned(mb, msg, SIP_HDR_RECORD_ROUTE, false, 0,
				target, &tag)
		 : ENOMEM;
	if (!err) {
		mb->pos = 0;
		err = mbuf_strdup(mb, &text, mbuf_get_left(mb));
	}
	if (!err)
		err = dialog_read(dlgp, text, tag, lseq);
	mem_deref(text);
	mem_deref(mb);
	mem_deref(target);

	return err;
}
