/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file whole.h  All of it to a file, or the reason why not
 */
#ifndef RINGBACK_CLI_WHOLE_H
#define RINGBACK_CLI_WHOLE_H

#include <stddef.h>
#include <stdint.h>

/** Write all n bytes, in as many steps as it takes. @return 0, ENOSPC, ... */
int whole_write(int fd, const uint8_t *buf, size_t n);

#endif
