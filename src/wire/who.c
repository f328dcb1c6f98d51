/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * who.c  Which process is which, by their locks. Must not know what any of
 * them may ask: see wire.h.
 */
#include <stddef.h>

#include "base/daemon.h"
#include "who.h"


/* a tool is whoever holds none of these: it has no lock to be known by */
static const struct {
	enum wire_role role;
	const char *lock;
} locks[] = {
	{WIRE_LINE, "line"},
	{WIRE_WEB, "web"},
};


static bool holds(const char *lock, int32_t pid)
{
	struct daemon_info info;

	return daemon_running(lock, &info) && info.pid == pid;
}


bool who_is(enum wire_role role, int32_t pid)
{
	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		const bool held = holds(locks[i].lock, pid);

		if (locks[i].role == role)
			return held;
		if (held)
			return false;
	}

	return role == WIRE_TOOL;
}
