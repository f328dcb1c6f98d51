/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file enrol.h  Telephones of people that register with the line
 */
#ifndef RINGBACK_CLI_ENROL_H
#define RINGBACK_CLI_ENROL_H

#include "store/phone.h"

enum { ENROL_SECRET = 25 }; /**< bytes of a secret incl. NUL: 120 bits */

/** `ringback person phone` */
int enrol_main(int argc, char *argv[]);

/** "yes" their telephone is registered, "no" it could be, "" they have none
 *  that does. */
const char *enrol_state(struct store *store, uint32_t person);

/**
 * Make up a name and a secret for a telephone
 *
 * @param phone  Its name, and what the line checks the secret with
 * @param secret To be shown once, and wiped
 * @param md5    It knows no SHA-256
 */
int enrol_make(struct store_phone *phone, char secret[ENROL_SECRET], bool md5);

#endif
