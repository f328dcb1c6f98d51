/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli_change.c  One release in place of another: asked for at the keeper's
 * socket, done process by process, undone, handed over. The processes are real,
 * and play what their script says.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/daemon.h"
#include "base/step.h"
#include "cli/handover.h"
#include "cli/keeper.h"
#include "seal/held.h"
#include "store/store.h"
#include "wire/wire.h"

#include "catch.h"
#include "tmpdir.h"

enum { PATIENCE_MS = 60000, SAID = 8192 };

struct fixture {
	char top[TMPDIR_SIZE]; /* with the folders of two releases, and: */
	char data[TMPDIR_SIZE + 8];
	char own[LIMIT_PATH];  /* of this program                        */
	struct keeper k;
	int client;            /* who asked                              */
	char said[SAID];       /* what it was told                       */
};


/* ---- two releases -------------------------------------------------------- */

/* "1.0/ringback-web": what it plays, and so on */
static void put(const struct fixture *f, const char *name, const char *text)
{
	char path[LIMIT_PATH];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s.is", f->top, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}


/* this program, by other names */
static void release_make(const struct fixture *f, const char *release)
{
	char path[LIMIT_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", f->top, release);
	assert_int_equal(mkdir(path, S_IRWXU), 0);
	for (int i = 0; i < RELEASE_PARTS; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s/%s", f->top, release,
			       release_name((enum release_part)i));
		assert_int_equal(symlink(f->own, path), 0);
	}
}


static void path_of(const struct fixture *f, const char *release,
		    char path[LIMIT_PATH])
{
	(void)snprintf(path, LIMIT_PATH, "%s/%s", f->top, release);
}


/* ---- a keeper ------------------------------------------------------------ */

static void add(struct keeper *k, enum release_part part, const char *lock)
{
	struct child *c = &k->children[k->n_children++];

	child_init(c, part, &k->now.part[part], lock);
	(void)snprintf(c->base, sizeof(c->base), "%s", lock);
}


static int setup(void **state)
{
	static struct fixture f;
	struct keeper *k = &f.k;
	char path[LIMIT_PATH];
	ssize_t n;

	memset(&f, 0, sizeof(f));
	f.client = -1;
	n = readlink("/proc/self/exe", f.own, sizeof(f.own) - 1);
	assert_true(n > 0);
	tmpdir_make(f.top, "change");
	(void)snprintf(f.data, sizeof(f.data), "%s/data", f.top);
	assert_int_equal(mkdir(f.data, S_IRWXU), 0);
	assert_int_equal(chdir(f.data), 0);
	assert_int_equal(mkdir("run", S_IRWXU), 0);
	release_make(&f, "1.0");
	release_make(&f, "2.0");

	k->change.client = k->desk = k->lock = -1;
	assert_non_null(getcwd(k->dir, sizeof(k->dir)));
	path_of(&f, "1.0", path);
	assert_int_equal(release_open(&k->now, path), 0);
	add(k, RELEASE_MEDIA, "media");
	add(k, RELEASE_WEB, "web");
	assert_int_equal(change_open(k), 0);
	*state = &f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;
	struct keeper *k = &f->k;

	for (size_t i = 0; i < k->n_children; i++) {
		struct child *c = &k->children[i];

		if (c->pidfd < 0)
			continue;
		child_kill(c);
		(void)waitpid(c->pid, NULL, 0);
		(void)close(c->pidfd);
	}
	release_close(&k->now);
	if (k->change.state != CHANGE_NONE)
		release_close(&k->change.next);
	(void)close(k->desk);
	if (f->client >= 0)
		(void)close(f->client);
	assert_int_equal(chdir("/"), 0);
	tmpdir_remove(f->top);

	return 0;
}


/* what keeper.c does of it */
static void turn(struct keeper *k)
{
	const uint64_t now = keeper_now_ms();

	for (size_t i = 0; i < k->n_children; i++) {
		struct child *c = &k->children[i];
		struct pollfd end = {c->pidfd, POLLIN, 0};

		if (c->pidfd >= 0 && poll(&end, 1, 0) == 1)
			child_ended(c, now);
		if (c->state == CHILD_DOWN && c->leaves) {
			memmove(c, c + 1, (size_t)(k->children + k->n_children
						   - c - 1) * sizeof(*c));
			--k->n_children;
			return;
		}
		if (child_due(c) > now)
			continue;
		if (c->state == CHILD_DOWN)
			(void)child_start(c, k->dir, now);
		else
			child_late(c);
	}
	change_run(k);
	(void)poll(NULL, 0, 1);
}


static bool all_ready(const struct keeper *k)
{
	struct daemon_info info;

	for (size_t i = 0; i < k->n_children; i++) {
		const struct child *c = &k->children[i];

		if (!c->leaves && !(daemon_running(c->lock, &info) &&
				    info.pid == c->pid && info.ready))
			return false;
	}

	return true;
}


static void start(struct keeper *k)
{
	const uint64_t until = keeper_now_ms() + PATIENCE_MS;

	while (!all_ready(k)) {
		turn(k);
		assert_true(keeper_now_ms() < until);
	}
}


static void client_read(struct fixture *f)
{
	char text[2 * LIMIT_PATH + 257];
	ssize_t n;

	while ((n = recv(f->client, text, sizeof(text) - 1, MSG_DONTWAIT)) >
	       0) {
		const size_t len = strlen(f->said);

		text[n] = '\0';
		(void)snprintf(f->said + len, sizeof(f->said) - len, "%s\n",
			       text);
	}
}


static void ask(struct fixture *f, enum change_word word, const char *release)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX,
				  .sun_path = CHANGE_SOCKET};
	char text[LIMIT_PATH + 1];

	if (f->client >= 0)
		(void)close(f->client);
	memset(f->said, 0, sizeof(f->said));
	f->client = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(f->client >= 0);
	assert_int_equal(connect(f->client, (struct sockaddr *)&sun,
				 sizeof(sun)), 0);
	(void)snprintf(text, sizeof(text), "%c%s/%s", word, f->top, release);
	assert_true(send(f->client, text, strlen(text), 0) > 0);
	change_asked(&f->k);
	client_read(f);
}


