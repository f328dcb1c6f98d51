/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file cidr.h  An address or a net, as people write it (RFC 4632, 4291)
 */
#ifndef RINGBACK_CLI_CIDR_H
#define RINGBACK_CLI_CIDR_H

#include <stddef.h>

/**
 * Read "ADDR" or "ADDR/BITS" and write it as "ADDR/BITS", bits beyond the
 * net's cleared: "192.0.2.7/24" becomes "192.0.2.0/24", "::1" "::1/128"
 *
 * @return 0; EINVAL no such address or bits; ERANGE wider than /8; ENOSPC
 */
int cidr_decode(char *buf, size_t size, const char *text);

#endif
