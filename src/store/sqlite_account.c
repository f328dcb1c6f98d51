/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sqlite_account.c  Accounts, invitations, roles and keys as rows. Must not
 * begin or end transactions, nor know what is in a hash.
 */
#include <errno.h>
#include <string.h>

#include "sqlite_row.h"


const char *const sqlite_account_sql[STMTS] = {
	[STMT_ACCOUNT_PUT] =
		"INSERT OR REPLACE INTO account (person, salt, opslimit,"
		" memlimit, proof, totp, totp_counter)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STMT_ACCOUNT_GET] =
		"SELECT person, salt, opslimit, memlimit, proof, totp,"
		" totp_counter FROM account WHERE person = ?1",
	[STMT_ACCOUNT_REMOVE] = "DELETE FROM account WHERE person = ?1",
	[STMT_ACCOUNT_TOTP] =
		"UPDATE account SET totp = ?1, totp_counter = ?2"
		" WHERE person = ?3",
	/* one code opens once, whoever is asked first */
	[STMT_ACCOUNT_CODE] =
		"UPDATE account SET totp_counter = ?1"
		" WHERE person = ?2 AND totp_counter < ?1",
	[STMT_INVITATION_PUT] =
		"INSERT OR REPLACE INTO invitation (person, hash, ends_at,"
		" used) SELECT id, ?1, ?2, ?3 FROM person WHERE id = ?4",
	[STMT_INVITATION_GET] =
		"SELECT person, hash, ends_at, used FROM invitation"
		" WHERE hash = ?1",
	[STMT_INVITATION_USE] =
		"UPDATE invitation SET used = 1"
		" WHERE hash = ?1 AND used = 0 AND ends_at > ?2",
	[STMT_ROLE_ADD] =
		"INSERT INTO role (person, line, role)"
		" VALUES (?1, ?2, ?3)",
	[STMT_ROLE_REMOVE] = "DELETE FROM role WHERE person = ?1",
	[STMT_ROLE_EACH] =
		"SELECT person, line, role FROM role"
		" WHERE person = ?1 OR ?1 = 0 ORDER BY person, line",
	[STMT_KEY_ADD] =
		"INSERT OR IGNORE INTO key (name, value) VALUES (?1, ?2)",
	[STMT_KEY_GET] = "SELECT value FROM key WHERE name = ?1",
};


static int account_put(struct store_db *db, const struct store_account *a)
{
	struct cursor c = {db->stmt[STMT_ACCOUNT_PUT], 0, SQLITE_OK};

	put_int(&c, a->person);
	put_blob(&c, a->salt, sizeof(a->salt));
	put_uint(&c, a->opslimit);
	put_uint(&c, a->memlimit);
	put_blob(&c, a->proof, sizeof(a->proof));
	put_secret(&c, &a->totp);
	put_int(&c, a->totp_counter);

	return put_run(db, STMT_ACCOUNT_PUT, &c);
}


static bool account_row(struct cursor *c, void *data)
{
	struct store_account *a = data;

	a->person = (uint32_t)get_int(c);
	get_blob(c, a->salt, sizeof(a->salt));
	a->opslimit = (uint64_t)get_int(c);
	a->memlimit = (uint64_t)get_int(c);
	get_blob(c, a->proof, sizeof(a->proof));
	get_secret(c, &a->totp);
	a->totp_counter = get_int(c);

	return true;
}


int sqlite_account_get(struct store_db *db, uint32_t person,
		       struct store_account *account)
{
	struct cursor c = {db->stmt[STMT_ACCOUNT_GET], 0, SQLITE_OK};
	int err;

	memset(account, 0, sizeof(*account));
	put_int(&c, person);
	err = rows_each(db, STMT_ACCOUNT_GET, &c, account_row, account);
	if (err)
		return err;

	return account->person ? 0 : ENOENT;
}


/* a statement that needs nothing but a person */
static int run_person(struct store_db *db, enum stmt i, uint32_t person)
{
	struct cursor c = {db->stmt[i], 0, SQLITE_OK};

	put_int(&c, person);

	return put_run(db, i, &c);
}


int sqlite_account_totp(struct store_db *db, uint32_t person,
			const struct secret_text *totp, int64_t counter)
{
	struct cursor c = {db->stmt[STMT_ACCOUNT_TOTP], 0, SQLITE_OK};

	put_secret(&c, totp);
	put_int(&c, counter);
	put_int(&c, person);

	return put_run_one(db, STMT_ACCOUNT_TOTP, &c);
}


int sqlite_account_code(struct store_db *db, uint32_t person, int64_t counter)
{
	struct cursor c = {db->stmt[STMT_ACCOUNT_CODE], 0, SQLITE_OK};
	int err;

	put_int(&c, counter);
	put_int(&c, person);
	err = put_run_one(db, STMT_ACCOUNT_CODE, &c);

	return err == ENOENT ? EALREADY : err;
}


