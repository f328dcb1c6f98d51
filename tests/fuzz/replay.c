/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * replay.c  Gives a target each file of its corpus, in place of libFuzzer. Must
 * not change any.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"


/* room of its own size, so that a sanitizer notices who reads behind it */
static int file_replay(const char *path)
{
	uint8_t *data = NULL;
	struct stat st;
	FILE *f;
	int err;

	f = fopen(path, "re");
	if (!f)
		return errno;
	err = fstat(fileno(f), &st) ? errno : 0;
	if (!err) {
		data = malloc((size_t)st.st_size + 1);
		err = data ? 0 : ENOMEM;
	}
	if (!err && fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		err = EIO;
	(void)fclose(f);
	if (!err) {
		uint8_t *exact = realloc(data, st.st_size ? (size_t)st.st_size
							  : 1);

		data = exact ? exact : data;
		(void)LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	}
	free(data);

	return err;
}


static int folder_replay(const char *folder, unsigned *np)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	char path[4096];
	int err = 0;

	if (!d)
		return errno;
	while (!err && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		err = file_replay(path);
		++*np;
	}
	(void)closedir(d);

	return err;
}


int main(int argc, char *argv[])
{
	unsigned n = 0;

	for (int i = 1; i < argc; i++) {
		const int err = folder_replay(argv[i], &n);

		if (err) {
			(void)fprintf(stderr, "%s: %s\n", argv[i],
				      strerror(err));
			return 1;
		}
	}
	(void)printf("%u files\n", n);

	return n ? 0 : 1;
}
