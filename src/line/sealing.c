/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sealing.c  Finds the keys that messages are sealed to. Must not make any.
 */
#include <errno.h>
#include <string.h>

#include "store/epoch.h"
#include "sealing.h"
#include "sound.h"
#include "switchboard_parts.h"

#define LOG_MODULE "line"
#include "base/log.h"

_Static_assert(sizeof(((struct sound_seal *)0)->public) == STORE_PUBLIC,
	       "one key");


int sealing_to(const struct switchboard *sb, uint16_t line,
	       struct sound_seal *to)
{
	struct store_epoch epoch;
	int err;

	err = store_epoch_current(sb->c.store, sb->c.config->lines[line].name,
				  &epoch);
	if (err)
		return err;

	to->epoch = epoch.id;
	memcpy(to->public, epoch.public, sizeof(to->public));

	return 0;
}


static void said_once(struct switchboard *sb, bool lacking)
{
	if (lacking && !sb->unsealed)
		log_warn("messages cannot be left: there is no recovery key "
			 "yet, and nothing is recorded unsealed. Make one: "
			 "ringback recovery make");
	else if (!lacking && sb->unsealed)
		log_note("messages can be left from now on: there is a key "
			 "to seal them to");
	sb->unsealed = lacking;
}


void sealing_look(struct switchboard *sb)
{
	const struct config *config = sb->c.config;
	bool lacking = false;

	for (uint32_t i = 0; i < config->n_lines; i++) {
		struct sound_seal to;
		int err;

		if (!config->lines[i].messages)
			continue;
		err = sealing_to(sb, (uint16_t)i, &to);
		if (err && err != ENOENT)
			continue; /* as it was */
		core_messages(sb->core, (uint16_t)i, !err);
		lacking = lacking || err;
	}
	said_once(sb, lacking);
}
