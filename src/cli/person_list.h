/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file person_list.h  `ringback person list`
 */
#ifndef RINGBACK_CLI_PERSON_LIST_H
#define RINGBACK_CLI_PERSON_LIST_H

/** The verb. @return exit code */
int person_list_main(int argc, char *argv[]);

#endif
