/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file numbers_phone.h  People's own telephone numbers that wait, for
 * /vault/numbers: kind "phone", id the person
 *
 * Coordinators of all lines open them: whoever may open what is sealed to the
 * house's epochs (EPOCHS_HOUSE).
 */
#ifndef RINGBACK_WEB_NUMBERS_PHONE_H
#define RINGBACK_WEB_NUMBERS_PHONE_H

#include "web.h"

#define NUMBERS_PHONE "phone"

/**
 * Add those that wait to a list, as {kind, id, epoch, sealed}
 *
 * @param dialler Id of the current key
 *
 * @return 0, also if who asks may open none; ENOMEM, EIO, ...
 */
int numbers_phone_list(json_t *list, struct request *req, uint32_t dialler);

/**
 * One is sealed anew, on record, and the line is told
 *
 * @param sealed STORE_NUMBER bytes, sealed to that key
 *
 * @return 0; EPERM not theirs to open; ENOENT it does not wait (any more);
 *         EIO, ...
 */
int numbers_phone_back(struct request *req, uint64_t person, uint32_t dialler,
		       const uint8_t *sealed);

#endif
