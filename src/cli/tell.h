/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tell.h  Telling a running line that something has changed
 */
#ifndef RINGBACK_CLI_TELL_H
#define RINGBACK_CLI_TELL_H

#include "wire/wire.h"

/**
 * Tell the line of the current folder, and say what came of it
 *
 * @param change WIRE_PEOPLE_CHANGED or WIRE_TRUNKS_CHANGED
 *
 * @return exit code; a line that does not run is no error
 */
int tell_line(enum wire_type change);

#endif
