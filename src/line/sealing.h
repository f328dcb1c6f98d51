/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sealing.h  Nothing that a caller says is recorded unsealed
 *
 * A line offers messages only while there is a key that they can be sealed to:
 * the current epoch of the line (src/epoch), which needs a recovery key.
 */
#ifndef RINGBACK_SEALING_H
#define RINGBACK_SEALING_H

#include <stdint.h>

struct sound_seal;
struct switchboard;

/** Offer messages where they can be sealed: at the start, each minute, and
 *  when people have changed. That they cannot is said once. */
void sealing_look(struct switchboard *sb);

/** Whose key this line's messages are sealed to now. @return 0; ENOENT none;
 *  EIO, ... */
int sealing_to(const struct switchboard *sb, uint16_t line,
	       struct sound_seal *to);

#endif
