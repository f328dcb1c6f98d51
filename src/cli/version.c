/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * version.c  The version that the build was given.
 */
#include "version.h"


const char *version(void)
{
	return RINGBACK_VERSION;
}
