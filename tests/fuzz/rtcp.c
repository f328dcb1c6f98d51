/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rtcp.c  Reports of a browser, between packets of ours and of theirs.
 */
#include "fuzz.h"
#include "media/report.h"
#include "media/rtp.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct report r = {.ssrc = 0x1234, .cname = "someone"};
	struct food f = {data, n};
	uint64_t us = 1000000;

	while (f.n) {
		const uint8_t what = food_byte(&f);
		const struct food piece = food_piece(&f);
		char *buf = food_text(&piece);
		struct rtp_packet p = {0};
		struct wire_leg_quality q;
		uint8_t ours[REPORT_MAX];

		us += 20000;
		if (what & 1)
			(void)report_take(&r, (uint8_t *)buf, piece.n, us);
		else if (!rtp_packet_decode(&p, (uint8_t *)buf, piece.n))
			report_heard(&r, &p, us);
		if (what & 2) {
			report_sent(&r, p.ts, p.n, us);
			HOLDS(report_write(&r, ours, us) <= REPORT_MAX);
		}
		if (what & 4) {
			report_quality(&r, &q);
			HOLDS(q.lost_here <= 1000 && q.lost_there <= 1000);
		}
		free(buf);
	}

	return 0;
}
