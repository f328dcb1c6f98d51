/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wiped.h  JSON that leaves nothing behind in memory
 *
 * Requests hold proofs, codes and tokens, each of which signs somebody in.
 */
#ifndef RINGBACK_WEB_WIPED_H
#define RINGBACK_WEB_WIPED_H

/** From now on jansson wipes what it frees. To be called before its first
 *  use; free() stays right for its texts. */
void wiped_json(void);

#endif