/* until the change is over, one way or the other */
static void run(struct fixture *f)
{
	const uint64_t until = keeper_now_ms() + PATIENCE_MS;

	while (f->k.change.state != CHANGE_NONE) {
		turn(&f->k);
		assert_true(keeper_now_ms() < until);
	}
	client_read(f);
}


static void runs(const struct fixture *f, const char *lock,
		 const char *release)
{
	struct daemon_info info;
	char exe[32], path[LIMIT_PATH], wanted[LIMIT_PATH];
	FILE *file;

	/* it wrote down where it lies */
	assert_true(daemon_running(lock, &info));
	assert_true(info.ready);
	(void)snprintf(exe, sizeof(exe), "run/%.16s.of", lock);
	file = fopen(exe, "r");
	assert_non_null(file);
	assert_non_null(fgets(path, sizeof(path), file));
	(void)fclose(file);
	path_of(f, release, wanted);
	assert_non_null(strstr(path, wanted));
}


/* ---- asked for ----------------------------------------------------------- */

static void test_refused(void **state)
{
	struct fixture *f = *state;
	struct keeper *k = &f->k;

	ask(f, CHANGE_ASK, "none");
	assert_non_null(strstr(f->said, "-Not upgraded: the programs are not "
			       "all in "));

	put(f, "2.0/ringback-line", "ends");
	ask(f, CHANGE_ASK, "2.0");
	assert_non_null(strstr(f->said, "does not start"));

	k->stopping = true;
	ask(f, CHANGE_ASK, "1.0");
	assert_non_null(strstr(f->said, "busy with another upgrade"));
	k->stopping = false;
	assert_int_equal(k->change.state, CHANGE_NONE);
	assert_int_equal(k->change.client, -1);
}


/* what it says is no folder, nor from whom we take one */
static void test_not_heard(void **state)
{
	struct fixture *f = *state;
	struct catch said;
	char byte, text[1024];

	ask(f, CHANGE_SAYS, "2.0");
	assert_int_equal(recv(f->client, &byte, 1, 0), 0);

	/* a process that we keep */
	f->k.children[0].pid = getpid();
	catch_begin(&said);
	ask(f, CHANGE_ASK, "2.0");
	catch_end(&said, text, sizeof(text));
	assert_int_equal(recv(f->client, &byte, 1, 0), 0);
	assert_non_null(strstr(text, "asked for other programs"));
	assert_int_equal(f->k.change.state, CHANGE_NONE);
}


static void test_cannot_follow(void **state)
{
	struct fixture *f = *state;

	put(f, "2.0/wire", "1");
	ask(f, CHANGE_ASK, "2.0");
	assert_non_null(strstr(f->said, "-Not upgraded: version 2.0 cannot run "
			       "side by side"));

	/* and there is no way back from it */
	put(f, "2.0/oldest", "1");
	ask(f, CHANGE_ASK, "2.0");
	assert_non_null(strstr(f->said, "could not be put back"));
	ask(f, CHANGE_ASK_IDLE, "2.0");
	assert_non_null(strstr(f->said, "could not be put back"));
	assert_int_equal(f->k.change.state, CHANGE_NONE);
}


