/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wire.c  A packet of another process, and orders of the line to media, one
 * after the other: whatever passes the check, no leg gets lost by it.
 */
#include <re.h>

#include "fuzz.h"
#include "media/media.h"
#include "wire/wire.h"

static const struct {
	enum wire_role from, to;
} ways[] = {
	{WIRE_LINE, WIRE_MEDIA}, {WIRE_MEDIA, WIRE_LINE},
	{WIRE_WEB, WIRE_LINE}, {WIRE_LINE, WIRE_WEB},
	{WIRE_TOOL, WIRE_LINE}, {WIRE_LINE, WIRE_TOOL},
};

typedef void(order_h)(struct media *m, const struct wire_msg *msg);


static void offer(struct media *m, const struct wire_msg *msg)
{
	struct mbuf *mb = NULL;

	(void)media_offer(m, msg->payload, &mb);
	mem_deref(mb);
}


static void answer(struct media *m, const struct wire_msg *msg)
{
	struct mbuf *mb = NULL;

	(void)media_answer(m, msg->payload, msg->blob, msg->n_blob, &mb);
	mem_deref(mb);
}


static uint64_t leg_of(const struct wire_msg *msg)
{
	return ((const struct wire_leg *)msg->payload)->leg;
}


static void accept_(struct media *m, const struct wire_msg *msg)
{
	(void)media_accept(m, leg_of(msg), msg->blob, msg->n_blob);
}


static void play(struct media *m, const struct wire_msg *msg)
{
	(void)media_play(m, msg->payload);
}


static void bridge(struct media *m, const struct wire_msg *msg)
{
	const struct wire_bridge *b = msg->payload;

	(void)media_bridge(m, b->a, b->b);
}


static void hear(struct media *m, const struct wire_msg *msg)
{
	(void)media_hear(m, msg->payload);
}


static void send_key(struct media *m, const struct wire_msg *msg)
{
	(void)media_send_key(m, msg->payload);
}


static void keep(struct media *m, const struct wire_msg *msg)
{
	(void)media_keep(m, leg_of(msg), msg->blob, msg->n_blob);
}


static void next(struct media *m, const struct wire_msg *msg)
{
	struct wire_leg_kept kept;
	const uint8_t *blob;
	size_t n;

	if (!media_next(m, leg_of(msg), &kept, &blob, &n))
		HOLDS(n <= LIMIT_KEPT && kept.leg > leg_of(msg));
}


static void close_(struct media *m, const struct wire_msg *msg)
{
	struct wire_leg_stats stats;

	(void)media_close(m, leg_of(msg), &stats);
}


static order_h *const orders[WIRE_TYPES] = {
	[WIRE_LEG_OFFER] = offer,   [WIRE_LEG_ANSWER] = answer,
	[WIRE_LEG_ACCEPT] = accept_, [WIRE_LEG_PLAY] = play,
	[WIRE_LEG_BRIDGE] = bridge, [WIRE_LEG_HEAR] = hear,
	[WIRE_LEG_SEND_KEY] = send_key, [WIRE_LEG_KEEP] = keep,
	[WIRE_LEG_NEXT] = next,     [WIRE_LEG_CLOSE] = close_,
};


/* its head is made sound, so that not all is lost on it */
static void order(struct media *m, struct food *f, uint8_t what)
{
	const struct food piece = food_piece(f);
	const enum wire_type type = what % WIRE_TYPES;
	const size_t n = sizeof(struct wire_hdr) + wire_size(type) + piece.n;
	struct wire_hdr hdr = {.type = type, .id = 1};
	uint8_t *pkt = calloc(1, n);
	struct wire_msg msg;
	struct food rest = piece;

	HOLDS(pkt);
	if (piece.n > wire_size(type))
		hdr.n_blob = (uint32_t)(piece.n - wire_size(type));
	memcpy(pkt, &hdr, sizeof(hdr));
	food_take(&rest, pkt + sizeof(hdr), wire_size(type) + hdr.n_blob);
	if (!wire_check(&msg, pkt, sizeof(hdr) + wire_size(type) + hdr.n_blob,
			WIRE_LINE, WIRE_MEDIA) && orders[type])
		orders[type](m, &msg);
	free(pkt);
}


static void raw(const uint8_t *data, size_t n)
{
	struct wire_msg msg;
	uint8_t *pkt = malloc(n + 1);

	HOLDS(pkt);
	memcpy(pkt, data, n);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (wire_check(&msg, pkt, n, ways[i].from, ways[i].to))
			continue;
		HOLDS((const uint8_t *)msg.payload >= pkt &&
		      (const uint8_t *)msg.payload + wire_size(msg.type) <=
			      pkt + n);
		HOLDS(!msg.n_blob || msg.blob + msg.n_blob <= pkt + n);
	}
	free(pkt);
}


static struct media *media_new(void)
{
	static const struct config cfg = {
		.n_media = 1,
		.media = {{.low = 31000, .high = 31063}},
	};
	struct config own = cfg;
	struct prompts *prompts = NULL;
	struct media *m = NULL;

	(void)strcpy(own.media[0].host, "127.0.0.1");
	HOLDS(!prompts_alloc(&prompts, NULL, 0));
	HOLDS(!libre_init());
	HOLDS(!media_alloc(&m, &own, prompts, NULL, NULL));
	mem_deref(prompts);

	return m;
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct food f = {data, n};
	static struct media *m; /* ports and a thread: made once */
	unsigned most = 64;

	if (!n)
		return 0;
	fuzz_quietly();
	raw(data, n);
	if (!m)
		m = media_new();
	while (f.n && most--)
		order(m, &f, food_byte(&f));
	media_reset(m);
	HOLDS(!media_count(m));

	return 0;
}
