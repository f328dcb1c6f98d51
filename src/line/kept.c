/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * kept.c  A checkpoint to bytes and back. Must not know what a field means: it
 * is read as whatever a stranger might have written.
 */
#include <errno.h>
#include <string.h>

#include "kept.h"


enum { VERSION = 1, HEAD = 3 }; /* a field: number, length, bytes */

enum kind {
	NUMBER, /* big-endian, without leading zeros */
	TEXT,   /* without its NUL */
};

struct field {
	uint8_t number; /* never used again for anything else */
	uint8_t kind;
	uint16_t size;
	size_t at;
};

#define FIELD(number, kind, part, name)                                       \
	{number, kind, sizeof(((struct kept *)0)->part.name),                 \
	 offsetof(struct kept, part.name)}

static const struct field fields[] = {
	FIELD(1, NUMBER, owner, role),
	FIELD(2, NUMBER, owner, call),
	FIELD(3, NUMBER, owner, offer),
	FIELD(4, NUMBER, owner, person),
	FIELD(5, TEXT, owner, state),
	FIELD(6, TEXT, owner, number),
	FIELD(7, NUMBER, owner, arrived),
	FIELD(8, NUMBER, owner, place),
	FIELD(9, NUMBER, owner, talking_since),
	FIELD(10, NUMBER, owner, wait_ms),
	FIELD(11, NUMBER, owner, talk_ms),
	FIELD(12, NUMBER, owner, guest),
	FIELD(13, NUMBER, owner, plan),
	FIELD(14, NUMBER, owner, guest_person),
	FIELD(15, NUMBER, owner, so),
	FIELD(16, NUMBER, owner, language),
	FIELD(17, NUMBER, owner, refused),
	FIELD(18, NUMBER, owner, place_of_third),
	FIELD(19, NUMBER, owner, shown_to),
	FIELD(20, NUMBER, owner, check),
	FIELD(21, NUMBER, owner, n_attempts),

	FIELD(128, NUMBER, dialog, stage),
	FIELD(129, NUMBER, dialog, outgoing),
	FIELD(130, NUMBER, dialog, local_tag),
	FIELD(131, NUMBER, dialog, local_cseq),
	FIELD(132, NUMBER, dialog, remote_cseq),
	FIELD(133, NUMBER, dialog, invite_cseq),
	FIELD(134, NUMBER, dialog, transport),
	FIELD(135, TEXT, dialog, peer),
	FIELD(136, NUMBER, dialog, session_interval),
	FIELD(137, NUMBER, dialog, session_due),
	FIELD(138, NUMBER, dialog, session_we),
	FIELD(139, NUMBER, dialog, session_knows),
	FIELD(140, NUMBER, dialog, peer_updates),
	FIELD(141, NUMBER, dialog, pinned),
	FIELD(142, NUMBER, dialog, asked_sdp),
	FIELD(143, TEXT, dialog, uri),
	FIELD(144, TEXT, dialog, invite),
	FIELD(145, TEXT, dialog, answer),
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };


static uint64_t number_get(const uint8_t *p, size_t size)
{
	switch (size) {
	case sizeof(uint8_t): return *p;
	case sizeof(uint16_t): return *(const uint16_t *)(const void *)p;
	case sizeof(uint32_t): return *(const uint32_t *)(const void *)p;
	default: return *(const uint64_t *)(const void *)p;
	}
}


static void number_set(uint8_t *p, size_t size, uint64_t n)
{
	switch (size) {
	case sizeof(uint8_t): *p = (uint8_t)n; break;
	case sizeof(uint16_t): *(uint16_t *)(void *)p = (uint16_t)n; break;
	case sizeof(uint32_t): *(uint32_t *)(void *)p = (uint32_t)n; break;
	default: *(uint64_t *)(void *)p = n; break;
	}
}


/* @return bytes of it, 0 for none: then it is left out */
static size_t number_write(uint8_t bytes[8], uint64_t n)
{
	size_t len = 0;

	while (len < 8 && n >> (8 * len))
		len++;
	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(n >> (8 * (len - 1 - i)));

	return len;
}


int kept_encode(uint8_t *p, size_t *np, const struct kept *k)
{
	const uint8_t *base = (const uint8_t *)k;
	size_t n = 0;

	p[n++] = VERSION;
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		uint8_t number[8];
		const uint8_t *from = base + f->at;
		size_t len;

		if (f->kind == TEXT) {
			len = strnlen((const char *)from, f->size - 1u);
		}
		else {
			len = number_write(number,
					   number_get(from, f->size));
			from = number;
		}
		if (!len)
			continue;
		if (n + HEAD + len > LIMIT_KEPT)
			return EOVERFLOW;
		p[n++] = f->number;
		p[n++] = (uint8_t)(len >> 8);
		p[n++] = (uint8_t)len;
		memcpy(p + n, from, len);
		n += len;
	}
	*np = n;

	return 0;
}


static int number_read(uint8_t *to, size_t size, const uint8_t *p, size_t len)
{
	uint64_t n = 0;

	if (len > size || !p[0])
		return EBADMSG;
	for (size_t i = 0; i < len; i++)
		n = n << 8 | p[i];
	number_set(to, size, n);

	return 0;
}


static int text_read(uint8_t *to, size_t size, const uint8_t *p, size_t len)
{
	if (len >= size || memchr(p, 0, len))
		return EBADMSG;
	memcpy(to, p, len);

	return 0;
}


static int field_read(struct kept *k, uint8_t number, const uint8_t *p,
		      size_t len)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];
		uint8_t *to = (uint8_t *)k + f->at;

		if (f->number == number)
			return f->kind == TEXT
				       ? text_read(to, f->size, p, len)
				       : number_read(to, f->size, p, len);
	}

	return 0;
}


static bool is_sane(const struct kept *k)
{
	return k->owner.role < KEPT_ROLES && k->dialog.stage < KEPT_STAGES;
}


static int fields_read(struct kept *k, const uint8_t *p, size_t n)
{
	size_t i = 1;
	int last = 0;

	if (!n || p[0] != VERSION || n > LIMIT_KEPT)
		return EBADMSG;

	while (i < n) {
		size_t len;
		int err;

		if (n - i <= HEAD)
			return EBADMSG;
		len = (size_t)p[i + 1] << 8 | p[i + 2];
		/* in order, so that none is said twice */
		if (p[i] <= last || !len || len > n - i - HEAD)
			return EBADMSG;
		last = p[i];
		err = field_read(k, p[i], p + i + HEAD, len);
		if (err)
			return err;
		i += HEAD + len;
	}

	return is_sane(k) ? 0 : EBADMSG;
}


int kept_decode(struct kept *k, const uint8_t *p, size_t n)
{
	int err;

	memset(k, 0, sizeof(*k));
	err = fields_read(k, p, n);
	if (err)
		kept_wipe(k);

	return err;
}


bool kept_is_talk(const struct kept_dialog *d)
{
	return d->stage == KEPT_ANSWERED || d->stage == KEPT_UP;
}


void kept_wipe(struct kept *k)
{
	explicit_bzero(k, sizeof(*k));
}
