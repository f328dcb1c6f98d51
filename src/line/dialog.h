/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file dialog.h  A SIP dialog as text, and back
 *
 * As the INVITE that its peer would have sent to begin it (RFC 3261, 12.1.1):
 * also for a dialog that we began, the other way round. Tags, Call-ID, route set
 * and remote target are in it, so libre makes the same dialog of it again.
 */
#ifndef RINGBACK_DIALOG_H
#define RINGBACK_DIALOG_H

#include <re.h>

/* exported by libre 1.1, without a word in its headers */
int sip_dialog_encode(struct mbuf *mb, struct sip_dialog *dlg, uint32_t cseq,
		      const char *met);
const char *sip_dialog_uri(const struct sip_dialog *dlg);

/** Our CSeq is below this when a dialog is read: more requests than any call
 *  has. */
enum { DIALOG_CSEQ_MOST = 1 << 20 };

/**
 * Write it down
 *
 * @param mb   Appended
 * @param tag  Set to our tag
 * @param rseq CSeq of the last request of its peer
 *
 * @return 0; EBADMSG our tag is none of libre's; ENOMEM
 */
int dialog_write(struct mbuf *mb, uint64_t *tag, struct sip_dialog *dlg,
		 uint32_t rseq);

/**
 * Read it
 *
 * @param dlgp new
 * @param lseq Our next request has this CSeq, or a higher one
 *
 * @return 0; EBADMSG; ENOMEM
 */
int dialog_read(struct sip_dialog **dlgp, const char *text, uint64_t tag,
		uint32_t lseq);

/** The dialog that this 2xx to an INVITE of ours begins.
 *  @return as dialog_read() */
int dialog_begun(struct sip_dialog **dlgp, const struct sip_msg *msg,
		 uint32_t lseq);

/** The text of a SIP message, decoded. @param msgp new */
int dialog_decode(struct sip_msg **msgp, const char *text, size_t n);

#endif
