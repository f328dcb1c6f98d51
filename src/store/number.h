/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file number.h  A sealed telephone number, as rows hold it
 *
 * See dialler.h for why there are two, src/epoch/numbers.h for how it is made
 * and opened: the store does neither.
 */
#ifndef RINGBACK_STORE_NUMBER_H
#define RINGBACK_STORE_NUMBER_H

#include <stdint.h>

enum {
	STORE_NUMBER = 200,  /**< seal_size(SEAL_NUMBER, NUMBERS_MOST)      */
};

/** A sealed number. All zero: there is none. */
struct store_number {
	uint32_t dialler;  /**< id of the key that for_dialler is sealed to */
	uint64_t epoch;    /**< id of the one of for_epoch; 0: to none, since
				there was no recovery key                   */
	uint8_t for_dialler[STORE_NUMBER];
	uint8_t for_epoch[STORE_NUMBER];
};

#endif
