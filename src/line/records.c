/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * records.c  Calls as rows of the store, and back. Must not write a row.
 */
#include <errno.h>
#include <re.h>

#include "records.h"


static void put(char *to, size_t size, const char *text)
{
	str_ncpy(to, text, size);
}


static const char *reason_of(const struct core_record *rec)
{
	if (rec->outcome == OUTCOME_CLOSED)
		return close_reason_name(rec->reason);
	if (rec->cause != CAUSE_NONE && rec->cause != CAUSE_HUNG_UP)
		return core_cause_name(rec->cause);

	return "";
}


void record_call_row(struct store_call *row, const struct config *config,
		     const struct plan_words *words,
		     const struct core_record *rec)
{
	memset(row, 0, sizeof(*row));
	row->id = rec->call;
	row->arrived_at = rec->arrived_at;
	row->wait_ms = rec->wait_ms;
	row->talk_ms = rec->talk_ms;
	row->counsellor = rec->counsellor;
	put(row->line, sizeof(row->line), config->lines[rec->line].name);
	put(row->language, sizeof(row->language),
	    words->languages[rec->language]);
	put(row->state, sizeof(row->state), call_state_name(rec->state));
	if (rec->outcome != OUTCOME_OPEN)
		put(row->outcome, sizeof(row->outcome),
		    call_outcome_name(rec->outcome));
	put(row->reason, sizeof(row->reason), reason_of(rec));
}


void record_promise_row(struct store_promise *row,
			const struct core_record *rec,
			const struct store_number *number)
{
	const struct core_promise *p = &rec->promise;

	memset(row, 0, sizeof(*row));
	row->call = rec->call;
	row->made_at = p->made_at;
	row->due_at = p->due_at;
	row->next_at = p->next_at;
	row->owner = p->owner;
	row->n_attempts = p->n_attempts;
	row->n_snoozed = p->n_snoozed;
	put(row->kind, sizeof(row->kind), promise_kind_name(p->kind));
	put(row->state, sizeof(row->state), promise_state_name(rec));
	put(row->words, sizeof(row->words), promise_words_name(p->words));
	put(row->hours, sizeof(row->hours), promise_hours_name(p->hours));
	put(row->shown, sizeof(row->shown), promise_shown_name(p->shown));
	put(row->level, sizeof(row->level), promise_level_name(p->level));
	put(row->reason, sizeof(row->reason),
	    rec->outcome == OUTCOME_CLOSED ? close_reason_name(rec->reason)
					   : "");
	if (p->has_number)
		row->number = *number;
}


void record_silence_row(struct store_promise *row,
			const struct core_record *rec)
{
	static const struct store_number none = {.dialler = 0};
	struct core_record was = *rec;

	was.promise = (struct core_promise){
		.kind = PROMISE_MESSAGE,
		.made_at = rec->arrived_at,
		.due_at = rec->arrived_at,
	};
	record_promise_row(row, &was, &none);
	put(row->state, sizeof(row->state), "closed");
	put(row->reason, sizeof(row->reason), "silent");
}


/* ---- the other way ------------------------------------------------------ */

static uint16_t line_named(const struct config *config, const char *name)
{
	for (uint16_t i = 0; i < config->n_lines; i++) {
		if (!strcmp(config->lines[i].name, name))
			return i;
	}

	return 0;
}


static uint8_t language_named(const struct config *config, uint16_t line,
			      const struct plan_words *words,
			      const char *language)
{
	int i = plan_language(words, language);

	if (i < 0)
		i = plan_language(words, config->lines[line].languages[0]);

	return i < 0 ? 0 : (uint8_t)i;
}


static int promise_read(struct core_promise *p,
			const struct store_promise *row)
{
	memset(p, 0, sizeof(*p));
	p->has_number = row->number.dialler != 0;
	p->made_at = row->made_at;
	p->due_at = row->due_at;
	p->next_at = row->next_at;
	p->owner = row->owner;
	p->n_attempts = row->n_attempts;
	p->n_snoozed = row->n_snoozed;

	if (promise_kind_decode(&p->kind, row->kind) ||
	    promise_words_decode(&p->words, row->words) ||
	    promise_hours_decode(&p->hours, row->hours) ||
	    promise_shown_decode(&p->shown, row->shown) ||
	    promise_level_decode(&p->level, row->level))
		return EINVAL;

	return 0;
}


int record_read(struct core_record *rec, const struct config *config,
		const struct plan_words *words, const struct store_call *row,
		const struct store_promise *promise)
{
	memset(rec, 0, sizeof(*rec));
	rec->call = row->id;
	rec->line = line_named(config, row->line);
	rec->language = language_named(config, rec->line, words,
				       row->language);
	rec->counsellor = row->counsellor;
	rec->arrived_at = row->arrived_at;
	rec->wait_ms = row->wait_ms;
	rec->talk_ms = row->talk_ms;
	if (call_state_decode(&rec->state, row->state))
		return EINVAL;

	return promise ? promise_read(&rec->promise, promise) : 0;
}
