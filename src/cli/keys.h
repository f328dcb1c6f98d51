/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file keys.h  After people have changed: the keys of lines follow
 */
#ifndef RINGBACK_CLI_KEYS_H
#define RINGBACK_CLI_KEYS_H

#include "store/store.h"

/** Keys of all lines of the current folder, as epochs_keep_all(). Without a
 *  recovery key there is nothing to do. What goes wrong is said; ringback run
 *  tries again within the hour. */
void keys_keep(struct store *store);

#endif
