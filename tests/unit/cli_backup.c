/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_backup.c  `ringback backup` and `ringback restore`: what is dropped is
 * gone from older backups; a backup is there whole or not at all, and so is
 * what is restored.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>
#include <sodium.h>

#include "cli/exit.h"
#include "cli/parcel.h"
#include "cli/ring.h"
#include "store/note.h"
#include "cli_run.h"
#include "someone.h"
#include "tmpdir.h"
#include "typed.h"

static const int64_t november = 1793500000000; /* 2026-11-01 */
static const int64_t december = 1796200000000;

enum { CALL = 1, MOST = 400000 };

struct here {
	char dir[TMPDIR_SIZE];
	char shares[2 * RECOVERY_TEXT]; /* enough of them */
	struct ran ran;
	struct someone ana;
};


/* ---- a line -------------------------------------------------------------- */

static struct store *store_in(const char *folder)
{
	struct store *s;

	assert_int_equal(store_open(&s, folder, STORE_TOOL), 0);

	return s;
}


static void line_make(const char *folder)
{
	struct store_call call = a_call(CALL);
	struct store *s;
	char path[64];
	FILE *conf;

	assert_int_equal(mkdir(folder, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/ringback.conf", folder);
	conf = fopen(path, "w");
	assert_non_null(conf);
	assert_true(fputs("line \"main\" {\n}\n", conf) >= 0);
	assert_int_equal(fclose(conf), 0);
	assert_int_equal(store_open(&s, folder, STORE_CREATE), 0);
	assert_int_equal(store_call_put(s, &call, NULL, NULL), 0);
	store_close(s);
}


static void shares_make(struct here *h, const char *folder)
{
	char words[RECOVERY_TEXT];

	CLI_RUN(&h->ran, recovery_main, "make", "--data", folder);
	assert_int_equal(h->ran.code, EXIT_DONE);
	words_of(words, h->ran.out, 1);
	(void)snprintf(h->shares, sizeof(h->shares), "%s\n\n", words);
	words_of(words, h->ran.out, 3);
	strcat(h->shares, words);
	memset(h->ran.out, 0, sizeof(h->ran.out));
}


static int setup(void **state)
{
	struct here *h = test_calloc(1, sizeof(*h));
	struct store *s;

	tmpdir_make(h->dir, "backup");
	assert_int_equal(chdir(h->dir), 0);
	line_make("line");
	shares_make(h, "line");
	assert_int_equal(mkdir("away", 0700), 0);
	s = store_in("line");
	h->ana = someone(s, "Ana", "", NULL);
	store_close(s);
	*state = h;

	return 0;
}


static int teardown(void **state)
{
	struct here *h = *state;

	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(h->dir);
	test_free(h);

	return 0;
}


/* ---- files --------------------------------------------------------------- */

/* how many of a folder's files end so; the path of the last by name */
static unsigned files_in(const char *folder, const char *ending, char *last)
{
	struct dirent **v;
	const int n = scandir(folder, &v, NULL, alphasort);
	unsigned count = 0;

	assert_true(n >= 0);
	for (int i = 0; i < n; i++) {
		const char *name = v[i]->d_name;
		const size_t len = strlen(name), end = strlen(ending);

		if (*name != '.' && len >= end &&
		    !strcmp(name + len - end, ending)) {
			++count;
			if (last)
				(void)snprintf(last, 300, "%s/%s", folder,
					       name);
		}
		free(v[i]);
	}
	free(v);

	return count;
}


static void file_move(const char *from, const char *to)
{
	assert_int_equal(rename(from, to), 0);
}


static void file_copy(const char *from, const char *to)
{
	static uint8_t v[MOST];
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			     0600);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	n = read(in, v, MOST);
	assert_true(n > 0 && n < MOST);
	assert_int_equal(write(out, v, (size_t)n), n);
	(void)close(in);
	(void)close(out);
}


/* Made, and moved to where it is told from the next one */
static void backup_to(struct here *h, const char *path)
{
	char made[300];

	CLI_RUN(&h->ran, backup_main, "away", "--data", "line");
	assert_string_equal(h->ran.err, "");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_int_equal(files_in("away", ".backup", made), 1);
	assert_int_equal(files_in("away", "", NULL), 2);
	file_move(made, path);
}


static void restore(struct here *h, const char *file, const char *keyring,
		    const char *to)
{
	typed(h->shares);
	if (keyring)
		CLI_RUN(&h->ran, restore_main, file, "--keyring", keyring,
			"--data", to);
	else
		CLI_RUN(&h->ran, restore_main, file, "--data", to);
}


/* ---- what is dropped is gone --------------------------------------------- */

static struct store_epoch keep_in(const char *folder, int64_t now)
{
	struct store *s = store_in(folder);
	const struct store_epoch e = keep(s, "main", now);

	store_close(s);

	return e;
}


static bool opens_in(const char *folder, const struct store_epoch *e,
		     const struct someone *who)
{
	struct store *s = store_in(folder);
	const bool yes = opens(s, e, who);

	store_close(s);

	return yes;
}


static bool note_any(const struct store_note *note, void *arg)
{
	(void)note;
	++*(unsigned *)arg;

	return false;
}


static unsigned notes_in(const char *folder)
{
	struct store *s = store_in(folder);
	unsigned n = 0;

	assert_int_equal(store_note_each(s, CALL, note_any, &n), 0);
	store_close(s);

	return n;
}


static void note_write(const struct here *h, const struct store_epoch *e)
{
	const struct seal_about about = {.kind = SEAL_NOTE, .epoch = e->id,
					 .subject = CALL};
	uint8_t sealed[2048];
	struct store_note note = {
		.call = CALL, .person = h->ana.id, .day = 20000,
		.epoch = e->id, .sealed = sealed,
		.n_sealed = seal_size(SEAL_NOTE, 4)};
	struct store *s = store_in("line");

	assert_int_equal(seal_make(sealed, &about, e->public,
				   (const uint8_t *)"note", 4), 0);
	assert_int_equal(store_note_add(s, &note), 0);
	store_close(s);
}


static struct someone by_recovery(const struct here *h)
{
	struct recovery_share v[2];
	struct someone who = {.id = 0};
	struct store_recovery r;
	struct store *s = store_in("line");
	const char *second = strstr(h->shares, "\n\n") + 2;
	char first[RECOVERY_TEXT];

	(void)snprintf(first, sizeof(first), "%.*s",
		       (int)(second - h->shares) - 2, h->shares);
	assert_int_equal(recovery_read(&v[0], first, NULL), 0);
	assert_int_equal(recovery_read(&v[1], second, NULL), 0);
	assert_int_equal(store_recovery_get(s, &r), 0);
	assert_int_equal(recovery_join(who.private, r.public, v, 2), 0);
	store_close(s);

	return who;
}


/* With all shares of the recovery key, with the passphrase, with a backup of
 * when it was still there: not with the newest keyring. With the one of then it
 * would open, which is why there is only one. */
static void test_dropped_is_gone(void **state)
{
	struct here *h = *state;
	const struct someone back = by_recovery(h);
	struct store_epoch old, now;
	struct store *s;
	unsigned n;

	old = keep_in("line", november);
	note_write(h, &old);
	assert_true(opens_in("line", &old, &h->ana));
	backup_to(h, "first.backup");
	file_copy("away/keyring", "keyring-of-then");

	now = keep_in("line", december);
	s = store_in("line");
	assert_int_equal(epochs_drop(s, "main", now.month, &n), 0);
	store_close(s);
	assert_true(n > 0);
	backup_to(h, "second.backup");

	restore(h, "first.backup", "away/keyring", "new");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_false(opens_in("new", &old, &h->ana));
	assert_false(opens_in("new", &old, &back));
	assert_int_equal(notes_in("new"), 0);

	/* the test can fail */
	restore(h, "first.backup", "keyring-of-then", "then");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_true(opens_in("then", &old, &h->ana));
	assert_true(opens_in("then", &old, &back));
	assert_int_equal(notes_in("then"), 1);
}


/* nor does the backup itself have a grant, of anybody */
static void test_nothing_opens_without_a_keyring(void **state)
{
	struct here *h = *state;
	const struct someone back = by_recovery(h);
	const struct store_epoch e = keep_in("line", november);

	note_write(h, &e);
	backup_to(h, "first.backup");
	restore(h, "first.backup", NULL, "new");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_non_null(strstr(h->ran.err, "no keyring beside"));
	assert_false(opens_in("new", &e, &h->ana));
	assert_false(opens_in("new", &e, &back));
	/* it may be found */
	assert_int_equal(notes_in("new"), 1);

	typed(h->shares);
	CLI_RUN(&h->ran, recovery_main, "grant", "Ana", "--keyring",
		"away/keyring", "--data", "new");
	assert_true(h->ran.code == EXIT_DONE);
	assert_true(opens_in("new", &e, &h->ana));
}


static void test_an_older_keyring(void **state)
{
	struct here *h = *state;
	const struct store_epoch e = keep_in("line", november);
	struct store_epoch later;

	backup_to(h, "first.backup");
	file_copy("away/keyring", "keyring-of-then");
	later = keep_in("line", december);
	note_write(h, &later);
	backup_to(h, "second.backup");

	restore(h, "second.backup", "keyring-of-then", "new");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_non_null(strstr(h->ran.err, "keyring is older"));
	assert_true(opens_in("new", &e, &h->ana));
	assert_false(opens_in("new", &later, &h->ana));
	/* nobody can tell whether it was dropped */
	assert_int_equal(notes_in("new"), 1);
}


/* whoever left since the backup is in it */
static void test_who_left_since(void **state)
{
	struct here *h = *state;
	struct store *s = store_in("line");
	const struct someone ben = someone(s, "Ben", "", NULL);
	const struct store_epoch e = keep(s, "main", november);

	store_close(s);
	backup_to(h, "first.backup");
	CLI_RUN(&h->ran, person_main, "remove", "Ben", "--data", "line");
	assert_int_equal(h->ran.code, EXIT_DONE);
	backup_to(h, "second.backup");

	restore(h, "first.backup", "away/keyring", "new");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_non_null(strstr(h->ran.err, "Ben had no keys any more"));
	assert_null(strstr(h->ran.err, "Ana had no keys"));
	assert_false(opens_in("new", &e, &ben));
	assert_true(opens_in("new", &e, &h->ana));
}


/* the recovery key was made anew between backup and keyring */
static void test_another_recovery_key(void **state)
{
	struct here *h = *state;
	const struct store_epoch e = keep_in("line", november);
	char older[sizeof(h->shares)], all[2 * sizeof(h->shares)];

	backup_to(h, "first.backup");
	memcpy(older, h->shares, sizeof(older));
	CLI_RUN(&h->ran, recovery_main, "make", "--again", "--data", "line");
	assert_int_equal(h->ran.code, EXIT_DONE);
	words_of(all, h->ran.out, 1);
	(void)snprintf(h->shares, sizeof(h->shares), "%s\n\n", all);
	words_of(all, h->ran.out, 2);
	strcat(h->shares, all);
	backup_to(h, "second.backup");

	typed(older);
	CLI_RUN(&h->ran, restore_main, "first.backup", "--keyring",
		"away/keyring", "--data", "new");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "are needed as well"));
	assert_int_equal(access("new", F_OK), -1);

	(void)snprintf(all, sizeof(all), "%s\n\n%s", older, h->shares);
	typed(all);
	CLI_RUN(&h->ran, restore_main, "first.backup", "--keyring",
		"away/keyring", "--data", "new");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_true(opens_in("new", &e, &h->ana));
}


