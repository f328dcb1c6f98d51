/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file listen_role.h  Whether somebody who listens to a line's talks still may
 */
#ifndef RINGBACK_LISTEN_ROLE_H
#define RINGBACK_LISTEN_ROLE_H

#include <stdbool.h>
#include <stdint.h>

struct store;

struct listen_role {
	bool listens;
	bool whispers;
};

/** What the roles of a person allow on a line, by its name. @return 0, or why
 *  they cannot be read: nothing is allowed then */
int listen_role(struct listen_role *role, struct store *store,
		uint32_t person, const char *line);

#endif
