/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * promised.c  Seals the numbers that are owed a ring, and opens them. Must not
 * write one anywhere unsealed, nor ring it.
 */
#include <inttypes.h>

#include "epoch/numbers.h"
#include "promised.h"
#include "records.h"
#include "switchboard_parts.h"

#define LOG_MODULE "promised"
#include "base/log.h"


/* ---- the key ------------------------------------------------------------- */

static int key_record(struct switchboard *sb)
{
	struct store_dialler d = {.id = 0};
	int err;

	err = store_dialler_current(sb->c.store, &d);
	if (err && err != ENOENT)
		return err;
	if (err || memcmp(d.public, held_public(sb->held), STORE_DIALLER)) {
		memset(&d, 0, sizeof(d));
		memcpy(d.public, held_public(sb->held), STORE_DIALLER);
		d.made_at = wall_now();
		err = store_dialler_add(sb->c.store, &d);
	}
	if (!err)
		sb->dialler = d;

	return err;
}


void promised_key_keep(struct switchboard *sb)
{
	int err;

	if (sb->dialler.id)
		return;
	err = key_record(sb);
	if (err)
		log_error("numbers cannot be sealed, and nobody can be "
			  "promised to be rung back, until the store takes "
			  "our key: %s", strerror(err));
	else
		people_key(sb->people, &sb->dialler, held_private(sb->held));
	promised_look(sb);
}


/* ---- sealing ------------------------------------------------------------- */

int promised_seal(struct call *call)
{
	const struct switchboard *sb = call->sb;
	const char *line = sb->c.config->lines[call->line].name;
	struct store_epoch epoch;
	int err;

	if (!sb->dialler.id)
		return ENOKEY;
	err = store_epoch_current(sb->c.store, line, &epoch);
	if (err && err != ENOENT)
		return err;

	return number_seal(&call->sealed, &sb->dialler, err ? NULL : &epoch,
			   number_of_call(call->id), &call->number);
}


/* open here, and to be opened after a loss of power, too: by our key of today,
 * and by people */
static bool is_stale(const struct call *call)
{
	return secret_reveal(&call->number)[0] &&
	       (call->sealed.dialler != call->sb->dialler.id ||
		!call->sealed.epoch);
}


void promised_renew(struct call *call)
{
	int err;

	if (!is_stale(call))
		return;
	err = promised_seal(call);
	if (err)
		log_error("the number of call %" PRIu64 " cannot be sealed, and "
			  "stays as it is on disk: %s", call->id,
			  strerror(err));
}


/* of one that nothing is about to be written of */
static bool look(struct le *le, void *arg)
{
	struct switchboard *sb = arg;
	struct call *call = le->data;
	const uint64_t epoch = call->sealed.epoch;
	const uint32_t dialler = call->sealed.dialler;
	struct store_promise row;
	struct core_record rec;

	if (call->ended || !core_get_record(sb->core, call->id, &rec) ||
	    (rec.state != CALL_PROMISED && rec.state != CALL_DUE) ||
	    !rec.promise.has_number)
		return false;
	promised_renew(call);
	if (call->sealed.epoch == epoch && call->sealed.dialler == dialler)
		return false;
	record_promise_row(&row, &rec, &call->sealed);
	ledger_promise_update(sb->ledger, &row);

	return false;
}


void promised_look(struct switchboard *sb)
{
	if (sb->dialler.id)
		(void)hash_apply(sb->calls, look, sb);
}


/* ---- opening ------------------------------------------------------------- */

/* left by an older Ringback: the next write seals it */
static bool open_clear(struct call *call)
{
	return store_promise_clear(call->sb->c.store, call->id,
				   &call->number) == 0;
}


bool promised_open(struct call *call, const struct store_promise *promise)
{
	const struct switchboard *sb = call->sb;
	int err;

	if (!number_is(&promise->number))
		return open_clear(call);

	err = number_open(&call->number, &promise->number,
			  number_of_call(call->id), held_private(sb->held));
	if (err && err != EKEYREJECTED)
		log_error("the number of call %" PRIu64 " is damaged and cannot"
			  " be rung; close its promise, or restore a backup",
			  call->id);

	/* even to our key of another time: it goes to disk again as it is if it
	 * cannot be sealed anew */
	call->sealed = promise->number;

	return true;
}


bool promised_waits(const struct call *call)
{
	return number_is(&call->sealed) && !secret_reveal(&call->number)[0];
}


/* ---- brought back -------------------------------------------------------- */

static int open_back(struct call *call, const struct wire_number_row *row)
{
	struct store_number fresh = call->sealed;
	struct secret_text number;
	int err;

	fresh.dialler = call->sb->dialler.id;
	err = number_check(row->sealed, STORE_NUMBER, fresh.dialler);
	if (err)
		return EBADMSG;
	memcpy(fresh.for_dialler, row->sealed, STORE_NUMBER);
	err = number_open(&number, &fresh, number_of_call(call->id),
			  held_private(call->sb->held));
	if (!err) {
		call->number = number;
		call->sealed = fresh;
	}
	secret_wipe(&number);

	return err ? EBADMSG : 0;
}


static void back_record(struct switchboard *sb, uint32_t person,
			uint64_t call)
{
	struct store_audit row = {.person = person, .call = call};

	str_ncpy(row.what, "number_resealed", sizeof(row.what));
	audit_note(sb->audit, &row);
}


int promised_back(struct switchboard *sb, const struct wire_number_back *back,
		  const struct wire_number_row *row)
{
	struct core_event ev = {.type = CORE_NUMBER_BACK, .call = row->call};
	struct call *call = calls_find(sb, row->call);
	int err;

	if (!sb->dialler.id || back->dialler != sb->dialler.id)
		return ESTALE;
	if (!call || call->ended || !promised_waits(call))
		return ENOENT;
	err = open_back(call, row);
	if (err)
		return err;

	back_record(sb, back->person, call->id);
	call->owed = true;
	twins_tell(&ev, call);
	switchboard_post(sb, &ev);

	return 0;
}


/* ---- how many ------------------------------------------------------------ */

struct count {
	uint32_t n_waiting, n_unbacked;
};


static bool count(struct le *le, void *arg)
{
	const struct call *call = le->data;
	struct count *c = arg;

	if (call->ended || !number_is(&call->sealed))
		return false;
	c->n_waiting += promised_waits(call);
	c->n_unbacked += !call->sealed.epoch;

	return false;
}


void promised_count(const struct switchboard *sb, uint32_t *n_waiting,
		uint32_t *n_unbacked)
{
	struct count c = {0, 0};

	(void)hash_apply(sb->calls, count, &c);
	*n_waiting = c.n_waiting;
	*n_unbacked = c.n_unbacked;
}