/* ---- whole or not at all ------------------------------------------------- */

static void test_disk_full(void **state)
{
	struct here *h = *state;
	struct rlimit old, now;
	struct stat st;

	(void)keep_in("line", november);
	backup_to(h, "first.backup");
	assert_int_equal(stat("first.backup", &st), 0);
	file_copy("away/keyring", "keyring-of-then");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	/* the store has room, the backup has not */
	now.rlim_cur = (rlim_t)st.st_size - 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	CLI_RUN(&h->ran, backup_main, "away", "--data", "line");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "no room for a file of that"));
	assert_int_equal(files_in("away", "", NULL), 1);
	assert_int_equal(files_in("away", "keyring", NULL), 1);
	restore(h, "first.backup", "away/keyring", "new");
	assert_int_equal(h->ran.code, EXIT_DONE);

	now.rlim_cur = 50000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	restore(h, "first.backup", "away/keyring", "newer");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_int_equal(access("newer", F_OK), -1);
}


static void test_one_at_a_time(void **state)
{
	struct here *h = *state;
	const int fd = open("away", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	CLI_RUN(&h->ran, backup_main, "away", "--data", "line");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "another backup"));
	assert_int_equal(files_in("away", "", NULL), 0);
	(void)close(fd);
	backup_to(h, "first.backup");
}


