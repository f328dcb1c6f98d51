/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * told.c  What ringback-web, a command and ringback-media tell the line, with
 * anything in each field of a message and in its blob, while callers come and
 * go: each question gets its answer, nothing is left, nobody is rung whom the
 * line did not choose (world.h), and the dialler's key is told to nobody.
 */
#include <sodium.h>

#include "loop.h"
#include "say.h"

/* of the first byte of an order: what libFuzzer would never guess */
enum { OFFER = 1, CALL = 2, SDP = 4, SEALED = 8, LEG_OUT = 16, LEG_WEB = 32 };

static const enum wire_type of_web[] = {
	WIRE_CONSOLE, WIRE_RING_SOUND, WIRE_COUNSELLOR_DO, WIRE_NUMBER_LOOK,
	WIRE_LISTEN, WIRE_BOARD, WIRE_MARK_MAKE, WIRE_MARK_INDEX, WIRE_MARKS,
	WIRE_NUMBER_BACK, WIRE_STATUS, WIRE_PROMISE, WIRE_FORGET,
	WIRE_PEOPLE_CHANGED, WIRE_MARKS_CHANGED,
};

static const enum wire_type of_tool[] = {
	WIRE_KEY_TAKE, WIRE_STATUS, WIRE_PROMISE, WIRE_FORGET,
	WIRE_TRUNK_SECRET, WIRE_TRUNKS_CHANGED, WIRE_PEOPLE_CHANGED,
	WIRE_MARKS_CHANGED,
};

static const enum wire_type of_media[] = {
	WIRE_LEG_DIGIT, WIRE_LEG_PLAYED, WIRE_LEG_UP, WIRE_LEG_DEAD,
	WIRE_LEG_QUALITY, WIRE_LEG_RECORDED, WIRE_MEDIA_LEAVES,
};


static void answered(const struct wire_msg *msg, void *arg)
{
	struct world *w = arg;

	HOLDS(msg && w->n_waiting && msg->type != WIRE_KEY_IS);
	--w->n_waiting;
}


/* its bytes, of which the first may be an id that there is */
static void fill(void *payload, enum wire_type type, uint8_t how,
		 const struct world *w, struct food *f)
{
	const uint64_t call = 1;
	const bool has_id = wire_size(type) >= sizeof(call);

	food_take(f, payload, wire_size(type));
	if (how & OFFER && has_id)
		memcpy(payload, &w->said.offer, sizeof(w->said.offer));
	else if (how & CALL && has_id)
		memcpy(payload, &call, sizeof(call));
	/* MARK_MAKE has its ids behind that of the mark */
	if (type == WIRE_MARK_MAKE && how & SDP)
		((struct wire_mark *)payload)->offer = w->said.offer;
}


/* a caller's number, as a page would seal it for the line */
static size_t sealed_rows(uint8_t *blob, const struct world *w, uint8_t who)
{
	struct wire_number_row row = {.call = 1 + who % 4};
	uint8_t public[crypto_box_PUBLICKEYBYTES];
	const uint8_t *private =
		held_private(switchboard_held(w->h->sb));
	uint8_t text[sizeof(row.sealed) - crypto_box_SEALBYTES] = "+15550142";

	(void)crypto_scalarmult_base(public, private);
	(void)crypto_box_seal(row.sealed, text, sizeof(text), public);
	memcpy(blob, &row, sizeof(row));

	return sizeof(row);
}


static size_t blob_of(uint8_t *blob, enum wire_type type, uint8_t how,
		      const struct world *w, struct food *f)
{
	static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n";
	struct food piece;
	size_t n = 0;

	if (!wire_is(type, WIRE_BLOB))
		return 0;
	if (how & SEALED)
		return sealed_rows(blob, w, food_byte(f));
	if (how & SDP) {
		memcpy(blob, sdp, sizeof(sdp));
		return sizeof(sdp) - 1;
	}
	piece = food_piece(f);
	n = piece.n < LIMIT_WIRE_BLOB ? piece.n : LIMIT_WIRE_BLOB;
	if (n)
		memcpy(blob, piece.p, n);

	return n;
}


static void ask(struct world *w, struct wire_conn *conn, enum wire_type type,
		struct food *f)
{
	static uint8_t blob[LIMIT_WIRE_BLOB];
	const uint8_t how = food_byte(f);
	uint8_t *payload = calloc(1, wire_size(type));
	size_t n;

	HOLDS(payload);
	fill(payload, type, how, w, f);
	n = blob_of(blob, type, how, w, f);
	/* a thread deletes, and is not waited for */
	w->n_waiting += type != WIRE_FORGET;
	HOLDS(!wire_ask(conn, type, payload, blob, n,
			type == WIRE_FORGET ? world_forgotten : answered, w));
	free(payload);
	loop_run(0);
}


static void web(struct world *w, struct food *f)
{
	ask(w, w->web, of_web[food_byte(f) % ARRAY_SIZE(of_web)], f);
}


static void tool(struct world *w, struct food *f)
{
	ask(w, w->tool, of_tool[food_byte(f) % ARRAY_SIZE(of_tool)], f);
}


/* all of them begin with a leg */
static void media(struct world *w, struct food *f)
{
	const enum wire_type type = of_media[food_byte(f) %
					     ARRAY_SIZE(of_media)];
	const uint8_t how = food_byte(f);
	const struct house_media *m = &w->h->media;
	uint64_t *payload = calloc(1, wire_size(type) + sizeof(*payload));

	HOLDS(payload);
	food_take(f, payload, wire_size(type));
	if (how & LEG_OUT)
		*payload = m->out;
	else if (how & LEG_WEB)
		*payload = m->web.leg;
	else if (how & OFFER)
		*payload = m->in;
	if (m->conn)
		HOLDS(!wire_event(m->conn, type, payload));
	free(payload);
	loop_run(0);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static say_h *const says[] = {
		web, web, web, media, tool, say_request, say_answer, say_again,
	};
	struct food f = {data, n};
	struct world *w;

	fuzz_quietly();
	w = world_begin();
	world_clients(w);
	w->polite = food_byte(&f) & 1;
	say_all(w, &f, says, sizeof(says) / sizeof(says[0]));
	world_end(w);

	return 0;
}
