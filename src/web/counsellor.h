/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file counsellor.h  What the line says, as JSON
 */
#ifndef RINGBACK_WEB_COUNSELLOR_H
#define RINGBACK_WEB_COUNSELLOR_H

#include <jansson.h>

#include "base/config.h"
#include "wire/wire.h"

/** What somebody is called: a string; "" if there is nobody of that id (any
 *  more). new; NULL: no memory */
typedef json_t *(counsellor_name_h)(uint32_t person, void *arg);

/** The event "state". new; NULL: no memory */
json_t *counsellor_json(const struct wire_counsellor *c,
			const struct config *cfg, counsellor_name_h *nameh,
			void *arg);

/** The event "quality". new */
json_t *quality_json(const struct wire_sound_quality *q);

/** One call of the board; "" for a line that is not configured here. new */
json_t *board_call_json(const struct wire_board_call *c,
			const struct config *cfg);

#endif
