/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file tar.h  Heads of files in a tar file (POSIX.1-1988, "ustar")
 *
 * As much of it as a backup needs: plain files with short names, for their
 * owner alone. So whoever has unsealed a backup without Ringback reads it with
 * any tar. A head is followed by the file, filled up with zeros to a whole
 * block; behind the last file stand two blocks of zeros.
 */
#ifndef RINGBACK_CLI_TAR_H
#define RINGBACK_CLI_TAR_H

#include <stddef.h>
#include <stdint.h>

enum {
	TAR_BLOCK = 512,
	TAR_NAME = 101, /**< incl. NUL                                      */
	TAR_END = 2,    /**< blocks of zeros                                */
};

struct tar_file {
	char name[TAR_NAME];
	uint64_t size; /**< bytes                                           */
};

/** @param mtime Unix time, seconds
 *  @return 0; EINVAL no name; EFBIG 8 GiB or more */
int tar_encode(uint8_t block[TAR_BLOCK], const struct tar_file *file,
	       int64_t mtime);

/** @return 0; ENOENT a block of zeros: the end; EBADMSG no head of a plain
 *          file */
int tar_decode(struct tar_file *file, const uint8_t block[TAR_BLOCK]);

/** Zeros behind a file of this size. */
size_t tar_fill(uint64_t size);

#endif
