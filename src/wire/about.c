/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * about.c  Says which Ringback a program is of.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/daemon.h"
#include "about.h"
#include "wire.h"


bool wire_about(int argc, char *argv[])
{
	if (argc != 2 || strcmp(argv[1], "--about") != 0)
		return false;
	printf("version %s\nwire %016" PRIx64 "\n", daemon_version(),
	       wire_hash());

	return true;
}
