/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file places.h  Where this installation keeps its prompts
 */
#ifndef RINGBACK_MEDIA_PLACES_H
#define RINGBACK_MEDIA_PLACES_H

#include "base/config.h"
#include "prompts.h"

/**
 * The operator's own (the option "prompts", and the folder "prompts" in the
 * current one), then those beside the program (../prompts), then those
 * installed with it
 *
 * @param pp new
 *
 * @return 0, ENOMEM
 */
int places_open(struct prompts **pp, const struct config *cfg);

#endif