/* in one minute, and each is kept */
static void test_names(void **state)
{
	struct here *h = *state;

	for (unsigned n = 1; n <= 3; n++) {
		CLI_RUN(&h->ran, backup_main, "away", "--data", "line");
		assert_int_equal(h->ran.code, EXIT_DONE);
		assert_int_equal(files_in("away", ".backup", NULL), n);
	}
	assert_int_equal(files_in("away", "", NULL), 4);
}


static void test_empty_folder_is_taken(void **state)
{
	struct here *h = *state;

	backup_to(h, "first.backup");
	assert_int_equal(mkdir("new", 0700), 0);
	typed("");
	CLI_RUN(&h->ran, restore_main, "first.backup", "--keyring",
		"away/keyring", "--data", "new");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_int_equal(files_in("new", "", NULL), 0);
	restore(h, "first.backup", "away/keyring", "new");
	assert_int_equal(h->ran.code, EXIT_DONE);
	assert_int_equal(access("new/ringback.conf", F_OK), 0);
	/* and is not taken again */
	restore(h, "first.backup", "away/keyring", "new");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "is not empty"));
	assert_int_equal(access("new/ringback.conf", F_OK), 0);
}


/* ---- somebody else's work ------------------------------------------------ */

struct made_up {
	const char *name;
	const char *text;
};


