/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file prompts.h  All prompts, by language and name
 *
 * A prompt is a file LANGUAGE/NAME.wav. It is looked for in the operator's
 * own folders first, then among those that came with Ringback; for "es-mx"
 * also under "es". Each is read once and kept, at the start, since reading one
 * takes longer than a leg may wait. An own file that cannot be
 * used gets one error line that says file, fault and cure, and the built-in
 * one is used.
 */
#ifndef RINGBACK_MEDIA_PROMPTS_H
#define RINGBACK_MEDIA_PROMPTS_H

#include <stdbool.h>

#include "base/limits.h"
#include "sound.h"

struct prompts;

enum { PROMPTS_PLACES = 4 };

/** A folder with LANGUAGE/NAME.wav in it. */
struct prompts_place {
	const char *dir;
	bool must; /**< named by the operator: what is missing is an error */
};

/**
 * @param pp     new
 * @param places In order of preference, up to PROMPTS_PLACES (copied)
 *
 * @return 0, EINVAL, ENOMEM
 */
int prompts_alloc(struct prompts **pp, const struct prompts_place *places,
		  size_t n);

/** The comfort noise that is mixed into all of them (borrow). */
struct sound *prompts_noise(const struct prompts *p);

/**
 * Find a prompt
 *
 * @param sp  Set to the sound (borrow: lives as long as the prompts)
 *
 * @return 0; EINVAL not a name: only a-z, 0-9, "-" and, but for languages,
 *         "_"; ENOENT there is none, said once in an error line; ENOMEM
 */
int prompts_get(struct prompts *p, struct sound **sp, const char *language,
		const char *name);

/**
 * Find a prompt as LEG_PLAY names it
 *
 * @param sp       As above
 * @param language Of a prompt that names none; and where one is looked for
 *                 that is not there in its own: then in English
 * @param item     "greeting", or "es/greeting"
 *
 * @return as prompts_get(), of the last language tried
 */
int prompts_find(struct prompts *p, struct sound **sp,
		 const char language[LIMIT_LANGUAGE],
		 const char item[LIMIT_PROMPT]);

/** Read all prompts of one language now, so that mistakes show at once. */
void prompts_preload(struct prompts *p, const char *language);

#endif
