/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sealed.c  Files that anybody may have changed: backups and messages, up to
 * where a key is needed, and behind it with one.
 */
#include <errno.h>
#include <unistd.h>
#include <sys/mman.h>

#include "base/message.h"
#include "cli/parcel.h"
#include "fuzz.h"
#include "seal/recovery.h"


static int file_of(const uint8_t *data, size_t n)
{
	const int fd = memfd_create("fuzz", MFD_CLOEXEC);

	HOLDS(fd >= 0);
	HOLDS(!n || write(fd, data, n) == (ssize_t)n);
	HOLDS(lseek(fd, 0, SEEK_SET) == 0);

	return fd;
}


static void message(const uint8_t *data, size_t n)
{
	const int fd = file_of(data, n);
	struct message_info info;

	if (!message_scan(&info, fd))
		HOLDS(info.n <= n && info.n_parts);
	(void)close(fd);
}


static void archive(const uint8_t *data, size_t n,
		    const uint8_t private[SEAL_KEY])
{
	uint8_t lid[ARCHIVE_LID] = {0};
	struct archive_about about;
	struct stream s;

	(void)archive_look(&about, data, n);
	memcpy(lid, data, n < sizeof(lid) ? n : sizeof(lid));
	if (!archive_open(&s, lid, private))
		stream_wipe(&s);
}


static void words(const uint8_t *data, size_t n)
{
	const struct food f = {data, n};
	char *text = food_text(&f), again[RECOVERY_TEXT];
	struct recovery_share share, same;
	unsigned wrong;

	if (!recovery_read(&share, text, &wrong)) {
		recovery_words(again, &share);
		HOLDS(!recovery_read(&same, again, NULL));
		HOLDS(!memcmp(share.bytes, same.bytes, sizeof(same.bytes)));
	}
	free(text);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t private[SEAL_KEY] = {7};

	HOLDS(sodium_init() >= 0);
	message(data, n);
	archive(data, n, private);
	words(data, n);

	return 0;
}
