/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shut.c  Which files trunks need, beside those that the table of the sandbox
 * names. Must not read any.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "shut.h"


struct needs {
	char paths[LIMIT_TRUNK_SECRETS][LIMIT_PATH];
	struct sandbox_file files[LIMIT_TRUNK_SECRETS + 1];
	size_t n;
};

/* where other things are, too; the data folder is one more */
static const char *const shared[] = {"", "/etc"};


static bool is_shared(const char *folder)
{
	char here[LIMIT_PATH];

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		if (strcmp(folder, shared[i]) == 0)
			return true;
	}

	return !getcwd(here, sizeof(here)) || strcmp(folder, here) == 0;
}


static bool need(const struct store_trunk *row, void *arg)
{
	struct needs *needs = arg;
	char *path, *slash;

	if (!row->secret_file[0])
		return false;
	if (needs->n == LIMIT_TRUNK_SECRETS)
		return true;

	path = needs->paths[needs->n];
	memcpy(path, row->secret_file, sizeof(row->secret_file));
	slash = strrchr(path, '/');
	if (slash) {
		*slash = '\0';
		if (is_shared(path))
			*slash = '/';
	}
	needs->files[needs->n++] =
		(struct sandbox_file){path, SANDBOX_READ};

	return false;
}


int shut_in(struct store *store)
{
	struct needs *needs = calloc(1, sizeof(*needs));
	int err;

	if (!needs)
		return ENOMEM;
	err = store_trunk_each(store, need, needs);
	if (!err)
		err = sandbox_enter(&sandbox_line, needs->files);
	free(needs);

	return err;
}
