/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * overdue.c  Alarms of what is kept, in words. Must not delete anything.
 */
#include <stdio.h>

#include "epoch/retention.h"
#include "out.h"
#include "overdue.h"
#include "when.h"


static bool line_say(const struct retention *r, void *arg)
{
	char at[OUT_TIME], now[OUT_TIME];
	bool *saidp = arg;

	if (r->doubted && !*saidp)
		printf("The clock says %s; what is due was last looked for on"
		       " %.10s. Nothing is\ndeleted by itself until they are"
		       " near each other. Set the clock; or, if it is right:\n"
		       "ringback retention --now\n", out_time(now, when_now()),
		       out_time(at, r->looked));
	*saidp = *saidp || r->doubted;
	if (r->overdue)
		printf("Line \"%s\": what was to be deleted at %s is not. Delete"
		       " it: ringback retention --now\n", r->line,
		       out_time(at, r->due));
	if (r->n_held)
		printf("Line \"%s\": %u promises are open for longer than %u"
		       " months (keep_notes), and keep the keys of\ntheir time."
		       " See to them: ringback promises\n", r->line,
		       r->n_held, r->keep_notes);
	if (r->n_messages)
		printf("Line \"%s\": %u messages wait for longer than %u days"
		       " (keep_messages). See to them:\nringback promises\n",
		       r->line, r->n_messages, r->keep_messages);

	return false;
}


static int each(retention_h *h, void *arg)
{
	struct config *cfg;
	struct store *store;
	int err;

	err = config_read(&cfg, ".");
	if (err)
		return err;
	err = store_open(&store, ".", STORE_TOOL);
	if (!err) {
		err = retention_each(store, cfg, when_now(), h, arg);
		store_close(store);
	}
	config_free(cfg);

	return err;
}


void overdue_say(void)
{
	bool said = false;

	(void)each(line_say, &said);
}


static bool line_add(const struct retention *r, void *arg)
{
	return retention_alarm(r) &&
	       json_array_append_new(arg, json_string(r->line)) != 0;
}


json_t *overdue_lines(void)
{
	json_t *array = json_array();

	if (each(line_add, array)) {
		json_decref(array);
		return json_null();
	}

	return array;
}
