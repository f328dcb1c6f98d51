/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file keyring.h  Has the keys of lines follow the people, as epochs.h says,
 * while the page is served
 */
#ifndef RINGBACK_WEB_KEYRING_H
#define RINGBACK_WEB_KEYRING_H

#include <stdint.h>

struct web;

struct keyring {
	uint64_t due_ms;  /**< look again then, whatever happens           */
	uint64_t said_ms; /**< when the log said that nothing can be sealed;
			       0 not yet                                   */
};

/** People, roles or their keys have changed: bring the keys up to date, and
 *  tell the pages if any did change ("vault"). */
void keyring_keep(struct web *web);

/** Now and then: for the month, and for what other programs change. */
void keyring_look(struct web *web);

#endif
