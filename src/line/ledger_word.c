/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ledger_word.c  One row on its way to the store. Must not know the ledger.
 */
#include <string.h>

#include "ledger_word.h"


static int promise_put(struct store *s, const void *row, store_done_h *h,
		       void *arg)
{
	return store_promise_put(s, row, h, arg);
}


static int attempt_put(struct store *s, const void *row, store_done_h *h,
		       void *arg)
{
	return store_attempt_put(s, row, h, arg);
}


static int call_put(struct store *s, const void *row, store_done_h *h,
		    void *arg)
{
	return store_call_put(s, row, h, arg);
}


static const struct {
	size_t size;
	int (*put)(struct store *s, const void *row, store_done_h *h,
		   void *arg);
	const char *what;
} kinds[WORD_KINDS] = {
	[WORD_PROMISE] = {sizeof(struct store_promise), promise_put,
			  "its promise"},
	[WORD_ATTEMPT] = {sizeof(struct store_attempt), attempt_put,
			  "an attempt to ring back"},
	[WORD_CALL] = {sizeof(struct store_call), call_put, "its record"},
};


static void word_destructor(void *data)
{
	struct word *w = data;

	list_unlink(&w->le);
	explicit_bzero(w->row, w->size);
}


struct word *word_new(enum word_kind kind, uint32_t n, const void *row)
{
	const size_t size = kinds[kind].size;
	struct word *w;

	w = mem_zalloc(sizeof(*w) + size, word_destructor);
	if (!w)
		return NULL;

	w->kind = kind;
	w->n = n;
	w->size = size;
	memcpy(w->row, row, size);

	return w;
}


bool word_after(const struct word *w, const struct word *other)
{
	return w->kind != other->kind ? w->kind > other->kind
				      : w->n > other->n;
}


void word_inherit(struct word *w, const struct word *old)
{
	struct store_attempt *attempt = (void *)w->row;
	const struct store_attempt *begun = (const void *)old->row;

	if (w->kind == WORD_ATTEMPT) {
		attempt->at = begun->at;
		attempt->counsellor = begun->counsellor;
	}
}


int word_put(const struct word *w, struct store *s, store_done_h *h, void *arg)
{
	return kinds[w->kind].put(s, w->row, h, arg);
}


const char *word_what(enum word_kind kind)
{
	return kinds[kind].what;
}