int sqlite_invitation_put(struct store_db *db,
			  const struct store_invitation *invitation)
{
	struct cursor c = {db->stmt[STMT_INVITATION_PUT], 0, SQLITE_OK};
	int err;

	put_blob(&c, invitation->hash, sizeof(invitation->hash));
	put_int(&c, invitation->ends_at);
	put_int(&c, invitation->used);
	put_int(&c, invitation->person);
	err = put_run_one(db, STMT_INVITATION_PUT, &c);
	if (err)
		return err;

	err = run_person(db, STMT_SESSION_REMOVE_ALL, invitation->person);

	return err ? err
		   : run_person(db, STMT_ACCOUNT_REMOVE, invitation->person);
}


static bool invitation_row(struct cursor *c, void *data)
{
	struct store_invitation *i = data;

	i->person = (uint32_t)get_int(c);
	get_blob(c, i->hash, sizeof(i->hash));
	i->ends_at = get_int(c);
	i->used = get_int(c) != 0;

	return true;
}


int sqlite_invitation_get(struct store_db *db, const uint8_t *hash,
			  struct store_invitation *invitation)
{
	struct cursor c = {db->stmt[STMT_INVITATION_GET], 0, SQLITE_OK};
	int err;

	memset(invitation, 0, sizeof(*invitation));
	put_blob(&c, hash, STORE_HASH);
	err = rows_each(db, STMT_INVITATION_GET, &c, invitation_row,
			invitation);
	if (err)
		return err;

	return invitation->person ? 0 : ENOENT;
}


/* the passphrase that opened these is not used any more */
static int sealed_forget(struct store_db *db, uint32_t person)
{
	static const enum stmt all[] = {
		STMT_GRANT_REMOVE_ALL, STMT_IDENTITY_REMOVE,
		STMT_DRAFT_REMOVE_ALL,
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(all) / sizeof(all[0]); i++)
		err = run_person(db, all[i], person);

	return err;
}


int sqlite_invitation_accept(struct store_db *db, const uint8_t *hash,
			     int64_t now, struct store_account *account)
{
	struct cursor c = {db->stmt[STMT_INVITATION_USE], 0, SQLITE_OK};
	struct store_invitation invitation;
	int err;

	put_blob(&c, hash, STORE_HASH);
	put_int(&c, now);
	err = put_run_one(db, STMT_INVITATION_USE, &c);
	if (err)
		return err;

	err = sqlite_invitation_get(db, hash, &invitation);
	if (err)
		return err;
	account->person = invitation.person;
	err = sealed_forget(db, account->person);

	return err ? err : account_put(db, account);
}


static int role_add(struct store_db *db, uint32_t person,
		    const struct store_role *role)
{
	struct cursor c = {db->stmt[STMT_ROLE_ADD], 0, SQLITE_OK};
	int err;

	put_int(&c, person);
	put_text(&c, role->line);
	put_text(&c, role->role);
	err = put_run(db, STMT_ROLE_ADD, &c);

	return err;
}


int sqlite_roles_set(struct store_db *db, uint32_t person,
		     const struct store_role *roles, size_t n)
{
	struct store_person who;
	int err;

	err = sqlite_person_find(db, person, &who);
	secret_wipe(&who.phone);
	if (!err)
		err = run_person(db, STMT_ROLE_REMOVE, person);
	for (size_t i = 0; !err && i < n; i++)
		err = role_add(db, person, &roles[i]);

	return err == EEXIST ? EINVAL : err; /* two for one line */
}


struct role_ctx {
	store_role_h *h;
	void *arg;
};


static bool role_row(struct cursor *c, void *data)
{
	const struct role_ctx *ctx = data;
	struct store_role role;

	memset(&role, 0, sizeof(role));
	role.person = (uint32_t)get_int(c);
	get_text(c, role.line, sizeof(role.line));
	get_text(c, role.role, sizeof(role.role));

	return ctx->h(&role, ctx->arg);
}


int sqlite_role_each(struct store_db *db, uint32_t person, store_role_h *h,
		     void *arg)
{
	struct cursor c = {db->stmt[STMT_ROLE_EACH], 0, SQLITE_OK};
	struct role_ctx ctx = {h, arg};

	put_int(&c, person);

	return rows_each(db, STMT_ROLE_EACH, &c, role_row, &ctx);
}


static bool key_row(struct cursor *c, void *data)
{
	get_blob(c, data, STORE_HASH);

	return true;
}


int sqlite_key(struct store_db *db, const char *name, uint8_t *key)
{
	struct cursor add = {db->stmt[STMT_KEY_ADD], 0, SQLITE_OK};
	struct cursor get = {db->stmt[STMT_KEY_GET], 0, SQLITE_OK};
	int err;

	put_text(&add, name);
	put_blob(&add, key, STORE_HASH);
	err = put_run(db, STMT_KEY_ADD, &add);
	if (err)
		return err;

	put_text(&get, name);

	return rows_each(db, STMT_KEY_GET, &get, key_row, key);
}
