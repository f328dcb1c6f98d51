/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keeper.c  `ringback run`: keeps the processes of a line running. Waits in
 * one poll(2), for their ends, for signals and for what is due. Must not
 * touch a call: it speaks no SIP, and after a kill -9 the others go on.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/config_media.h"
#include "base/daemon.h"
#include "base/sandbox.h"
#include "base/step.h"
#include "base/traces.h"
#include "store/store.h"
#include "child.h"
#include "command.h"
#include "data.h"
#include "dialler_key.h"
#include "exit.h"
#include "keys.h"
#include "opts.h"
#include "pulse.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


/* media, as many as are configured, web and line */
enum { CHILDREN = LIMIT_MEDIA + 2 };

struct settings {
	const char *data;
};

struct keeper {
	/* in the order of starting; they are stopped the other way round */
	struct child children[CHILDREN];
	struct pulse pulses[CHILDREN]; /* of the same */
	size_t n_children;
	char dir[LIMIT_PATH];
	struct held *key; /* the dialler's: for each line that is started */
	uint64_t key_due; /* the line that was adopted has another one: ask it
			     for it then; UINT64_MAX: never */
	unsigned n_asked; /* in vain */
	int sigfd;
	bool stopping;
	int code;
};

static const struct opt rows[] = {OPT_DATA(settings)};

static const struct opts options = {
	"ringback run [--data DIR]",
	"Runs the line in the foreground until Ctrl-C or SIGTERM. Starts its"
	" processes and\nstarts them again if they end. Exits 1 if one of them"
	" had to be killed at the end.",
	rows, STEP_COUNT(rows),
};


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


/* beside this program (build/bin), or where the package puts them */
static int program_find(struct child *c)
{
	static const char *const places[] = {"", "../libexec/ringback/"};
	char own[LIMIT_PATH / 2];
	ssize_t n;
	char *slash;

	n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	if (n < 0)
		return errno;
	own[n] = '\0';
	slash = strrchr(own, '/');
	if (!slash)
		return ENOENT;
	slash[1] = '\0';

	for (size_t i = 0; i < STEP_COUNT(places); i++) {
		(void)snprintf(c->path, sizeof(c->path), "%s%s%s", own,
			       places[i], c->program);
		if (access(c->path, X_OK) == 0)
			return 0;
	}

	log_error("there is no %s beside this program (%s)", c->program, own);
	return ENOENT;
}


/* @param sock It is asked there whether it hangs; NULL: it is not */
static void child_add(struct keeper *k, const char *program,
		      const char *lock, const char *sock)
{
	pulse_init(&k->pulses[k->n_children], sock);
	child_init(&k->children[k->n_children++], program, lock);
}


static void children_add(struct keeper *k, const struct config *cfg)
{
	char name[LIMIT_NAME], sock[LIMIT_NAME];

	for (uint32_t i = 0; i < cfg->media_processes; i++) {
		config_media_name(name, cfg, i);
		config_media_path(sock, cfg, i);
		child_add(k, "ringback-media", name, sock);
	}
	/* these may have to wait for the disk */
	child_add(k, "ringback-web", "web", NULL);
	child_add(k, "ringback-line", "line", NULL);
}


static bool is_ours(const struct keeper *k, const char *lock)
{
	for (size_t i = 0; i < k->n_children; i++) {
		if (strcmp(k->children[i].lock, lock) == 0)
			return true;
	}

	return false;
}


/* left running by a keeper that was killed, then the configuration changed */
static void strays_tell(const struct keeper *k)
{
	const struct config one = {.media_processes = 1},
			    all = {.media_processes = LIMIT_MEDIA};
	struct daemon_info info;
	char name[LIMIT_NAME];

	for (uint32_t i = 0; i <= LIMIT_MEDIA; i++) {
		config_media_name(name, i ? &all : &one, i ? i - 1 : 0);
		if (is_ours(k, name) || !daemon_running(name, &info))
			continue;
		log_error("ringback-%s (pid %d) still runs, from before "
			  "media_processes was changed, and has some of the "
			  "ports; end it: kill %d", name, (int)info.pid,
			  (int)info.pid);
	}
}


