/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file who.h  Is the process at the other end what its HELLO says?
 *
 * All processes of a line are of one user, so that SO_PEERCRED's user tells
 * nothing; but each holds a lock of its own (base/daemon.h), and the kernel
 * says which process has connected. So one that was taken over cannot give
 * itself out for another one, and ask what only that one may.
 */
#ifndef RINGBACK_WIRE_WHO_H
#define RINGBACK_WIRE_WHO_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

/** For wire_guard(). Line and web hold their locks; a tool none of these. */
bool who_is(enum wire_role role, int32_t pid);

#endif
