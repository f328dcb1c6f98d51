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
#include "command.h"
#include "data.h"
#include "dialler_key.h"
#include "exit.h"
#include "handover.h"
#include "keeper.h"
#include "keys.h"
#include "opts.h"
#include "user.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


struct settings {
	const char *data;
	const char *handover;
	bool check;
};

static const struct opt rows[] = {
	OPT_DATA(settings),
	{OPT_FLAG, "--check", NULL, offsetof(struct settings, check),
	 "only see whether it could run: configuration, store, programs", 0, 0,
	 NULL},
	{OPT_TEXT, "--handover", "FDS", offsetof(struct settings, handover),
	 "what a keeper that is upgraded tells its successor", 0, 0, NULL},
};

static const struct opts options = {
	"ringback run [--check] [--data DIR]",
	"Runs the line in the foreground until Ctrl-C or SIGTERM. Starts its"
	" processes and\nstarts them again if they end. Exits 1 if one of them"
	" had to be killed at the end.",
	rows, STEP_COUNT(rows),
};


uint64_t keeper_now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static struct child *child_add(struct keeper *k, enum release_part part,
			       const char *lock)
{
	struct child *c = &k->children[k->n_children++];

	child_init(c, part, &k->now.part[part], lock);

	return c;
}


struct child *keeper_child(struct keeper *k, const char *lock)
{
	for (size_t i = 0; i < k->n_children; i++) {
		if (strcmp(k->children[i].lock, lock) == 0)
			return &k->children[i];
	}

	return NULL;
}


static void media_init(struct child *c, const char *base)
{
	char path[LIMIT_NAME + 16];

	(void)snprintf(c->base, sizeof(c->base), "%s", base);
	(void)snprintf(path, sizeof(path), "run/%.40s.sock", c->lock);
	pulse_init(&c->pulse, path);
}


/* A keeper before us may have replaced it: which lives are there? The one that
 * takes new calls is started again when it ends. */
static void media_add(struct keeper *k, const char *base)
{
	struct daemon_info info;
	char name[LIMIT_NAME];
	bool current = false;

	for (uint32_t life = 0; life < LIMIT_LIVES; life++) {
		struct child *c;

		config_media_life(name, base, life);
		if (!daemon_running(name, &info))
			continue;
		c = child_add(k, RELEASE_MEDIA, name);
		media_init(c, base);
		c->leaves = info.leaves || current;
		current |= !c->leaves;
	}
	if (!current)
		(void)keeper_life_add(k, base, &k->now);
}


struct child *keeper_life_add(struct keeper *k, const char *base,
			      const struct release *r)
{
	char name[LIMIT_NAME], of[LIMIT_NAME]; /* base may be about to move */

	(void)snprintf(of, sizeof(of), "%s", base);
	for (uint32_t life = 0; life < LIMIT_LIVES; life++) {
		struct child *c = k->children;

		config_media_life(name, of, life);
		if (keeper_child(k, name) || daemon_running(name, NULL))
			continue;
		memmove(c + 1, c, k->n_children * sizeof(*c));
		++k->n_children;
		child_init(c, RELEASE_MEDIA, &r->part[RELEASE_MEDIA], name);
		media_init(c, of);
		return c;
	}

	return NULL;
}


static void children_add(struct keeper *k, const struct config *cfg)
{
	char name[LIMIT_NAME];

	for (uint32_t i = cfg->media_processes; i-- > 0;) {
		config_media_name(name, cfg, i);
		media_add(k, name);
	}
	(void)child_add(k, RELEASE_WEB, "web");
	(void)child_add(k, RELEASE_LINE, "line");
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
	char dir[LIMIT_PATH];
	struct config *cfg;
	struct store *store;
	int err;

	err = release_own(dir);
	if (!err)
		err = release_open(&k->now, dir);
	if (!err)
		err = config_read(&cfg, ".");
	if (err)
		return err;
	log_level_set(cfg->log);
	(void)snprintf(k->user, sizeof(k->user), "%s", cfg->user);
	children_add(k, cfg);
	config_free(cfg);
	strays_tell(k);

	err = store_open(&store, ".", STORE_TOOL);
	if (err)
		return err;
	store_close(store);

	return 0;
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
	k->change.client = -1;
	k->desk = -1;
	k->key_due = UINT64_MAX;
	if (!getcwd(k->dir, sizeof(k->dir))) {
		log_error("the data folder: %s", strerror(errno));
		return errno;
	}

	return check(k);
}