static int check(struct keeper *k)
{
	struct config *cfg;
	struct store *store;
	int err;

	err = config_read(&cfg, ".");
	if (err)
		return err;
	log_level_set(cfg->log);
	children_add(k, cfg);
	config_free(cfg);
	strays_tell(k);

	err = store_open(&store, ".", STORE_TOOL);
	if (err)
		return err;
	store_close(store);

	for (size_t i = 0; i < k->n_children && !err; i++)
		err = program_find(&k->children[i]);

	return err;
}


static int signals_open(int *fdp)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return errno;

	*fdp = signalfd(-1, &set, SFD_CLOEXEC);
	return *fdp < 0 ? errno : 0;
}


static int keeper_init(struct keeper *k)
{
	memset(k, 0, sizeof(*k));
	if (!getcwd(k->dir, sizeof(k->dir))) {
		log_error("the data folder: %s", strerror(errno));
		return errno;
	}

	return check(k);
}


/* the line first: it hangs up properly while the sound is still there, and
 * open pages are told of it */
static void stop_next(struct keeper *k)
{
	for (size_t i = k->n_children; i-- > 0;) {
		struct child *c = &k->children[i];

		if (c->state == CHILD_DOWN)
			continue;
		if (c->state == CHILD_UP)
			child_stop(c, now_ms());
		return;
	}
}


static bool all_down(const struct keeper *k)
{
	for (size_t i = 0; i < k->n_children; i++) {
		if (k->children[i].state != CHILD_DOWN)
			return false;
	}

	return true;
}


static void stop_begin(struct keeper *k, int code)
{
	if (!k->stopping)
		k->code = code;
	for (size_t i = 0; i < k->n_children; i++)
		pulse_end(&k->pulses[i]); /* they may take their time now */
	k->stopping = true;
	stop_next(k);
}