/* ---- one after the other ------------------------------------------------- */

/* its keeper is tried last, and does not start: all go back */
static void test_forth_and_back(void **state)
{
	struct fixture *f = *state;

	start(&f->k);
	runs(f, "media", "1.0");
	ask(f, CHANGE_ASK, "2.0");
	assert_int_equal(f->k.change.state, CHANGE_NEXT);
	assert_true(change_due(&f->k) < UINT64_MAX);
	run(f);
	assert_non_null(strstr(f->said, ".Replacing the processes one by "
			       "one."));
	assert_non_null(strstr(f->said, ".ringback-media-b takes new calls"));
	assert_non_null(strstr(f->said, ".ringback-web is replaced."));
	assert_non_null(strstr(f->said, ".The new keeper does not start."));
	assert_non_null(strstr(f->said, "-Not upgraded: the version that was "
			       "runs again."));
	assert_true(change_due(&f->k) == UINT64_MAX);
	start(&f->k);
	runs(f, "web", "1.0");
	assert_null(strstr(f->said, "+"));
}


static void test_one_ends(void **state)
{
	struct fixture *f = *state;

	put(f, "2.0/ringback-web", "dies");
	start(&f->k);
	ask(f, CHANGE_ASK, "2.0");
	run(f);
	assert_non_null(strstr(f->said, ".ringback-web ended before it was "
			       "ready. See the log for why."));
	assert_non_null(strstr(f->said, ".Going back to "));
	assert_non_null(strstr(f->said, "-Not upgraded: the version that was "
			       "runs again."));
	start(&f->k);
	runs(f, "web", "1.0");
}


static void test_one_is_late(void **state)
{
	struct fixture *f = *state;
	struct keeper *k = &f->k;
	const uint64_t until = keeper_now_ms() + PATIENCE_MS;

	put(f, "2.0/ringback-media", "sleeps");
	start(k);
	ask(f, CHANGE_ASK, "2.0");
	while (!daemon_running("media-b", NULL)) {
		turn(k);
		assert_true(keeper_now_ms() < until);
	}
	k->change.due = 0; /* half a minute later */
	run(f);
	assert_non_null(strstr(f->said, ".ringback-media-b did not get ready "
			       "in time."));
	assert_non_null(strstr(f->said, "-Not upgraded: the version that was "
			       "runs again."));
	start(k);
	runs(f, "media", "1.0");
	runs(f, "web", "1.0");
}


static void test_neither_comes_back(void **state)
{
	struct fixture *f = *state;

	start(&f->k);
	put(f, "2.0/ringback-web", "dies");
	put(f, "1.0/ringback-web", "dies");
	ask(f, CHANGE_ASK, "2.0");
	run(f);
	assert_non_null(strstr(f->said, "a process of the old version does not "
			       "come back either"));
}


static void test_stopped_meanwhile(void **state)
{
	struct fixture *f = *state;

	put(f, "2.0/ringback-media", "sleeps");
	start(&f->k);
	ask(f, CHANGE_ASK, "2.0");
	turn(&f->k);
	change_stop(&f->k);
	assert_int_equal(f->k.change.state, CHANGE_NONE);
	client_read(f);
	assert_non_null(strstr(f->said, "-Not upgraded: the line is being "
			       "stopped."));
}


/* ---- all at once --------------------------------------------------------- */

/* no line runs: nobody is on it */
static void test_at_once(void **state)
{
	struct fixture *f = *state;

	put(f, "2.0/ringback-web", "dies");
	start(&f->k);
	ask(f, CHANGE_ASK_IDLE, "2.0");
	assert_int_equal(f->k.change.state, CHANGE_WAITS);
	run(f);
	assert_non_null(strstr(f->said, ".Nobody is on the line: everything is "
			       "replaced now."));
	assert_non_null(strstr(f->said, ".ringback-web does not start."));
	assert_non_null(strstr(f->said, "-Not upgraded: the version that was "
			       "runs again."));
	start(&f->k);
	runs(f, "web", "1.0");
	runs(f, "media", "1.0");
}


static void test_who_asked_is_gone(void **state)
{
	struct fixture *f = *state;

	start(&f->k);
	ask(f, CHANGE_ASK_IDLE, "2.0");
	(void)close(f->client);
	f->client = -1;
	change_run(&f->k);
	assert_int_equal(f->k.change.state, CHANGE_NONE);
	runs(f, "web", "1.0");
}


/* ---- handed over --------------------------------------------------------- */