static void child_remove(struct keeper *k, struct child *c)
{
	const size_t after = (size_t)(k->children + k->n_children - c) - 1;

	memmove(c, c + 1, after * sizeof(*c));
	--k->n_children;
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
			child_stop(c, keeper_now_ms());
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
	change_stop(k);
	for (size_t i = 0; i < k->n_children; i++)
		pulse_end(&k->children[i].pulse); /* they may take their time */
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
	pulse_end(&c->pulse);
	child_ended(c, keeper_now_ms());
	if (c->leaves) {
		child_remove(k, c);
		if (k->stopping)
			stop_next(k);
		return;
	}
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
	return keeper_child(k, "line");
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
		k->key_due = keeper_now_ms() + dialler_key_pause_ms(++k->n_asked);
	line->key = k->key;
}


static void due_do(struct keeper *k)
{
	if (k->key_due <= keeper_now_ms())
		key_ask(k);
	for (size_t i = 0; i < k->n_children; i++) {
		struct child *c = &k->children[i];

		if (c->pulse.due_ms <= keeper_now_ms() &&
		    pulse_look(&c->pulse, keeper_now_ms()))
			child_hung(c);
		if (child_due(c) > keeper_now_ms())
			continue;
		if (c->leaves && c->state == CHILD_DOWN &&
		    !daemon_running(c->lock, NULL))
			child_remove(k, &k->children[i--]);
		else if (c->state == CHILD_STOPPING)
			child_late(c);
		else if (!k->stopping &&
			 !child_start(c, k->dir, keeper_now_ms()))
			pulse_begin(&c->pulse, keeper_now_ms());
	}
}


static int timeout_ms(const struct keeper *k)
{
	uint64_t due = k->key_due, now = keeper_now_ms();

	if (change_due(k) < due)
		due = change_due(k);

	for (size_t i = 0; i < k->n_children; i++) {
		const struct child *c = &k->children[i];

		if (k->stopping && c->state == CHILD_DOWN)
			continue;
		if (child_due(c) < due)
			due = child_due(c);
		if (c->pulse.due_ms < due)
			due = c->pulse.due_ms;
	}
	if (due == UINT64_MAX)
		return -1;

	return due > now ? (int)(due - now) : 0;
}


static int wait_once(struct keeper *k)
{
	struct pollfd fds[2 * KEEPER_CHILDREN + 2];
	const size_t n = k->n_children;

	for (size_t i = 0; i < n; i++) {
		fds[i] = (struct pollfd){k->children[i].pidfd, POLLIN, 0};
		fds[n + i] = (struct pollfd){k->children[i].pulse.fd, POLLIN,
					     0};
	}
	fds[2 * n] = (struct pollfd){k->sigfd, POLLIN, 0};
	fds[2 * n + 1] = (struct pollfd){k->desk, POLLIN, 0};

	if (poll(fds, 2 * n + 2, timeout_ms(k)) < 0)
		return errno == EINTR ? 0 : errno;

	/* from the end: one that left is taken out */
	for (size_t i = n; i-- > 0;) {
		if (fds[n + i].revents)
			pulse_read(&k->children[i].pulse);
		if (fds[i].revents)
			child_read(k, &k->children[i]);
	}
	if (fds[2 * n].revents)
		signal_read(k);
	if (fds[2 * n + 1].revents)
		change_asked(k);

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

	err = dialler_key_get(&k->key, &again);
	if (err)
		return err;
	k->key_due = again ? keeper_now_ms() + dialler_key_pause_ms(0)
			   : UINT64_MAX;

	return 0;
}


/* nobody handed anything over to us */
static int begin(struct keeper *k)
{
	const int err = daemon_lock("keeper", &k->lock);

	if (err)
		return err;
	traces_lock_say();
	keys_prepare();

	return key_hold(k);
}


static int keep(struct keeper *k)
{
	int err = 0;

	while (!err && !(k->stopping && all_down(k))) {
		due_do(k);
		change_run(k);
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
	if (set.check)
		return EXIT_DONE;

	err = sodium_init() < 0 ? EIO : sandbox_enter_keeper();
	if (!err)
		err = set.handover ? handover_take(&k, set.handover)
				   : begin(&k);
	if (!err)
		err = signals_open(&k.sigfd);
	if (!err)
		err = user_become(k.user);
	if (err)
		held_free(k.key);
	if (err == EADDRINUSE) /* that has been said */
		return EXIT_FAILED;
	if (err) {
		log_error("not started: %s", strerror(err));
		return EXIT_FAILED;
	}
	line_child(&k)->key = k.key;
	(void)change_open(&k);
	(void)daemon_say(k.lock, DAEMON_READY);
	if (set.handover)
		change_tell(&k.change, CHANGE_DONE, "Upgraded to %s.",
			    daemon_version());
	code = keep(&k);
	held_free(k.key);

	return code;
}
