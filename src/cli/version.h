/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file version.h  Which Ringback this is
 */
#ifndef RINGBACK_CLI_VERSION_H
#define RINGBACK_CLI_VERSION_H

/** "0.1.0" */
const char *version(void);

/** To standard output, with the hash of the page that was built along. */
void version_print(void);

/** What --about adds: store_shape(). */
void version_about(void);

#endif
