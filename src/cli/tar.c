/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tar.c  Heads of a tar file. Must not touch files.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tar.h"


enum {
	AT_MODE = 100,
	AT_UID = 108,
	AT_GID = 116,
	AT_SIZE = 124,
	AT_MTIME = 136,
	AT_SUM = 148,
	AT_TYPE = 156,
	AT_MAGIC = 257,
	N_SIZE = 12, /* of the field: 11 digits and a NUL */
	N_SUM = 8,
};

#define SIZE_LIMIT (UINT64_C(1) << 33)


/* of the block, with spaces where the sum stands */
static unsigned sum_of(const uint8_t block[TAR_BLOCK])
{
	unsigned sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= AT_SUM && i < AT_SUM + N_SUM ? ' ' : block[i];

	return sum;
}


static void octal(uint8_t *p, size_t n, uint64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%0*" PRIo64, (int)n - 1, v);
	memcpy(p, text, n);
}


int tar_encode(uint8_t block[TAR_BLOCK], const struct tar_file *file,
	       int64_t mtime)
{
	const size_t n = strnlen(file->name, sizeof(file->name));

	if (!n || n >= sizeof(file->name))
		return EINVAL;
	if (file->size >= SIZE_LIMIT)
		return EFBIG;

	memset(block, 0, TAR_BLOCK);
	memcpy(block, file->name, n);
	octal(block + AT_MODE, 8, 0600);
	octal(block + AT_UID, 8, 0);
	octal(block + AT_GID, 8, 0);
	octal(block + AT_SIZE, N_SIZE, file->size);
	octal(block + AT_MTIME, 12,
	      mtime > 0 ? (uint64_t)mtime % SIZE_LIMIT : 0);
	block[AT_TYPE] = '0';
	memcpy(block + AT_MAGIC, "ustar\00000", 8);
	octal(block + AT_SUM, N_SUM - 1, sum_of(block));
	block[AT_SUM + N_SUM - 1] = ' ';

	return 0;
}


static bool octal_read(uint64_t *v, const uint8_t *p, size_t n)
{
	*v = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '7')
			return false;
		*v = *v << 3 | (uint64_t)(p[i] - '0');
	}

	return true;
}


static bool is_zero(const uint8_t block[TAR_BLOCK])
{
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		if (block[i])
			return false;
	}

	return true;
}


int tar_decode(struct tar_file *file, const uint8_t block[TAR_BLOCK])
{
	uint64_t sum;

	if (is_zero(block))
		return ENOENT;
	if (!octal_read(&sum, block + AT_SUM, N_SUM - 2) ||
	    sum != sum_of(block) || block[AT_TYPE] != '0' || !block[0] ||
	    memcmp(block + AT_MAGIC, "ustar", 6) ||
	    !octal_read(&file->size, block + AT_SIZE, N_SIZE - 1))
		return EBADMSG;

	memcpy(file->name, block, TAR_NAME - 1);
	file->name[TAR_NAME - 1] = '\0';

	return 0;
}


size_t tar_fill(uint64_t size)
{
	const size_t over = (size_t)(size % TAR_BLOCK);

	return over ? TAR_BLOCK - over : 0;
}
