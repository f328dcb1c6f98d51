/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file version.h  Which Ringback this is
 */
#ifndef RINGBACK_CLI_VERSION_H
#define RINGBACK_CLI_VERSION_H

/** "0.1.0" */
const char *version(void);

#endif
