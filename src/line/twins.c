/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * twins.c  Which open calls promise to ring the same number. Must not decide
 * what follows from it: the core does.
 */
#include "number.h"
#include "switchboard_parts.h"


struct sought {
	const struct call *call;
	struct secret_text number;
};


static bool is_twin(struct le *le, void *arg)
{
	const struct sought *s = arg;
	const struct call *other = le->data;
	struct secret_text number;
	struct core_record rec;
	bool same;

	number_alike(&number, &other->sb->c.config->home, &other->number);
	same = !strcmp(secret_reveal(&number), secret_reveal(&s->number));
	secret_wipe(&number);

	return same && other != s->call && other->line == s->call->line &&
	       core_get_record(other->sb->core, other->id, &rec) &&
	       rec.promise.has_number;
}


void twins_forget(struct call *call)
{
	hash_unlink(&call->he_number);
}


void twins_tell(struct core_event *ev, struct call *call)
{
	struct switchboard *sb = call->sb;
	struct sought s = {.call = call};
	const struct call *other;
	uint32_t key;

	twins_forget(call);
	number_alike(&s.number, &sb->c.config->home, &call->number);
	key = hash_joaat_str(secret_reveal(&s.number));
	other = list_ledata(hash_lookup(sb->numbers, key, is_twin, &s));
	hash_append(sb->numbers, key, &call->he_number, call);

	ev->twin = other ? other->id : 0;
	ev->handle = handle_of(sb->handles, call->line, &s.number);
	secret_wipe(&s.number);
}
