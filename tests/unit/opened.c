/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * opened.c  Opens messages. Must not share code with those who read them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "seal/stream.h"
#include "opened.h"


enum { PLACE = MESSAGE_SEALED };

static const uint8_t private[SEAL_KEY] = {0x11, 0x22, 0x33, 0x44, 5, 6, 7, 8};


void opened_public(uint8_t public[SEAL_KEY])
{
	seal_public(public, private);
}


/* the chunks of one part: to its end, or as far as they belong to it */
static size_t part_read(struct opened *o, struct stream *s,
			const uint8_t *p, size_t left)
{
	uint8_t plain[STREAM_PADDED];
	size_t at = 0, n;

	while (!s->over && left - at >= PLACE) {
		const struct stream before = *s;

		if (stream_pull(s, plain, &n, p + at)) {
			*s = before;
			break;
		}
		memcpy(o->sound + o->n, plain, n);
		o->n += n;
		o->parts[o->n_parts].n += n;
		at += PLACE;
	}
	o->parts[o->n_parts].whole = s->over;

	return at;
}


static int all_read(struct opened *o, uint64_t call, const uint8_t *p,
		    size_t left)
{
	while (left) {
		struct seal_about about;
		struct stream s;
		size_t n;
		int err;

		if (left < STREAM_LID || seal_look(&about, p, left))
			return EBADMSG;
		about.subject = call;
		if (about.epoch != OPENED_EPOCH || o->n_parts == OPENED_PARTS)
			return ERANGE;
		err = stream_open(&s, p, &about, o->n_parts, private);
		if (err)
			return err;
		o->parts[o->n_parts].codec = about.detail;
		n = STREAM_LID +
		    part_read(o, &s, p + STREAM_LID, left - STREAM_LID);
		++o->n_parts;
		p += n;
		left -= n;
	}

	return 0;
}


int opened_read(struct opened *o, uint64_t call)
{
	uint8_t *sealed;
	size_t n;
	int err;

	memset(o, 0, sizeof(*o));
	err = message_read(&sealed, &n, call);
	if (err)
		return err;

	o->sound = malloc(n + STREAM_PADDED);
	err = o->sound ? all_read(o, call, sealed, n) : ENOMEM;
	free(sealed);
	if (err)
		free(o->sound);

	return err;
}