static void signal_read(struct keeper *k)
{
	struct signalfd_siginfo si;

	if (read(k->sigfd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;

	log_note("stopping (%s)", strsignal((int)si.ssi_signo));
	stop_begin(k, EXIT_DONE);
}


static void child_read(struct keeper *k, struct child *c)
{
	pulse_end(&k->pulses[c - k->children]);
	child_ended(c, now_ms());
	if (k->stopping) {
		stop_next(k);
	}
	else if (child_hopeless(c)) {
		log_error("%s says that its configuration is wrong; see above."
			  " Stopping", c->name);
		stop_begin(k, EXIT_FAILED);
	}
}


static struct child *line_child(struct keeper *k)
{
	for (size_t i = 0; i < k->n_children; i++) {
		if (strcmp(k->children[i].lock, "line") == 0)
			return &k->children[i];
	}

	return NULL;
}


/* Lines that follow get the key of the one that was adopted. One that has ended
 * takes its key along: the next one has ours already. */
static void key_ask(struct keeper *k)
{
	struct child *line = line_child(k);

	k->key_due = UINT64_MAX;
	if (k->stopping || line->state != CHILD_UP || !line->adopted)
		return;
	if (dialler_key_again(&k->key))
		k->key_due = now_ms() + dialler_key_pause_ms(++k->n_asked);
	line->key = k->key;
}


static void due_do(struct keeper *k)
{
	if (k->key_due <= now_ms())
		key_ask(k);
	for (size_t i = 0; i < k->n_children; i++) {
		struct child *c = &k->children[i];

		if (k->pulses[i].due_ms <= now_ms() &&
		    pulse_look(&k->pulses[i], now_ms()))
			child_hung(c);
		if (child_due(c) > now_ms())
			continue;
		if (c->state == CHILD_STOPPING)
			child_late(c);
		else if (!k->stopping && !child_start(c, k->dir, now_ms()))
			pulse_begin(&k->pulses[i], now_ms());
	}
}


static int timeout_ms(const struct keeper *k)
{
	uint64_t due = k->key_due, now = now_ms();

	for (size_t i = 0; i < k->n_children; i++) {
		const struct child *c = &k->children[i];

		if (k->stopping && c->state == CHILD_DOWN)
			continue;
		if (child_due(c) < due)
			due = child_due(c);
		if (k->pulses[i].due_ms < due)
			due = k->pulses[i].due_ms;
	}
	if (due == UINT64_MAX)
		return -1;

	return due > now ? (int)(due - now) : 0;
}


static int wait_once(struct keeper *k)
{
	struct pollfd fds[2 * CHILDREN + 1];
	const size_t n = k->n_children;

	for (size_t i = 0; i < n; i++) {
		fds[i] = (struct pollfd){k->children[i].pidfd, POLLIN, 0};
		fds[n + i] = (struct pollfd){k->pulses[i].fd, POLLIN, 0};
	}
	fds[2 * n] = (struct pollfd){k->sigfd, POLLIN, 0};

	if (poll(fds, 2 * n + 1, timeout_ms(k)) < 0)
		return errno == EINTR ? 0 : errno;

	for (size_t i = 0; i < n; i++) {
		if (fds[n + i].revents)
			pulse_read(&k->pulses[i]);
		if (fds[i].revents)
			child_read(k, &k->children[i]);
	}
	if (fds[2 * n].revents)
		signal_read(k);

	return 0;
}


/* said at the end, where an operator looks */
static int stopped(const struct keeper *k)
{
	int code = k->code;

	for (size_t i = 0; i < k->n_children; i++) {
		const struct child *c = &k->children[i];

		if (!c->n_killed)
			continue;
		log_error("%s did not end by itself and was killed: what it"
			  " had not written is lost. Is the store locked by"
			  " another program, or the disk stuck?", c->name);
		code = EXIT_FAILED;
	}
	log_note("stopped");

	return code;
}


/* The first calls find keys that their messages can be sealed to. A store that
 * cannot be opened is complained of by those who need it. */
static void keys_prepare(void)
{
	struct store *store;

	if (store_open(&store, ".", STORE_TOOL))
		return;
	keys_keep(store);
	store_close(store);
}


/* an end of the line must not be the end of its key */
static int key_hold(struct keeper *k)
{
	bool again = false;
	int err;

	err = sodium_init() < 0 ? EIO : dialler_key_get(&k->key, &again);
	if (err)
		return err;
	line_child(k)->key = k->key;
	k->key_due = again ? now_ms() + dialler_key_pause_ms(0) : UINT64_MAX;

	return 0;
}


static int keep(struct keeper *k)
{
	int err = 0;

	while (!err && !(k->stopping && all_down(k))) {
		due_do(k);
		err = wait_once(k);
	}
	if (err) {
		log_error("cannot wait for the processes: %s", strerror(err));
		return EXIT_FAILED;
	}

	return stopped(k);
}


int keeper_main(int argc, char *argv[])
{
	struct settings set = {0};
	struct keeper k;
	int code, err;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);

	daemon_harden();
	if (data_enter(set.data))
		return EXIT_FAILED;
	if (keeper_init(&k))
		return EXIT_FAILED;

	err = daemon_lock("keeper", NULL);
	if (err) {
		if (err != EADDRINUSE) /* that has been said */
			log_error("run/keeper.lock: %s", strerror(err));
		return EXIT_FAILED;
	}
	traces_lock_say();
	keys_prepare();
	err = sandbox_enter_keeper();
	if (!err)
		err = signals_open(&k.sigfd);
	if (!err)
		err = key_hold(&k);
	if (err) {
		log_error("not started: %s", strerror(err));
		return EXIT_FAILED;
	}
	code = keep(&k);
	held_free(k.key);

	return code;
}
