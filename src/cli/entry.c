/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * entry.c  Verbs that do the same to a person and to a trunk. Must not know
 * what either is.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "data.h"
#include "entry.h"
#include "exit.h"
#include "tell.h"


struct settings {
	const char *data;
	const char *name;
	bool json;
};

const struct opt entry_name_rows[ENTRY_NAME_ROWS] = {
	OPT_DATA(settings),
	{OPT_PLACE, "NAME", NULL, offsetof(struct settings, name),
	 "its name", 0, 0, NULL},
};

const struct opt entry_list_rows[ENTRY_LIST_ROWS] = {
	OPT_DATA(settings),
	OPT_JSON(settings),
};


int entry_stored(const struct entry *e, int err)
{
	if (err == EEXIST)
		fprintf(stderr, "ringback: there is already a %s of that"
				" name\n", e->noun);
	else if (err == ENOENT)
		fprintf(stderr,
			"ringback: there is no %s of that name;"
			" ringback %s list shows them\n", e->noun, e->noun);
	else if (err)
		fprintf(stderr, "ringback: it could not be stored: %s\n",
			strerror(err));

	return err ? EXIT_FAILED : tell_line(e->changed);
}


int entry_do(const struct entry *e, const struct opts *o, entry_do_h *h,
	     int argc, char *argv[])
{
	struct settings set = {0};
	struct store *store;
	int err;

	err = opts_read(o, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = h(store, set.name);
	store_close(store);

	return entry_stored(e, err);
}


int entry_list(const struct entry_listing *l, int argc, char *argv[])
{
	struct out_rows list = {0};
	struct settings set = {0};
	struct store *store;
	int err;

	err = opts_read(&l->options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (data_store(&store, set.data))
		return EXIT_FAILED;

	err = l->eachh(store, &list);
	store_close(store);
	if (err) {
		out_drop(&list);
		fprintf(stderr, "ringback: the store could not be read\n");
		return EXIT_FAILED;
	}

	return out_list(&list, set.json, l->columns, l->n_columns, l->empty);
}
