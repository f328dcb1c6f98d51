/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tell.h  Telling the running line something, and asking it
 */
#ifndef RINGBACK_CLI_TELL_H
#define RINGBACK_CLI_TELL_H

#include "wire/wire.h"

/**
 * Tell the line of the current folder that the store has changed, and say what
 * came of it
 *
 * @param change WIRE_PEOPLE_CHANGED or WIRE_TRUNKS_CHANGED
 *
 * @return exit code; a line that does not run is no error
 */
int tell_line(enum wire_type change);

/**
 * Ask the line of the current folder to do something; says nothing
 *
 * @param request Payload of this type (borrow)
 * @param refused Set if it answered: err is 0 if it is done, else why not
 *
 * @return 0; ENOENT, ECONNREFUSED no line runs; ETIMEDOUT, EPROTO, ...
 */
int tell_ask(enum wire_type type, const void *request,
	     struct wire_refused *refused);

/**
 * Ask the line of the current folder how it is
 *
 * @param ms      How long to wait for the answer
 * @param trunksp new, free(); NULL: not wanted
 * @param np      How many; NULL with trunksp
 *
 * @return 0; ENOENT, ECONNREFUSED no line runs; ETIMEDOUT, EPROTO, ...
 */
int tell_status(uint32_t ms, struct wire_status *status,
		struct wire_trunk **trunksp, size_t *np);

#endif
