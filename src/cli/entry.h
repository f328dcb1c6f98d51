/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file entry.h  What people and trunks have in common for the command line:
 * entries of the store that have a name
 */
#ifndef RINGBACK_CLI_ENTRY_H
#define RINGBACK_CLI_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "store/store.h"
#include "wire/wire.h"
#include "opts.h"
#include "out.h"

struct entry {
	const char *noun;       /**< "person": also the command's word     */
	enum wire_type changed; /**< what the running line is told         */
};

/** Say what came of a change, and tell the running line. @return exit code */
int entry_stored(const struct entry *e, int err);

/** Options of the verbs that take no more than a name, or none. */
enum { ENTRY_NAME_ROWS = 2, ENTRY_LIST_ROWS = 2 };
extern const struct opt entry_name_rows[ENTRY_NAME_ROWS];
extern const struct opt entry_list_rows[ENTRY_LIST_ROWS];

/** Do it to one of them. @return 0, ENOENT, ... */
typedef int(entry_do_h)(struct store *store, const char *name);

/** A verb that takes a name. @param o With entry_name_rows @return exit code */
int entry_do(const struct entry *e, const struct opts *o, entry_do_h *h,
	     int argc, char *argv[]);

/** Put a row for each into the listing. @return 0, EIO, ... */
typedef int(entry_each_h)(struct store *store, struct out_rows *rows);

struct entry_listing {
	struct opts options; /**< with entry_list_rows                     */
	entry_each_h *eachh;
	const struct out_column *columns;
	size_t n_columns;
	const char *empty;   /**< said instead of a table without rows     */
};

/** The verb "list". @return exit code */
int entry_list(const struct entry_listing *l, int argc, char *argv[]);

#endif
