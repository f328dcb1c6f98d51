/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_telephone.c  Where people are rung, in their rows. Must not begin or
 * end transactions.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


/* whoever is off duty for this alone is not any more */
#define ON_AGAIN                                                              \
	" on_duty = on_duty OR off_reason = '" STORE_OFF_WAITS "',"           \
	" off_at = iif(off_reason = '" STORE_OFF_WAITS "', 0, off_at),"       \
	" off_reason = iif(off_reason = '" STORE_OFF_WAITS "', '',"           \
	" off_reason)"

const char *const sqlite_telephone_sql[STMTS] = {
	[STMT_TELEPHONE_SET] =
		"UPDATE person SET phone = ?1, phone_dialler = ?2,"
		" phone_epoch = ?3, phone_for_dialler = ?4,"
		" phone_for_epoch = ?5," ON_AGAIN " WHERE id = ?6",
	[STMT_TELEPHONE_SEAL] =
		"UPDATE person SET phone = '', phone_dialler = ?1,"
		" phone_epoch = ?2, phone_for_dialler = ?3,"
		" phone_for_epoch = ?4 WHERE id = ?5 AND phone = ?6"
		" AND phone_for_dialler IS ?7",
	[STMT_TELEPHONE_BACK] =
		"UPDATE person SET phone_dialler = ?1, phone_for_dialler = ?2,"
		ON_AGAIN " WHERE id = ?3 AND phone_dialler NOT IN (0, ?1)",
};


int sqlite_telephone_set(struct store_db *db,
			 const struct store_person *person)
{
	struct cursor c = {db->stmt[STMT_TELEPHONE_SET], 0, SQLITE_OK};

	put_secret(&c, &person->phone);
	put_number(&c, &person->number);
	put_int(&c, person->id);

	return put_run_one(db, STMT_TELEPHONE_SET, &c);
}


int sqlite_telephone_seal(struct store_db *db,
			  const struct telephone_change *change)
{
	struct cursor c = {db->stmt[STMT_TELEPHONE_SEAL], 0, SQLITE_OK};

	put_number(&c, &change->number);
	put_int(&c, change->person);
	put_secret(&c, &change->phone);
	if (change->was.dialler)
		put_blob(&c, change->was.for_dialler, STORE_NUMBER);
	else
		put_null(&c);

	return put_run_one(db, STMT_TELEPHONE_SEAL, &c);
}


int sqlite_telephone_back(struct store_db *db,
			  const struct telephone_change *change)
{
	struct cursor c = {db->stmt[STMT_TELEPHONE_BACK], 0, SQLITE_OK};

	put_int(&c, change->number.dialler);
	put_blob(&c, change->number.for_dialler, STORE_NUMBER);
	put_int(&c, change->person);

	return put_run_one(db, STMT_TELEPHONE_BACK, &c);
}
