/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file voice.h  Is somebody speaking?
 *
 * A frame of 20 ms is *active* if it is louder than -50 dBFS and by 6 dB than
 * the noise floor: the quietest 60 ms of the last three seconds. Whatever is
 * always there (hum, line noise, comfort noise, a dial tone) becomes the
 * floor. Active frames that belong together are *voiced* if their loudness
 * goes up and down as speech does: a tone that comes and goes (busy, fax,
 * keys) is of one loudness while it is there, and so is noise. In doubt it is
 * voice: a message is kept rather than dropped.
 *
 * Pure: no clock, no socket; told each frame.
 */
#ifndef RINGBACK_MEDIA_VOICE_H
#define RINGBACK_MEDIA_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec.h"

enum {
	VOICE_SPELL = 50, /**< frames judged together, at most: 1 s         */
	VOICE_MINS  = 6,  /**< half seconds of which the floor is the least */
};

/** All zero to begin with. */
struct voice {
	float in, out;           /**< of the high-pass filter               */
	float last[2];           /**< power of the two frames before        */
	float mins[VOICE_MINS];
	float spell[VOICE_SPELL]; /**< power of the active frames           */
	uint32_t n;              /**< frames told                           */
	uint32_t n_voiced;
	uint8_t n_spell;
	uint8_t n_quiet;         /**< frames since the last active one      */
	bool active;             /**< the last frame was                    */
};

/** Take in one frame of n samples, CODEC_FRAME or fewer. */
void voice_frame(struct voice *v, enum codec c, const uint8_t *p, size_t n);

/** Nothing follows: judge what was heard last. */
void voice_finish(struct voice *v);

/** Milliseconds of voice so far; those of the last second may come later. */
uint32_t voice_ms(const struct voice *v);

#endif
