/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keyring.c  Has the keys of lines follow the people. Must not know who is
 * entitled.
 */
#include <errno.h>
#include <string.h>

#include "epoch/epochs.h"

#include "accounts_parts.h"

#define LOG_MODULE "keys"
#include "base/log.h"


enum {
	LOOK_MS = 3600000,
	AGAIN_MS = 60000, /* after an error */
	SAY_MS = 86400000,
};


static void explain(struct keyring *k, int err, uint64_t now)
{
	if (err != ENOKEY) {
		log_error("the keys of lines could not be changed: %s; this "
			  "is tried again in a minute", strerror(err));
		return;
	}
	if (k->said_ms && now - k->said_ms < SAY_MS)
		return;
	k->said_ms = now;
	log_warn("nothing can be sealed, so no notes can be written: run "
		 "`ringback recovery make`");
}


void keyring_keep(struct web *web)
{
	struct keyring *k = &web->accounts->keyring;
	const uint64_t now = tmr_jiffies();
	uint64_t before = 0, after = 0;
	int err;

	(void)store_epoch_last(web->store, &before);
	err = epochs_keep_all(web->store, web->config, accounts_now());
	(void)store_epoch_last(web->store, &after);
	if (before != after)
		events_tell_all(web->events, "vault", NULL);
	if (err)
		explain(k, err, now);
	k->due_ms = now + (err && err != ENOKEY ? AGAIN_MS : LOOK_MS);
}


void keyring_look(struct web *web)
{
	if (tmr_jiffies() >= web->accounts->keyring.due_ms)
		keyring_keep(web);
}
