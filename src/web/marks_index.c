/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * marks_index.c  Shows marks to who may open them, and hands on to the line what
 * their pages have sealed for it. Must not open a number, nor say whether
 * anybody of that number calls.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/day.h"
#include "epoch/epochs.h"
#include "epoch/numbers.h"
#include "store/mark.h"

#include "bridge.h"
#include "marks.h"
#include "sealed.h"
#include "web.h"


static const struct bridge_refusal refusals[] = {
	{ESTALE, 409, "dialler_changed",
	 "the line has another key by now: ask for the marks again"},
	{EBADMSG, 400, "bad_request",
	 "a number is sealed to the line's key, each for its mark"},
	{EDQUOT, 429, "slow_down",
	 "these marks were told to the line today; thirty more within an "
	 "hour are not taken"},
	{0, 0, NULL, NULL},
};

/* marks being looked at, and for whom */
struct listing {
	struct request *req;
	json_t *list;
	const uint64_t *known; /* ids that the line knows; borrow */
	size_t n_known;
	uint32_t today;
	char line[LIMIT_NAME]; /* that was asked about last */
	int entitled;
	int err;
};


/* many marks, few lines */
static bool may_open(struct listing *l, const char *line)
{
	if (strcmp(l->line, line) != 0) {
		l->entitled = epochs_entitled(l->req->web->store, line,
					      l->req->session.person);
		str_ncpy(l->line, line, sizeof(l->line));
	}
	if (l->entitled && l->entitled != ENOENT)
		l->err = l->entitled;

	return l->entitled == 0;
}


/* ---- what there is ---- */

static bool is_known(const struct listing *l, uint64_t id)
{
	for (size_t i = 0; i < l->n_known; i++) {
		if (l->known[i] == id)
			return true;
	}

	return false;
}


static json_t *day_json(uint32_t day)
{
	char text[DAY_TEXT];

	return json_string(day_text(text, day));
}


static json_t *mark_json(const struct listing *l, const struct store_mark *m)
{
	return json_pack(
		"{s:I, s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:b, s:b, s:o,"
		" s:o}",
		"mark", (json_int_t)m->id, "line", m->line,
		"kind", store_mark_kind_name(m->kind),
		"reason", store_mark_reason_name(m->reason),
		"call", (json_int_t)m->call,
		"person", (json_int_t)m->person, "name", m->name,
		"made_day", day_json(m->made_day),
		"review_day", day_json(m->review_day),
		"due", store_mark_due(m, l->today),
		"indexed", is_known(l, m->id),
		"epoch", m->lost ? json_null() : sealed_number_json(m->epoch),
		"sealed", m->lost ? json_null()
				  : sealed_json(m->sealed, sizeof(m->sealed)));
}


static bool mark_add(const struct store_mark *mark, void *arg)
{
	struct listing *l = arg;

	if (may_open(l, mark->line) &&
	    json_array_append_new(l->list, mark_json(l, mark)))
		l->err = ENOMEM;

	return l->err != 0;
}


/* to what numbers are sealed for the line; null: it has no key */
static json_t *dialler_json(struct store *s)
{
	struct store_dialler d;

	if (store_dialler_current(s, &d))
		return json_null();

	return json_pack("{s:I, s:o}", "id", (json_int_t)d.id, "public",
			 sealed_json(d.public, sizeof(d.public)));
}


static void on_known(struct request *req, const struct wire_msg *msg,
		     void *arg)
{
	const struct wire_marks *marks = msg->payload;
	const size_t size = msg->n_blob / sizeof(uint64_t) * sizeof(uint64_t);
	struct listing l = {.req = req, .today = day_today(),
			    .entitled = ENOENT};
	uint64_t *known = malloc(size + 1);
	int err = known ? 0 : ENOMEM;
	(void)arg;

	if (known && size)
		memcpy(known, msg->blob, size);
	l.list = json_array();
	l.known = known;
	l.n_known = size / sizeof(uint64_t);
	if (!err)
		err = store_mark_each(req->web->store, mark_add, &l);
	if (!err)
		err = l.err;
	free(known);
	if (err) {
		json_decref(l.list);
		request_errno(req, err);
		return;
	}
	request_reply(req, 200, json_pack(
		"{s:I, s:o, s:o}", "day", (json_int_t)marks->day, "dialler",
		dialler_json(req->web->store), "marks", l.list));
}


static void on_marks(struct request *req)
{
	const struct wire_none none = {0};
	const struct bridge_ask ask = {
		.type = WIRE_MARKS,
		.payload = &none,
		.answer = WIRE_MARKS_IS,
		.replyh = on_known,
	};

	bridge_ask(req, &ask);
}


