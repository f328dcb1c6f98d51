/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file person_phone.h  Where a person is rung, as `ringback person add` and
 * `set` change it
 */
#ifndef RINGBACK_CLI_PERSON_PHONE_H
#define RINGBACK_CLI_PERSON_PHONE_H

#include "base/config.h"
#include "store/telephone.h"

enum { PERSON_PHONE_UNSET = -1 };

/**
 * Into the row, not yet into the store
 *
 * @param phone  As telephone.h says; NULL: as it is
 * @param accept enum store_accept, or PERSON_PHONE_UNSET
 *
 * @return NULL, or what is wrong
 */
const char *person_phone_take(struct store_person *p, const char *phone,
			      int accept, const struct config *cfg);

/**
 * Into the store, on record; a number sealed, if a line runs that has the key
 *
 * A number that must stand in the clear until the line's next start is said to
 * do so: on standard output, without it.
 *
 * @param p By id; its number is sealed afterwards, if it can be
 *
 * @return as store_telephone_set()
 */
int person_phone_store(struct store *store, struct store_person *p);

#endif
