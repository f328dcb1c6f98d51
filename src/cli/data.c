/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * data.c  Finds and enters the data folder. Must not create anything.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "data.h"


const char *data_folder(const char *data)
{
	const char *env;

	if (data)
		return data;

	env = getenv("RINGBACK_DATA");
	return env && *env ? env : "/var/lib/ringback";
}


static int nothing_there(const char *folder)
{
	fprintf(stderr,
		"ringback: there is no Ringback in %s yet. Make one with:\n"
		"  ringback init --data %s\n", folder, folder);
	return ENOENT;
}


int data_enter(const char *data)
{
	const char *folder = data_folder(data);
	struct stat st;
	int err;

	if (chdir(folder) < 0) {
		err = errno;
		if (err == ENOENT)
			return nothing_there(folder);
		fprintf(stderr, "ringback: %s: %s\n", folder, strerror(err));
		return err;
	}
	if (stat("ringback.conf", &st) < 0 && errno == ENOENT)
		return nothing_there(folder);

	return 0;
}


int data_store(struct store **sp, const char *data)
{
	int err;

	/* what a tool makes in the data folder is for its owner alone */
	(void)umask(S_IRWXG | S_IRWXO);

	err = data_enter(data);
	if (err)
		return err;

	return store_open(sp, ".", STORE_TOOL);
}


int data_path(char *buf, size_t size, const char *path)
{
	char here[LIMIT_PATH];
	int n;

	if (*path == '/') {
		n = snprintf(buf, size, "%s", path);
	}
	else {
		if (!getcwd(here, sizeof(here))) {
			fprintf(stderr, "ringback: this folder: %s\n",
				strerror(errno));
			return errno;
		}
		n = snprintf(buf, size, "%s/%s", here, path);
	}
	if (n < 0 || (size_t)n >= size) {
		fprintf(stderr, "ringback: that path is too long\n");
		return ENAMETOOLONG;
	}

	return 0;
}
