/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file siptls.h  What SIP over TLS needs: a certificate, and no old versions
 */
#ifndef RINGBACK_SIPTLS_H
#define RINGBACK_SIPTLS_H

#include <re.h>

/**
 * Read a certificate with its chain, and its private key
 *
 * TLS 1.2 at least. Telephones prove who they are by digest, not here.
 *
 * @param tlsp        new
 * @param certificate PEM file
 * @param key         PEM file
 *
 * @return 0; ENOENT, EACCES, ENOTSUP no such file: said in plain words; ENOMEM
 */
int siptls_alloc(struct tls **tlsp, const char *certificate, const char *key);

#endif
