/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys.c  Has the keys of lines follow the people. Must not know who is
 * entitled.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "epoch/epochs.h"
#include "keys.h"
#include "when.h"


void keys_keep(struct store *store)
{
	struct config *cfg;
	int err;

	if (sodium_init() < 0 || config_read(&cfg, "."))
		return;
	err = epochs_keep_all(store, cfg, when_now());
	config_free(cfg);
	if (err && err != ENOKEY)
		fprintf(stderr, "ringback: that is done, but the keys to what"
			" is sealed could not be changed yet: %s.\nThe"
			" running line does it within the hour.\n",
			strerror(err));
}
