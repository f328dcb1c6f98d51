/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file house_kept.h  What the media of a house holds with its legs
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_HOUSE_KEPT_H
#define RINGBACK_TEST_HOUSE_KEPT_H

#include "house.h"

/** LEG_KEEP and LEG_NEXT: answered. False: it is neither. */
bool house_kept_asked(struct house_media *m, const struct wire_msg *msg);

/** The leg is closed. */
void house_kept_forget(struct house_media *m, uint64_t leg);

/** What is held with a leg is this from now on. */
void house_kept_set(struct house *h, uint64_t leg, const char *blob);

/** The line is killed, and the next one starts: with these legs. */
void house_dies(struct house *h);

#endif
