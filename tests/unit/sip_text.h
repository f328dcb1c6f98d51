/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sip_text.h  A SIP message out of a test's text
 */
#ifndef RINGBACK_TEST_SIP_TEXT_H
#define RINGBACK_TEST_SIP_TEXT_H

#include <re.h>

/**
 * Decode as libre's UDP transport does
 *
 * @param msgp new
 * @param text The message
 * @param n    Its bytes
 */
static inline int sip_text_decode(struct sip_msg **msgp, const char *text,
				  size_t n)
{
	struct mbuf *mb = mbuf_alloc(n + 1);
	int err;

	if (!mb)
		return ENOMEM;

	err = mbuf_write_mem(mb, (const uint8_t *)text, n);
	mb->pos = 0;
	if (!err)
		err = sip_msg_decode(msgp, mb);
	if (!err)
		(*msgp)->tp = SIP_TRANSP_UDP;
	mem_deref(mb);

	return err;
}

#endif
