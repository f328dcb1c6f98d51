/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * owed.c  Open and overdue, as the listings and the status say it.
 */
#include <string.h>

#include "base/step.h"
#include "owed.h"


/* states that end a promise, as promise_state_name() calls them */
static const char *const over[] = {"kept", "declined", "closed"};

struct counting {
	struct owed_count *count;
	int64_t now;
};


bool owed_open(const struct store_promise *p)
{
	for (size_t i = 0; i < STEP_COUNT(over); i++) {
		if (strcmp(p->state, over[i]) == 0)
			return false;
	}

	return true;
}


bool owed_overdue(const struct store_promise *p, int64_t now)
{
	return owed_open(p) && p->due_at < now;
}


static bool count_handler(const struct store_promise *p, void *arg)
{
	const struct counting *c = arg;

	c->count->n_open += owed_open(p);
	c->count->n_overdue += owed_overdue(p, c->now);

	return false;
}


int owed_count(struct owed_count *count, struct store *store, int64_t now)
{
	struct counting c = {count, now};

	memset(count, 0, sizeof(*count));
	return store_promise_each(store, false, count_handler, &c);
}
