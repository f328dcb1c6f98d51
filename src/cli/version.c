/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * version.c  The version that the build was given, and which page lies beside
 * it.
 */
#include <inttypes.h>
#include <re.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/step.h"
#include "store/store.h"
#include "command.h"
#include "exit.h"
#include "opts.h"
#include "version.h"


enum { DIGITS = 64, FOUR = 4 };

static const struct opts options = {
	"ringback version",
	"Says which Ringback this is, and the hash of the counsellors' page"
	" that was built\nwith it: pages show theirs before signing in."
	" docs/console.md says how to compare.",
	NULL, 0,
};


const char *version(void)
{
	return daemon_version();
}


/* beside the program where it was built, or where it was installed to */
static FILE *hash_open(void)
{
	static const char name[] = "console/console.hash";
	char path[512];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	const char *slash;
	size_t dir;
	FILE *f;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	dir = slash ? (size_t)(slash - path) : 0;
	if (re_snprintf(path + dir, sizeof(path) - dir, "/../%s", name) < 0)
		return NULL;
	f = fopen(path, "re");

	return f ? f : fopen(CLI_DATA_DIR "/console/console.hash", "re");
}


void version_print(void)
{
	char hash[DIGITS + 1] = "";
	FILE *f = hash_open();

	printf("ringback %s\n", version());
	if (f && fgets(hash, sizeof(hash), f) && strlen(hash) == DIGITS) {
		printf("page    ");
		for (size_t i = 0; i < DIGITS; i += FOUR)
			printf(" %.4s", hash + i);
		printf("\n");
	}
	else {
		printf("page     none was built\n");
	}
	if (f)
		(void)fclose(f);
}


void version_about(void)
{
	const struct store_shape shape = store_shape();

	printf("store %" PRIu32 "\noldest %" PRIu32 "\n", shape.version,
	       shape.oldest);
}


int version_main(int argc, char *argv[])
{
	char nothing; /* there are no options to be filled in */
	const int err = opts_read(&options, argc, argv, &nothing);

	if (err)
		return opts_exit(err);
	version_print();

	return EXIT_DONE;
}
