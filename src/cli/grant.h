/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file grant.h  `ringback recovery grant`, for recovery.c
 */
#ifndef RINGBACK_CLI_GRANT_H
#define RINGBACK_CLI_GRANT_H

/** As command_h. */
int grant_main(int argc, char *argv[]);

#endif
