/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * kept.c  A checkpoint, and who was in a pause, as another life of the line may
 * have left it.
 */
#include <errno.h>

#include "fuzz.h"
#include "line/kept.h"
#include "line/pauses.h"


static void pauses(const uint8_t *data, size_t n)
{
	static struct core_pause v[LIMIT_PEOPLE];
	static uint8_t p[PAUSES_BYTES];
	size_t m;
	const int err = pauses_decode(v, &m, data, n);

	HOLDS(!err || (err == EBADMSG && !m));
	if (!err)
		HOLDS(pauses_encode(p, v, m) == n && !memcmp(p, data, n));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct kept nothing;
	struct kept k, again;
	uint8_t p[LIMIT_KEPT];
	size_t m = 0;
	int err;

	pauses(data, n);
	memset(&k, 0xff, sizeof(k));
	err = kept_decode(&k, data, n);
	HOLDS(!err || err == EBADMSG);
	if (err) {
		HOLDS(!k.owner.call && !k.dialog.invite[0] &&
		      k.owner.role == nothing.owner.role);
		return 0;
	}
	HOLDS(memchr(k.dialog.invite, 0, sizeof(k.dialog.invite)));
	HOLDS(memchr(k.dialog.answer, 0, sizeof(k.dialog.answer)));
	HOLDS(memchr(k.dialog.uri, 0, sizeof(k.dialog.uri)));
	HOLDS(memchr(k.dialog.peer, 0, sizeof(k.dialog.peer)));
	(void)kept_is_talk(&k.dialog);

	/* what was read is written and read the same */
	if (kept_encode(p, &m, &k))
		return 0;
	HOLDS(m <= sizeof(p) && !kept_decode(&again, p, m));
	HOLDS(again.owner.call == k.owner.call &&
	      again.owner.role == k.owner.role &&
	      again.owner.n_attempts == k.owner.n_attempts &&
	      again.dialog.local_tag == k.dialog.local_tag &&
	      again.dialog.stage == k.dialog.stage &&
	      !strcmp(again.dialog.invite, k.dialog.invite) &&
	      !strcmp(again.dialog.answer, k.dialog.answer));
	kept_wipe(&k);

	return 0;
}