/* Whoever has the public key can seal a backup: what is in it may be
 * anything. */
static void forged(struct here *h, const struct made_up *v, size_t n,
		   const char *said)
{
	struct archive_about about = {.made_at = 1};
	struct store_recovery r;
	struct store *s = store_in("line");
	struct parcel *p;

	assert_int_equal(store_recovery_get(s, &r), 0);
	assert_int_equal(ring_house(&about.house, s), 0);
	store_close(s);
	memcpy(about.public, r.public, SEAL_KEY);
	assert_int_equal(parcel_make(&p, "forged", &about), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(parcel_add(p, v[i].name,
					    (const uint8_t *)v[i].text,
					    strlen(v[i].text)), 0);
	assert_int_equal(parcel_finish(p), 0);
	assert_int_equal(parcel_place(p, NULL), 0);
	parcel_drop(p);

	restore(h, "forged", NULL, "new");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, said));
	assert_int_equal(access("new", F_OK), -1);
	assert_int_equal(access("evil", F_OK), -1);
}


static void test_forged(void **state)
{
	static const char changed[] = "not as it was sealed";
	struct here *h = *state;

#define FORGED(said, ...)                                                     \
	forged(h, (const struct made_up[]){__VA_ARGS__},                      \
	       sizeof((const struct made_up[]){__VA_ARGS__}) /                \
		       sizeof(struct made_up), said)
	FORGED(changed, {"../evil", "x"});
	FORGED(changed, {"/evil", "x"});
	FORGED(changed, {"evil", "x"});
	FORGED(changed, {"messages/../../evil", "x"});
	FORGED(changed, {"messages/0.sealed", "x"});
	FORGED(changed, {"messages/07.sealed", "x"});
	FORGED(changed, {"messages/-7.sealed", "x"});
	FORGED(changed, {"messages/7.sealed.x", "x"});
	FORGED(changed, {"ringback.conf", "a"}, {"ringback.conf", "b"});
	FORGED(changed, {"ringback.conf", "a"});
	FORGED(changed, {"store.db", "a"});
	FORGED("File exists", {"store.db", "a"}, {"store.db", "b"});
	FORGED("no store of Ringback", {"store.db", "no database at all"},
	       {"ringback.conf", ""});
}


