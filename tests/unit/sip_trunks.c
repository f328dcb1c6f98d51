/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sip_trunks.c  Makes a store with trunks, and clears it away again.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "sip_trunks.h"


void sip_trunks_open(struct sip_trunks *t, struct sip *sip)
{
	const struct step_trace trace = {NULL, NULL};

	memset(t, 0, sizeof(*t));
	str_ncpy(t->dir, "/tmp/ringback-trunks-XXXXXX", sizeof(t->dir));
	assert_non_null(mkdtemp(t->dir));
	(void)re_snprintf(t->secret_file, sizeof(t->secret_file), "%s/secret",
			  t->dir);
	assert_int_equal(store_open(&t->store, t->dir, STORE_CREATE), 0);
	assert_int_equal(trunks_alloc(&t->trunks, sip, &trace), 0);
}


void sip_trunks_close(struct sip_trunks *t)
{
	static const char *const files[] = {"secret", "store.db",
					    "store.db-wal", "store.db-shm"};
	char path[128];

	t->trunks = mem_deref(t->trunks);
	store_close(t->store);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		(void)re_snprintf(path, sizeof(path), "%s/%s", t->dir,
				  files[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(t->dir), 0);
}


void sip_trunks_secret(struct sip_trunks *t, const char *text)
{
	FILE *f;

	(void)unlink(t->secret_file);
	if (!text)
		return;

	f = fopen(t->secret_file, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}


void sip_trunks_static(struct sip_trunks *t, const char *name,
		       const char *from)
{
	struct store_trunk row = {.kind = STORE_TRUNK_STATIC};

	str_ncpy(row.name, name, sizeof(row.name));
	str_ncpy(row.from, from, sizeof(row.from));
	assert_int_equal(store_trunk_add(t->store, &row), 0);
	assert_int_equal(trunks_load(t->trunks, t->store), 0);
}


void sip_trunks_register(struct sip_trunks *t, const char *name,
			 const char *user, const struct sa *host)
{
	struct store_trunk row = {.kind = STORE_TRUNK_REGISTER};
	char uri[128];
	int n;

	n = re_snprintf(uri, sizeof(uri), "sip:%s@%J", user, host);
	assert_true(n > 0);
	assert_int_equal(secret_set(&row.uri, uri, (size_t)n), 0);
	str_ncpy(row.name, name, sizeof(row.name));
	str_ncpy(row.secret_file, t->secret_file, sizeof(row.secret_file));
	assert_int_equal(store_trunk_add(t->store, &row), 0);
	assert_int_equal(trunks_load(t->trunks, t->store), 0);
}


int sip_trunks_state(const struct sip_trunks *t, const char *name)
{
	struct wire_trunk v[8];
	const size_t n = trunks_state(t->trunks, v, ARRAY_SIZE(v));

	for (size_t i = 0; i < n && i < ARRAY_SIZE(v); i++) {
		if (!strcmp(v[i].name, name))
			return (int)v[i].state;
	}

	return -1;
}
