/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * archive.c  Begins and opens a sealed backup. Must not touch files, nor know
 * what is in it.
 */
#include <errno.h>
#include <string.h>

#include "archive.h"


enum {
	VERSION = 1,
	AT_VERSION = ARCHIVE_NAME - 1,
	AT_MADE = ARCHIVE_NAME,
	AT_PUBLIC = AT_MADE + 8,
};

_Static_assert((int)AT_PUBLIC + (int)SEAL_KEY == (int)ARCHIVE_HEAD, "head");

static const uint8_t name[AT_VERSION] = {
	'R', 'i', 'n', 'g', 'b', 'a', 'c', 'k', ' ',
	'b', 'a', 'c', 'k', 'u', 'p',
};


static struct seal_about bound_to(const struct archive_about *about)
{
	return (struct seal_about){
		.kind = SEAL_BACKUP,
		.detail = (uint8_t)about->kind,
		.epoch = about->house,
		.subject = (uint64_t)about->made_at,
	};
}


int archive_begin(struct stream *s, uint8_t lid[ARCHIVE_LID],
		  const struct archive_about *about)
{
	struct seal_about bound;
	uint64_t at;

	if (!s || !lid || !about || about->made_at <= 0)
		return EINVAL;

	memcpy(lid, name, sizeof(name));
	lid[AT_VERSION] = VERSION;
	at = (uint64_t)about->made_at;
	for (int i = 7; i >= 0; i--, at >>= 8)
		lid[AT_MADE + i] = (uint8_t)at;
	memcpy(lid + AT_PUBLIC, about->public, SEAL_KEY);
	bound = bound_to(about);

	return stream_begin(s, lid + ARCHIVE_HEAD, &bound, 0, about->public);
}


int archive_look(struct archive_about *about, const uint8_t *lid, size_t n)
{
	struct seal_about bound;
	uint64_t at = 0;

	if (!about || !lid || n < ARCHIVE_NAME ||
	    memcmp(lid, name, sizeof(name)) || !lid[AT_VERSION])
		return EBADMSG;
	if (lid[AT_VERSION] > VERSION)
		return ENOTSUP;
	if (n < ARCHIVE_LID ||
	    seal_look(&bound, lid + ARCHIVE_HEAD, n - ARCHIVE_HEAD) ||
	    bound.kind != SEAL_BACKUP || bound.detail > ARCHIVE_KEYRING)
		return EBADMSG;

	for (int i = 0; i < 8; i++)
		at = at << 8 | lid[AT_MADE + i];
	if (!at || at > INT64_MAX)
		return EBADMSG;
	about->kind = (enum archive_kind)bound.detail;
	about->house = bound.epoch;
	about->made_at = (int64_t)at;
	memcpy(about->public, lid + AT_PUBLIC, SEAL_KEY);

	return 0;
}


int archive_open(struct stream *s, const uint8_t lid[ARCHIVE_LID],
		 const uint8_t private[SEAL_KEY])
{
	struct archive_about about;
	struct seal_about bound;
	int err;

	if (!s || !private)
		return EINVAL;

	err = archive_look(&about, lid, ARCHIVE_LID);
	if (err)
		return err;
	bound = bound_to(&about);

	return stream_open(s, lid + ARCHIVE_HEAD, &bound, 0, private);
}
