/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tmpdir.c  Makes and removes folders. Follows no link out of them.
 */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tmpdir.h"


void tmpdir_make(char *dir, const char *name)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(dir, TMPDIR_SIZE, "%s/ringback-%s-XXXXXX",
		       tmp && strlen(tmp) < 32 ? tmp : "/tmp", name);
	assert_non_null(mkdtemp(dir));
}


static int entry_remove(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;

	return remove(path);
}


void tmpdir_remove(const char *dir)
{
	(void)nftw(dir, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}
