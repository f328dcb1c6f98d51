/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_call.c  Calls for help as rows. Must not begin or end transactions,
 * nor know what the words in a record mean.
 */
#include <errno.h>
#include <string.h>

#include "coarse.h"
#include "keep.h"
#include "sqlite_row.h"


#define CALL_ROWS                                                             \
	"SELECT c.id, c.line, c.language, c.state, c.outcome, c.reason,"      \
	" c.arrived_at, c.wait_ms, c.talk_ms, c.counsellor,"                  \
	" coalesce(p.name, ''), c.result, c.sound_reports, c.loss_mean,"      \
	" c.loss_worst, c.jitter_ms, c.rtt_ms"                                \
	" FROM call c LEFT JOIN person p ON p.id = c.counsellor"

const char *const sqlite_call_sql[STMTS] = {
	/* when it came is judged once, as it comes; later it is rounded, and
	 * that is all: what came long ago is not of today as it ends */
	[STMT_CALL_PUT] =
		"INSERT INTO call (id, line, language, state, outcome, reason,"
		" arrived_at, wait_ms, talk_ms, counsellor)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce((SELECT"
		" day * 86400000 FROM looked"
		" WHERE ?7 > 0 AND ?7 < (day - ?11) * 86400000), ?7),"
		" ?8, ?9, ?10)"
		" ON CONFLICT (id) DO UPDATE SET line = ?2, language = ?3,"
		" state = ?4, outcome = ?5, reason = ?6,"
		" arrived_at = CASE WHEN ?7 BETWEEN arrived_at - ?12"
		" AND arrived_at THEN ?7 ELSE arrived_at END,"
		" wait_ms = ?8, talk_ms = ?9, counsellor = ?10",
	/* a negative limit is none */
	[STMT_CALL_EACH] = CALL_ROWS " ORDER BY c.id DESC LIMIT ?1",
	[STMT_CALL_OPEN] = CALL_ROWS " WHERE c.outcome = '' ORDER BY c.id",
	[STMT_CALL_GET] = CALL_ROWS " WHERE c.id = ?1",
	/* the mean of all reports, rounded; SET sees the row as it was */
	[STMT_CALL_SOUND] =
		"UPDATE call SET sound_reports = sound_reports + ?1,"
		" loss_mean = (loss_mean * sound_reports + ?2 * ?1"
		" + (sound_reports + ?1) / 2) / (sound_reports + ?1),"
		" loss_worst = max(loss_worst, ?3),"
		" jitter_ms = max(jitter_ms, ?4), rtt_ms = max(rtt_ms, ?5)"
		" WHERE id = ?6",
	[STMT_CALL_RESULT] = "UPDATE call SET result = ?1 WHERE id = ?2",
	[STMT_CALL_LAST] =
		"SELECT max(coalesce((SELECT max(id) FROM call), 0),"
		" coalesce((SELECT last FROM call_number), 0))",
};


int sqlite_call_put(struct store_db *db, const struct store_call *call)
{
	struct cursor c = {db->stmt[STMT_CALL_PUT], 0, SQLITE_OK};

	put_uint(&c, call->id);
	put_text(&c, call->line);
	put_text(&c, call->language);
	put_text(&c, call->state);
	put_text(&c, call->outcome);
	put_text(&c, call->reason);
	put_int(&c, call->arrived_at);
	put_uint(&c, call->wait_ms);
	put_uint(&c, call->talk_ms);
	put_int(&c, call->counsellor);
	put_int(&c, STORE_TRUST);
	put_int(&c, COARSE_QUARTER);

	return put_run(db, STMT_CALL_PUT, &c);
}


static void call_read(struct cursor *c, struct store_call *call)
{
	memset(call, 0, sizeof(*call));
	call->id = (uint64_t)get_int(c);
	get_text(c, call->line, sizeof(call->line));
	get_text(c, call->language, sizeof(call->language));
	get_text(c, call->state, sizeof(call->state));
	get_text(c, call->outcome, sizeof(call->outcome));
	get_text(c, call->reason, sizeof(call->reason));
	call->arrived_at = get_int(c);
	call->wait_ms = (uint64_t)get_int(c);
	call->talk_ms = (uint64_t)get_int(c);
	call->counsellor = (uint32_t)get_int(c);
	get_text(c, call->counsellor_name, sizeof(call->counsellor_name));
	get_text(c, call->result, sizeof(call->result));
	call->sound.n_reports = (uint32_t)get_int(c);
	call->sound.loss_mean = (uint16_t)get_int(c);
	call->sound.loss_worst = (uint16_t)get_int(c);
	call->sound.jitter_ms = (uint16_t)get_int(c);
	call->sound.rtt_ms = (uint16_t)get_int(c);
}


struct call_ctx {
	store_call_h *h;
	void *arg;
};


static bool call_row(struct cursor *c, void *data)
{
	const struct call_ctx *ctx = data;
	struct store_call call;

	call_read(c, &call);

	return ctx->h(&call, ctx->arg);
}


int sqlite_call_each(struct store_db *db, uint32_t limit, store_call_h *h,
		     void *arg)
{
	struct cursor c = {db->stmt[STMT_CALL_EACH], 0, SQLITE_OK};
	struct call_ctx ctx = {h, arg};

	put_int(&c, limit ? (int64_t)limit : -1);

	return rows_each(db, STMT_CALL_EACH, &c, call_row, &ctx);
}


int sqlite_call_open(struct store_db *db, store_call_h *h, void *arg)
{
	const struct cursor c = {db->stmt[STMT_CALL_OPEN], 0, SQLITE_OK};
	struct call_ctx ctx = {h, arg};

	return rows_each(db, STMT_CALL_OPEN, &c, call_row, &ctx);
}


static bool call_last_row(struct cursor *c, void *data)
{
	*(uint64_t *)data = (uint64_t)get_int(c);

	return true;
}


int sqlite_call_last(struct store_db *db, uint64_t *idp)
{
	const struct cursor c = {db->stmt[STMT_CALL_LAST], 0, SQLITE_OK};

	return rows_each(db, STMT_CALL_LAST, &c, call_last_row, idp);
}


static bool call_get_row(struct cursor *c, void *data)
{
	call_read(c, data);

	return true;
}


int sqlite_call_get(struct store_db *db, uint64_t id, struct store_call *call)
{
	struct cursor c = {db->stmt[STMT_CALL_GET], 0, SQLITE_OK};
	int err;

	call->id = 0;
	put_uint(&c, id);
	err = rows_each(db, STMT_CALL_GET, &c, call_get_row, call);
	if (err)
		return err;

	return call->id ? 0 : ENOENT;
}


int sqlite_call_sound(struct store_db *db, uint64_t id,
		      const struct store_sound *sound)
{
	struct cursor c = {db->stmt[STMT_CALL_SOUND], 0, SQLITE_OK};

	put_uint(&c, sound->n_reports);
	put_uint(&c, sound->loss_mean);
	put_uint(&c, sound->loss_worst);
	put_uint(&c, sound->jitter_ms);
	put_uint(&c, sound->rtt_ms);
	put_uint(&c, id);

	return put_run_one(db, STMT_CALL_SOUND, &c);
}


int sqlite_call_result(struct store_db *db, uint64_t id, const char *result)
{
	struct cursor c = {db->stmt[STMT_CALL_RESULT], 0, SQLITE_OK};

	put_text(&c, result);
	put_uint(&c, id);

	return put_run_one(db, STMT_CALL_RESULT, &c);
}
