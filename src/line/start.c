/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * start.c  Takes up what an earlier life of this process left open. Must not
 * end a call: the core decides what becomes of each.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/message.h"
#include "checkpoint.h"
#include "promised.h"
#include "records.h"
#include "resumed.h"
#include "switchboard_parts.h"

#define LOG_MODULE "start"
#include "base/log.h"


struct start {
	struct switchboard *sb;
	struct resumed *resumed;
	uint32_t n_calls;
	uint32_t n_failed;
};


/* with whoever is still on the line */
static int call_resume(struct start *start, struct call *call,
		       const struct core_event *restore,
		       struct core_kept *kept)
{
	struct core_event ev = *restore;
	const uint64_t id = call->id;
	int err;

	ev.type = CORE_RESUME;
	ev.kept = kept;
	if (!ev.handle)
		ev.handle = calls_handle(call);
	err = switchboard_tell(start->sb, &ev);
	call = calls_find(start->sb, id);
	if (call)
		resumed_done(start->resumed, call, kept, err);

	return err;
}


/* the number is kept as long as it is owed, or as they are on the line */
static int call_restore(struct start *start, const struct store_call *row,
			const struct store_promise *promise)
{
	struct switchboard *sb = start->sb;
	struct core_kept kept;
	struct core_record rec;
	struct core_event ev = {.type = CORE_RESTORE, .call = row->id,
				.restore = &rec};
	struct call *call;
	int err;

	err = record_read(&rec, sb->c.config, &sb->words, row, promise);
	if (err)
		return err;
	err = calls_add(&call, sb, row->id, rec.line);
	if (err)
		return err;

	call->hung_up = true;
	call->promised = promise != NULL;
	call->owed = promise && promised_open(call, promise);
	rec.promise.has_number = call->owed;
	rec.promise.number_waits = promised_waits(call);
	ev.line = rec.line;
	if (call->owed && !promised_waits(call))
		twins_tell(&ev, call);

	if (resumed_begin(start->resumed, call, &kept) &&
	    !call_resume(start, call, &ev, &kept))
		return 0;

	err = switchboard_tell(sb, &ev);
	if (err && calls_find(sb, row->id))
		mem_deref(call);

	return err;
}


static bool row_restore(const struct store_call *row, void *arg)
{
	struct start *start = arg;
	struct store_promise promise = {.call = 0};
	int err;

	err = store_promise_get(start->sb->c.store, row->id, &promise);
	if (!err || err == ENOENT)
		err = call_restore(start, row, err ? NULL : &promise);
	++start->n_calls;
	if (err) {
		log_error("call %" PRIu64 " is open on record and cannot be "
			  "taken up: %s", row->id, strerror(err));
		++start->n_failed;
	}

	return false;
}


static bool is_wanted(const struct switchboard *sb, const char *file)
{
	char *end;
	const uint64_t id = strtoull(file, &end, 10);

	return end == file || strcmp(end, message_ending) || calls_find(sb, id);
}


/* what a crash kept from being deleted */
static void messages_clean(struct switchboard *sb)
{
	const struct dirent *entry;
	DIR *dir = opendir(message_folder);
	int err;

	while (dir && (entry = readdir(dir))) {
		if (is_wanted(sb, entry->d_name))
			continue;
		err = wiper_message(sb->wiper,
				    strtoull(entry->d_name, NULL, 10));
		if (err)
			log_warn("a message that nobody waits for could not "
				 "be deleted: %s", strerror(err));
	}
	if (dir)
		(void)closedir(dir);
}


static void numbers_tell(const struct switchboard *sb)
{
	uint32_t n_waiting, n_unbacked;

	promised_count(sb, &n_waiting, &n_unbacked);
	if (n_waiting)
		log_warn("%" PRIu32 " callers cannot be rung back: the key to "
			 "their numbers is lost. They wait until a coordinator "
			 "signs in: that page brings them back", n_waiting);
}


static bool row_expect(const struct store_person *row, void *arg)
{
	const struct switchboard *sb = arg;

	return row->on_duty && consoles_expect(sb->consoles, row->id);
}


int start_expect(struct switchboard *sb)
{
	struct core_pause v[LIMIT_PEOPLE];

	if (!sound_found_count(sb->sound) && !checkpoint_pauses_read(sb, v))
		return 0;

	return store_person_each(sb->c.store, row_expect, sb);
}


void start_pauses(struct switchboard *sb)
{
	struct core_pause v[LIMIT_PEOPLE];
	const size_t n = checkpoint_pauses_read(sb, v);

	for (size_t i = 0; i < n; i++) {
		const struct core_event ev = {
			.type = CORE_PERSON_PAUSED,
			.person = v[i].person,
			.pause = &v[i],
		};

		/* whoever is off duty by now, or unknown, has none */
		(void)switchboard_tell(sb, &ev);
	}
	sb->pauses_known = true;
	sb->pauses = UINT64_MAX;
	checkpoint_pauses(sb);
}


int start_restore(struct switchboard *sb)
{
	struct start start = {.sb = sb};
	int err;

	err = resumed_alloc(&start.resumed, sb);
	if (err)
		return err;
	err = store_call_open(sb->c.store, row_restore, &start);
	if (!err)
		resumed_end(start.resumed);
	mem_deref(start.resumed);
	if (err)
		return err;
	if (start.n_calls)
		log_note("%" PRIu32 " calls for help are open", start.n_calls);
	promised_look(sb);
	numbers_tell(sb);

	/* what could not be taken up keeps all it has */
	if (!start.n_failed)
		messages_clean(sb);

	return 0;
}
