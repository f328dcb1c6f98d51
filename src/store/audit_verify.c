/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * audit_verify.c  Follows the chain of the audit log and says where it breaks.
 * Must not know SQL, nor write.
 */
#include <errno.h>
#include <string.h>

#include "store_parts.h"


struct walk {
	struct store_audit_verdict *v;
	const uint8_t *head;
	bool found; /* the head */
};


static bool is_same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, STORE_HASH) == 0;
}


/* the walk is at a link that is sound */
static void head_look(struct walk *w)
{
	if (!w->head || !is_same(w->v->link, w->head))
		return;

	w->found = true;
	w->v->head_n = w->v->n;
}


static bool walk_row(const struct store_audit *row, void *arg)
{
	struct walk *w = arg;
	struct store_audit_verdict *v = w->v;
	uint8_t link[STORE_HASH];

	audit_link(link, row, v->link);
	if (row->id != v->n + 1)
		v->fault = STORE_AUDIT_MISSING;
	else if (!is_same(link, row->link))
		v->fault = STORE_AUDIT_CHANGED;

	if (v->fault) {
		v->at = row->id;
		v->other = v->n + 1;
		return true;
	}

	v->n = row->id;
	memcpy(v->link, link, sizeof(v->link));
	head_look(w);

	return false;
}


/* is this row what should stand at the break? */
static bool moved_row(const struct store_audit *row, void *arg)
{
	struct store_audit_verdict *v = arg;
	struct store_audit here = *row;
	uint8_t link[STORE_HASH];

	here.id = v->n + 1;
	audit_link(link, &here, v->link);
	if (row->id == here.id || !is_same(link, row->link))
		return false;

	v->fault = STORE_AUDIT_MOVED;
	v->other = row->id;

	return true;
}


int store_audit_verify(struct store *s, const uint8_t *head,
		       struct store_audit_verdict *v)
{
	struct walk w = {.v = v, .head = head};
	int err;

	if (!s || !v)
		return EINVAL;

	memset(v, 0, sizeof(*v));
	head_look(&w);
	err = store_audit_each(s, 0, walk_row, &w);
	if (err)
		return err;

	if (!v->fault && head && !w.found)
		v->fault = STORE_AUDIT_CUT;
	else if (v->fault == STORE_AUDIT_CHANGED)
		err = store_audit_each(s, 0, moved_row, v);

	return err;
}