/* what a newer Ringback has put into its store, this one does not know */
static void test_newer_store(void **state)
{
	struct here *h = *state;
	struct archive_about about = {.made_at = 1};
	static uint8_t image[MOST];
	struct store_recovery r;
	struct parcel *p;
	struct store *s;
	sqlite3 *db;
	ssize_t n;
	int fd;

	s = store_in("line");
	assert_int_equal(store_recovery_get(s, &r), 0);
	assert_int_equal(ring_house(&about.house, s), 0);
	store_close(s);
	memcpy(about.public, r.public, SEAL_KEY);
	file_copy("line/store.db", "image");
	assert_int_equal(sqlite3_open("image", &db), SQLITE_OK);
	other_exec(db, "PRAGMA journal_mode = DELETE");
	other_exec(db, "PRAGMA user_version = 9999");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	fd = open("image", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, image, MOST);
	assert_true(n > 0 && n < MOST);
	(void)close(fd);

	assert_int_equal(parcel_make(&p, "newer", &about), 0);
	assert_int_equal(parcel_add(p, "store.db", image, (size_t)n), 0);
	assert_int_equal(parcel_add(p, "ringback.conf", NULL, 0), 0);
	assert_int_equal(parcel_finish(p), 0);
	assert_int_equal(parcel_place(p, NULL), 0);
	parcel_drop(p);
	restore(h, "newer", NULL, "new");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "a newer Ringback made it"));
	assert_int_equal(access("new", F_OK), -1);
}


static void test_wants_a_folder(void **state)
{
	struct here *h = *state;

	CLI_RUN(&h->ran, backup_main, "--data", "line");
	assert_int_equal(h->ran.code, EXIT_USAGE);
	CLI_RUN(&h->ran, backup_main, "line/store.db", "--data", "line");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "that is no folder"));
	CLI_RUN(&h->ran, backup_main, "line", "--data", "line");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "data folder itself"));
	CLI_RUN(&h->ran, restore_main, "none", "--data", "new");
	assert_int_equal(h->ran.code, EXIT_FAILED);
	assert_non_null(strstr(h->ran.err, "no such file"));
}


int main(void)
{
#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_dropped_is_gone),
		WITH(test_nothing_opens_without_a_keyring),
		WITH(test_an_older_keyring), WITH(test_who_left_since),
		WITH(test_another_recovery_key), WITH(test_disk_full),
		WITH(test_one_at_a_time), WITH(test_names),
		WITH(test_empty_folder_is_taken), WITH(test_forged),
		WITH(test_newer_store),
		WITH(test_wants_a_folder),
	};

	if (sodium_init() < 0)
		return 1;

	return cmocka_run_group_tests(tests, NULL, NULL);
}
