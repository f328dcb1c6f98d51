/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * parcel.c  A backup of somebody who has the recovery key: what is sealed in it
 * is input, and is read, and unpacked into a folder.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>

#include "cli/parcel.h"
#include "cli/tar.h"
#include "fuzz.h"

static const uint8_t private[SEAL_KEY] = {7};


/* the same pieces as stream.h says, and the last one FINAL unless cut */
static void sealed_write(FILE *f, const uint8_t *data, size_t n, bool cut)
{
	struct archive_about about = {.kind = ARCHIVE_BACKUP, .house = 1,
				      .made_at = 1000};
	uint8_t lid[ARCHIVE_LID], out[STREAM_SEALED];
	struct stream s;

	(void)crypto_scalarmult_base(about.public, private);
	HOLDS(!archive_begin(&s, lid, &about));
	HOLDS(fwrite(lid, sizeof(lid), 1, f) == 1);
	do {
		const size_t k = n < STREAM_CHUNK ? n : STREAM_CHUNK;

		HOLDS(!stream_push(&s, out, data, k, k == n && !cut));
		HOLDS(fwrite(out, sizeof(out), 1, f) == 1);
		data += k;
		n -= k;
	} while (n);
	stream_wipe(&s);
}


static void read_all(const char *path)
{
	struct archive_about about;
	struct opened *o = NULL;
	struct tar_file file;
	uint8_t buf[1024];
	uint64_t n = 0;
	size_t k;

	HOLDS(!opened_open(&o, &about, path) && !opened_unlock(o, private));
	while (!opened_next(o, &file)) {
		HOLDS(memchr(file.name, 0, sizeof(file.name)));
		do {
			k = 0;
			if (opened_read(o, buf, sizeof(buf), &k))
				break;
			n += k;
		} while (k);
	}
	HOLDS(n < 1 << 24);
	opened_close(o);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[] = "/tmp/fuzz-parcel-XXXXXX";
	struct tar_file file;
	FILE *f;
	int fd;

	if (!n)
		return 0;
	HOLDS(sodium_init() >= 0);
	if (n >= TAR_BLOCK)
		(void)tar_decode(&file, data);

	fd = mkstemp(path);
	HOLDS(fd >= 0);
	f = fdopen(fd, "w");
	HOLDS(f);
	sealed_write(f, data + 1, n - 1, data[0] & 1);
	(void)fclose(f);
	read_all(path);
	(void)unlink(path);

	return 0;
}
