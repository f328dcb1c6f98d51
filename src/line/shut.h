/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file shut.h  Shuts the line process in
 */
#ifndef RINGBACK_LINE_SHUT_H
#define RINGBACK_LINE_SHUT_H

#include "store/store.h"

/**
 * From now on this process may what its table says (base/sandbox.h), and read
 * in the folders where the secret files of its trunks are
 *
 * Of a folder that has other things too (/, /etc, the data folder) it is the
 * file alone, and a new file under that name is not read any more.
 *
 * @return 0, ENOMEM, ...
 */
int shut_in(struct store *store);

#endif
