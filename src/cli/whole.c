/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * whole.c  Writes all or says why not. Must not open or close anything.
 */
#include <errno.h>
#include <unistd.h>

#include "whole.h"


int whole_write(int fd, const uint8_t *buf, size_t n)
{
	while (n) {
		const ssize_t k = write(fd, buf, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return errno;
		buf += k;
		n -= (size_t)k;
	}

	return 0;
}