static void test_handover(void **state)
{
	struct fixture *f = *state;
	struct held *key;
	char path[LIMIT_PATH];
	int status;
	pid_t pid;

	assert_int_equal(held_random(&key), 0);
	assert_int_equal(daemon_lock("keeper", &f->k.lock), 0);
	path_of(f, "2.0", path);
	assert_int_equal(release_open(&f->k.change.next, path), 0);
	f->k.key = key;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(handover(&f->k, &f->k.change.next) ? 101 : 100);
	/* it has our lock and our key, and nobody has seen an end */
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), held_public(key)[0] & 0x3f);

	/* one that cannot be run leaves all as it was */
	(void)snprintf(f->k.change.next.part[RELEASE_KEEPER].path,
		       LIMIT_PATH, "%s/data", f->top);
	(void)close(f->k.change.next.part[RELEASE_KEEPER].fd);
	f->k.change.next.part[RELEASE_KEEPER].fd = -1;
	assert_int_equal(handover(&f->k, &f->k.change.next), EACCES);
	assert_true(fcntl(f->k.lock, F_GETFD) & FD_CLOEXEC);
	(void)close(f->k.lock);
	release_close(&f->k.change.next);
	held_free(key);
}


static void test_nothing_was_handed_over(void **state)
{
	struct keeper k = {.lock = -1};
	(void)state;

	assert_int_equal(handover_take(&k, ""), EINVAL);
	assert_int_equal(handover_take(&k, "1,2"), EINVAL);
}


/* ---- what a process plays ------------------------------------------------ */

/* what a test has put there */
static void is(const char *name, char text[16])
{
	char path[LIMIT_PATH + 8];
	FILE *file;

	text[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s.is", name);
	file = fopen(path, "r");
	if (!file)
		return;
	if (!fgets(text, 16, file))
		text[0] = '\0';
	(void)fclose(file);
}


/* it is as much more than ours as a test has put there */
static unsigned more(const char *top, const char *name)
{
	char path[LIMIT_PATH], text[16];

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	is(path, text);

	return (unsigned)atoi(text);
}


static int about_play(const char *top, const char *what)
{
	const struct store_shape shape = store_shape();

	if (strcmp(what, "ends") == 0 && !strstr(top, "1.0"))
		return 1;
	printf("version %s\nwire %016" PRIx64 "\nstore %u\noldest %u\n",
	       strrchr(top, '/') + 1, wire_hash() + more(top, "wire"),
	       shape.version + more(top, "oldest"),
	       shape.version + more(top, "oldest"));

	return 0;
}


/* run --data DIR --handover FDS: the end says which key came */
static int keeper_play(const char *fds)
{
	struct keeper k = {.lock = -1};
	int first;

	if (handover_take(&k, fds))
		return 99;

	first = held_public(k.key)[0] & 0x3f;
	held_free(k.key);

	return first;
}


/* ringback-NAME --data DIR */
static int process_play(const char *lock, const char *dir, const char *path,
			const char *what)
{
	char own[LIMIT_PATH];
	FILE *file;
	int fd;

	if (chdir(dir) < 0 || daemon_lock(lock, &fd))
		return 1;
	(void)snprintf(own, sizeof(own), "run/%.16s.of", lock);
	file = fopen(own, "w");
	if (!file || fputs(path, file) < 0 || fclose(file) ||
	    strcmp(what, "dies") == 0)
		return 1;
	if (strcmp(what, "sleeps") != 0 && daemon_say(fd, DAEMON_READY))
		return 1;
	for (;;)
		(void)pause();
}


static int play(const char *path, int argc, char *argv[])
{
	char top[LIMIT_PATH], what[16];

	is(path, what);
	(void)snprintf(top, sizeof(top), "%s", path);
	*strrchr(top, '/') = '\0';
	if (argc == 2)
		return about_play(top, what);
	if (argc == 6)
		return keeper_play(argv[5]);
	if (argc == 3)
		return process_play(argv[0] + strlen("ringback-"), argv[2],
				    path, what);

	return 1; /* run --check */
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		CASE(test_refused),
		CASE(test_not_heard),
		CASE(test_cannot_follow),
		CASE(test_forth_and_back),
		CASE(test_one_ends),
		CASE(test_one_is_late),
		CASE(test_neither_comes_back),
		CASE(test_stopped_meanwhile),
		CASE(test_at_once),
		CASE(test_who_asked_is_gone),
		CASE(test_handover),
		CASE(test_nothing_was_handed_over),
	};

	const char *path = (const char *)getauxval(AT_EXECFN);
	const char *name = strrchr(path, '/');

	if (sodium_init() < 0)
		return 1;
	if (name && strncmp(name, "/ringback", strlen("/ringback")) == 0)
		return play(path, argc, argv);

	return cmocka_run_group_tests(tests, NULL, NULL);
}
