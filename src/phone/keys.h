/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file keys.h  Keys that the test phone presses, each at its time
 *
 * A schedule never goes faster than its times; sound.c stretches it where
 * keys would overlap.
 */
#ifndef RINGBACK_PHONE_KEYS_H
#define RINGBACK_PHONE_KEYS_H

#include <stddef.h>
#include <stdint.h>

struct keys {
	size_t n;
	struct {
		uint32_t at_ms; /**< after the answer, not before this      */
		char key;       /**< 0-9 * # A-D                            */
	} v[];
};

/**
 * Read "WAIT:KEYS,WAIT:KEYS", as "3:1,10:15551234#": WAIT is seconds after
 * the answer, "2.5" too, an hour at most, and not less than the one before.
 *
 * @param kp new
 *
 * @return 0, EINVAL, ENOMEM
 */
int keys_decode(struct keys **kp, const char *text);

/**
 * Read "12,3": keys one after the other, from half a second after the answer;
 * "," waits a second.
 *
 * @param kp new
 *
 * @return 0, EINVAL a key that no telephone has, ENOMEM
 */
int keys_plain(struct keys **kp, const char *text);

#endif
