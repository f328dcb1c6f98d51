/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file handover.h  The keeper becomes its successor
 *
 * The same process runs another program (execv): who waits for its end, systemd
 * or a terminal, sees none. It takes along its lock, the dialler's key (in a
 * pipe) and who asked for it; its children stay its children, and are adopted
 * by their locks.
 */
#ifndef RINGBACK_CLI_HANDOVER_H
#define RINGBACK_CLI_HANDOVER_H

#include "release.h"

struct keeper;

/** Become the keeper of this release. @return errno: it could not be done, and
 *  all is as before; not at all: it was */
int handover(struct keeper *k, const struct release *r);

/** What the successor is told with --handover. @return 0; EINVAL, ... */
int handover_take(struct keeper *k, const char *text);

#endif
