/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * init.c  `ringback init`: a data folder with a configuration and an empty
 * store, or nothing at all: what fails half-way is taken back.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/limits.h"
#include "base/step.h"
#include "store/store.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "name.h"
#include "opts.h"


struct settings {
	const char *data;
	const char *name;
	const char *sip;
	const char *http;
	const char *media;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_TEXT, "--name", "N", offsetof(struct settings, name),
	 "the line's name", 0, 0, NULL},
	{OPT_TEXT, "--sip", "ADDR:PORT", offsetof(struct settings, sip),
	 "where calls arrive, UDP and TCP", 0, 0, NULL},
	{OPT_TEXT, "--http", "ADDR:PORT", offsetof(struct settings, http),
	 "where the console will be", 0, 0, NULL},
	{OPT_TEXT, "--media", "ADDR:LOW-HIGH",
	 offsetof(struct settings, media), "where sound arrives, UDP", 0, 0,
	 NULL},
};

static const struct opts options = {
	"ringback init [--data DIR] [--name N] [--sip ADDR:PORT]"
	" [--http ADDR:PORT] [--media ADDR:LOW-HIGH]",
	"Makes a data folder with a commented configuration and an empty"
	" store. Changes\nnothing if there already is one.",
	rows, STEP_COUNT(rows),
};

/* all that a failed init may have begun */
static const char *const files[] = {
	"ringback.conf", "store.db", "store.db-wal", "store.db-shm",
	"store.db-journal",
};


static int failed(const char *folder, int err)
{
	fprintf(stderr, "ringback: %s: %s\n", folder, strerror(err));
	return err;
}


static int path_of(char *buf, size_t size, const char *folder,
		   const char *file)
{
	int n = snprintf(buf, size, "%s/%s", folder, file);

	return n < 0 || (size_t)n >= size ? ENAMETOOLONG : 0;
}


/* only when none of the files was there before */
static void take_back(const char *folder, bool made)
{
	char path[LIMIT_PATH];

	for (size_t i = 0; i < STEP_COUNT(files); i++) {
		if (!path_of(path, sizeof(path), folder, files[i]))
			(void)unlink(path);
	}
	if (made)
		(void)rmdir(folder);
}


static int nothing_there(const char *folder)
{
	char path[LIMIT_PATH];
	struct stat st;

	for (size_t i = 0; i < STEP_COUNT(files); i++) {
		int err = path_of(path, sizeof(path), folder, files[i]);

		if (err)
			return failed(folder, err);
		if (lstat(path, &st) < 0)
			continue;
		fprintf(stderr,
			"ringback: there is already a Ringback in %s (%s);"
			" nothing was changed\n", folder, files[i]);
		return EEXIST;
	}

	return 0;
}


static int folder_make(const char *folder, bool *madep)
{
	struct stat st;

	*madep = mkdir(folder, S_IRWXU) == 0;
	if (*madep)
		return 0;
	if (errno != EEXIST)
		return failed(folder, errno);
	if (stat(folder, &st) < 0)
		return failed(folder, errno);
	if (!S_ISDIR(st.st_mode))
		return failed(folder, ENOTDIR);

	return nothing_there(folder);
}


static int fill(const char *folder, const struct settings *set)
{
	const struct config_choice choice = {
		.name = set->name,
		.sip = set->sip,
		.http = set->http,
		.media = set->media,
	};
	struct store *store;
	int err;

	err = config_write(folder, &choice);
	if (err) {
		if (err != EINVAL) /* that has been said */
			(void)failed(folder, err);
		return err;
	}
	err = store_open(&store, folder, STORE_CREATE);
	if (err)
		return failed(folder, err);
	store_close(store);

	return 0;
}


static void next_steps(const char *folder)
{
	printf("Made a new line in %s.\n\n"
	       "Next:\n"
	       "  1. Say where calls come from, and who answers:\n"
	       "       ringback trunk add NAME --from ADDRESS --data %s\n"
	       "       ringback person add NAME --phone sip:USER@HOST --on"
	       " --data %s\n"
	       "  2. Make the recovery key and keep its shares on paper: until"
	       " then callers\n     can leave no messages:\n"
	       "       ringback recovery make --data %s\n"
	       "  3. Run it:\n"
	       "       ringback run --data %s\n"
	       "The configuration, with a comment on each option, is"
	       " %s/ringback.conf.\n",
	       folder, folder, folder, folder, folder, folder);
}


int init_main(int argc, char *argv[])
{
	struct settings set = {0};
	const char *folder;
	bool made;
	int err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (set.name && name_check(set.name))
		return EXIT_USAGE;

	folder = data_folder(set.data);
	(void)umask(S_IRWXG | S_IRWXO);
	if (folder_make(folder, &made))
		return EXIT_FAILED;

	err = fill(folder, &set);
	if (err) {
		take_back(folder, made);
		return err == EINVAL ? EXIT_USAGE : EXIT_FAILED;
	}

	next_steps(folder);
	return EXIT_DONE;
}
