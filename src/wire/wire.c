/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wire.c  The table of messages, and the check every packet passes. Must not
 * send, receive or know a socket: see conn.c.
 */
#include <errno.h>
#include <string.h>

#include "wire.h"


struct row {
	const char *name;
	uint32_t from;
	uint32_t to;
	uint32_t size;
	uint32_t flags;
};

static const struct row rows[] = {
#define X(name, from, to, payload, flags)                                     \
	{#name, from, to, sizeof(struct payload), flags},
	WIRE_MESSAGES(X)
#undef X
};


size_t wire_max(void)
{
	size_t max = 0;

	for (size_t i = 0; i < WIRE_TYPES; i++) {
		size_t n = sizeof(struct wire_hdr) + rows[i].size;

		if (rows[i].flags & WIRE_BLOB)
			n += LIMIT_WIRE_BLOB;
		if (n > max)
			max = n;
	}

	return max;
}


/* FNV-1a, 64 bits: tells builds apart, protects nothing */
static uint64_t hash_bytes(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3ULL;

	return h;
}


uint64_t wire_hash(void)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < WIRE_TYPES; i++) {
		const struct row *r = &rows[i];
		const uint32_t v[] = {r->from, r->to, r->size, r->flags};

		h = hash_bytes(h, r->name, strlen(r->name) + 1);
		h = hash_bytes(h, v, sizeof(v));
	}

	return h;
}


const char *wire_name(enum wire_type type)
{
	return (size_t)type < WIRE_TYPES ? rows[type].name : "?";
}


size_t wire_size(enum wire_type type)
{
	return (size_t)type < WIRE_TYPES ? rows[type].size : 0;
}


bool wire_is(enum wire_type type, enum wire_flags flag)
{
	return (size_t)type < WIRE_TYPES && (rows[type].flags & flag);
}


int wire_check(struct wire_msg *msg, const void *pkt, size_t n,
	       enum wire_role from, enum wire_role to)
{
	const uint8_t *p = pkt;
	struct wire_hdr hdr;
	const struct row *r;

	if (!msg || !pkt || n < sizeof(hdr))
		return EBADMSG;

	memcpy(&hdr, p, sizeof(hdr));
	if (hdr.type >= WIRE_TYPES || hdr.n_blob > LIMIT_WIRE_BLOB)
		return EBADMSG;

	r = &rows[hdr.type];
	if (n != sizeof(hdr) + r->size + hdr.n_blob)
		return EBADMSG;
	if (hdr.n_blob && !(r->flags & WIRE_BLOB))
		return EBADMSG;
	if (((r->flags & (WIRE_ASKS | WIRE_REPLY)) != 0) != (hdr.id != 0))
		return EBADMSG;
	if (!(r->from & from) || !(r->to & to))
		return EPERM;

	msg->type = (enum wire_type)hdr.type;
	msg->id = hdr.id;
	msg->payload = p + sizeof(hdr);
	msg->blob = p + sizeof(hdr) + r->size;
	msg->n_blob = hdr.n_blob;

	return 0;
}