/* ---- telling the line ---- */

struct numbers {
	struct wire_mark_number v[WIRE_MARKS_MOST];
	size_t n;
};


/* one that is not theirs, or is gone meanwhile, is left out: nobody hears that
 * there is one, and the others are taken */
static bool theirs(struct listing *l, uint64_t id)
{
	struct store_mark mark;
	const int err = store_mark_get(l->req->web->store, id, &mark);

	if (err && err != ENOENT)
		l->err = err;

	return !err && may_open(l, mark.line);
}


/* @return false: not sealed as it must be */
static bool number_take(struct listing *l, struct numbers *numbers,
			json_t *row, uint32_t dialler)
{
	struct wire_mark_number *v = &numbers->v[numbers->n];
	const char *sealed;
	json_int_t mark;

	if (json_unpack_ex(row, NULL, JSON_STRICT, "{s:I, s:s}", "mark", &mark,
			   "sealed", &sealed) || mark < 1)
		return false;
	if (number_check(v->sealed,
			 sealed_bytes(v->sealed, sizeof(v->sealed), sealed),
			 dialler))
		return false;
	v->mark = (uint64_t)mark;
	if (theirs(l, v->mark))
		++numbers->n;

	return true;
}


static bool numbers_take(struct listing *l, struct numbers *numbers,
			 uint32_t dialler)
{
	json_t *row;
	size_t i;

	if (json_array_size(l->list) > WIRE_MARKS_MOST)
		return false;
	json_array_foreach(l->list, i, row) {
		if (!number_take(l, numbers, row, dialler))
			return false;
	}

	return true;
}


/* @return the first one that has no room any more */
static size_t ids_write(char detail[STORE_AUDIT_DETAIL],
			const struct numbers *numbers, size_t i)
{
	char id[24];
	size_t n = 0;

	for (; i < numbers->n; i++) {
		(void)snprintf(id, sizeof(id), "%s%" PRIu64, n ? " " : "",
			       numbers->v[i].mark);
		if (n + strlen(id) >= STORE_AUDIT_DETAIL)
			break;
		memcpy(detail + n, id, strlen(id) + 1);
		n += strlen(id);
	}

	return i;
}


/* it is on record before the line hears of it: each of them, so that none hides
 * among many */
static int audit(struct request *req, const struct numbers *numbers)
{
	int err = 0;

	for (size_t i = 0; i < numbers->n && !err;) {
		struct store_audit row = web_audit(req, "marks_indexed", 0);

		i = ids_write(row.detail, numbers, i);
		err = store_audit_now(req->web->store, &row);
	}

	return err;
}


static void numbers_hand_on(struct request *req, const struct numbers *numbers,
			    uint32_t dialler)
{
	const struct wire_mark_index index = {
		.person = req->session.person,
		.dialler = dialler,
	};
	const struct bridge_ask ask = {
		.type = WIRE_MARK_INDEX,
		.payload = &index,
		.blob = numbers->v,
		.n_blob = numbers->n * sizeof(numbers->v[0]),
		.answer = WIRE_DONE,
		.refusals = refusals,
	};
	const int err = audit(req, numbers);

	if (err)
		request_errno(req, err);
	else
		bridge_ask(req, &ask);
}


static void on_index(struct request *req)
{
	struct listing l = {.req = req, .entitled = ENOENT};
	struct numbers *numbers;
	json_int_t dialler;

	if (!request_unpack(req, "{s:I, s:o}", "dialler", &dialler, "marks",
			    &l.list))
		return;
	numbers = mem_zalloc(sizeof(*numbers), NULL);
	if (!numbers) {
		request_errno(req, ENOMEM);
		return;
	}
	req->state = numbers;
	if (dialler < 1 || dialler > UINT32_MAX || !json_is_array(l.list) ||
	    !numbers_take(&l, numbers, (uint32_t)dialler))
		request_error(req, 400, "bad_request",
			      "a number is sealed to the line's key, each for "
			      "its mark, 64 at most at one time");
	else if (l.err)
		request_errno(req, l.err);
	else if (!numbers->n)
		request_done(req);
	else
		numbers_hand_on(req, numbers, (uint32_t)dialler);
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/marks", on_marks, 0, SESSION_ANY},
	{ROUTE_POST, "/api/v1/marks/index", on_index, 0, SESSION_ANY},
};

const struct route_table marks_index_routes = {routes, ARRAY_SIZE(routes)};
