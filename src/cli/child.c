/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * child.c  Starts, watches and stops one process. Must not end it when the
 * keeper itself ends by force: it goes on, and the next keeper adopts it.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/daemon.h"
#include "child.h"
#include "exit.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


enum {
	DELAY_FIRST_MS = 100,
	DELAY_MAX_MS = 10000,
	STEADY_MS = 1000, /* lived so long: callers need it back at once */
	STOP_MS = 10000, /* a line may have to wait for its store */
	KEY_FD = 3, /* in the child: where it reads its key */
};

extern char **environ;

static const char *const states[] = {
	[CHILD_DOWN] = "DOWN",
	[CHILD_UP] = "UP",
	[CHILD_STOPPING] = "STOPPING",
	[CHILD_KILLING] = "KILLING",
};

static const char *const events[] = {
	[CHILD_STARTED] = "started",
	[CHILD_ENDED] = "ended",
	[CHILD_STOP] = "stop",
	[CHILD_LATE] = "late",
	[CHILD_HUNG] = "hung",
};


static void signal_send(const struct child *c, int sig)
{
	if (syscall(SYS_pidfd_send_signal, c->pidfd, sig, NULL, 0) < 0 &&
	    errno != ESRCH)
		log_error("%s could not be signalled: %s", c->name,
			  strerror(errno));
}


static void act_terminate(void *obj, void *arg)
{
	(void)arg;
	signal_send(obj, SIGTERM);
}


static void act_kill(void *obj, void *arg)
{
	struct child *c = obj;
	(void)arg;

	log_warn("%s has not ended within %d s; killing it", c->name,
		 STOP_MS / 1000);
	++c->n_killed;
	signal_send(c, SIGKILL);
}


static void act_kill_hung(void *obj, void *arg)
{
	struct child *c = obj;
	(void)arg;

	log_error("%s (pid %d) does not answer any more; killing it", c->name,
		  (int)c->pid);
	signal_send(c, SIGKILL);
}


static const struct step_rule rules[] = {
	{CHILD_DOWN, CHILD_STARTED, NULL, CHILD_UP},
	{CHILD_DOWN, CHILD_STOP, NULL, CHILD_DOWN},

	{CHILD_UP, CHILD_ENDED, NULL, CHILD_DOWN},
	{CHILD_UP, CHILD_HUNG, act_kill_hung, CHILD_UP},
	{CHILD_UP, CHILD_STOP, act_terminate, CHILD_STOPPING},

	{CHILD_STOPPING, CHILD_ENDED, NULL, CHILD_DOWN},
	{CHILD_STOPPING, CHILD_STOP, NULL, CHILD_STOPPING},
	{CHILD_STOPPING, CHILD_LATE, act_kill, CHILD_KILLING},

	{CHILD_KILLING, CHILD_ENDED, NULL, CHILD_DOWN},
	{CHILD_KILLING, CHILD_STOP, NULL, CHILD_KILLING},
};

const struct step_machine child_machine = {
	"child", states, events, rules, CHILD_STATES, CHILD_EVENTS,
	STEP_COUNT(rules),
};


static void child_step(struct child *c, enum child_event event)
{
	(void)step(&child_machine, &c->state, (uint64_t)c->pid,
		   (uint8_t)event, NULL, c, NULL);
}


void child_init(struct child *c, enum release_part part,
		const struct program *program, const char *lock)
{
	memset(c, 0, sizeof(*c));
	c->part = part;
	c->program = program;
	(void)snprintf(c->base, sizeof(c->base), "%.40s", lock);
	(void)snprintf(c->lock, sizeof(c->lock), "%.40s", lock);
	(void)snprintf(c->name, sizeof(c->name), "ringback-%.40s", c->lock);
	c->pidfd = -1;
	pulse_init(&c->pulse, NULL);
	c->delay_ms = DELAY_FIRST_MS;
}


/* the lock is asked again after pidfd_open(): only then the pid is its own */
static bool adopt(struct child *c)
{
	struct daemon_info info, again;
	int fd;

	if (!daemon_running(c->lock, &info))
		return false;
	fd = pidfd_open(info.pid, 0);
	if (fd < 0)
		return false;
	if (!daemon_running(c->lock, &again) || again.pid != info.pid) {
		(void)close(fd);
		return false;
	}

	c->pid = info.pid;
	c->pidfd = fd;
	c->adopted = true;
	log_note("%s already runs (pid %d); adopted", c->name, (int)c->pid);

	return true;
}


/* readable to its end without anybody writing: it fits into the pipe */
/* its own session: what ends the keeper's terminal does not end a talk */
static int spawn_with(struct child *c, char *const argv[], int key_fd)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char buf[LIMIT_PATH];
	sigset_t none;
	int err;

	(void)sigemptyset(&none);
	err = posix_spawnattr_init(&attr);
	if (err)
		return err;
	err = posix_spawn_file_actions_init(&files);
	if (err)
		goto out;
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSID);
	if (key_fd >= 0)
		err = posix_spawn_file_actions_adddup2(&files, key_fd,
						       KEY_FD);
	if (!err)
		err = posix_spawn(&c->pid, program_path(c->program, buf),
				  &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);

out:
	(void)posix_spawnattr_destroy(&attr);

	return err;
}


static int spawn(struct child *c, const char *dir)
{
	char name[LIMIT_NAME], option[] = "--data", data[LIMIT_PATH];
	char key_option[] = "--key-fd", key_number[16];
	char *const argv[] = {name, option, data,
			      c->key ? key_option : NULL, key_number, NULL};
	int err = 0, fd = -1;

	(void)snprintf(name, sizeof(name), "%s", c->name);
	(void)snprintf(data, sizeof(data), "%s", dir);
	(void)snprintf(key_number, sizeof(key_number), "%d", KEY_FD);
	if (c->key)
		err = held_pipe(c->key, &fd);
	if (!err)
		err = spawn_with(c, argv, fd);
	if (fd >= 0)
		(void)close(fd);
	if (err)
		return err;

	c->adopted = false;
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd < 0) {
		err = errno;
		(void)kill(c->pid, SIGKILL); /* what cannot be watched */
		(void)waitpid(c->pid, NULL, 0);
	}

	return err;
}


int child_start(struct child *c, const char *dir, uint64_t now_ms)
{
	int err;

	if (!adopt(c)) {
		err = spawn(c, dir);
		if (err) {
			log_error("%s could not be started: %s", c->name,
				  strerror(err));
			++c->n_ends;
			child_count_end(c, -1, now_ms);
			return err;
		}
		log_note("%s started (pid %d)", c->name, (int)c->pid);
	}

	c->started_ms = now_ms;
	child_step(c, CHILD_STARTED);

	return 0;
}


void child_count_end(struct child *c, int code, uint64_t now_ms)
{
	if (now_ms - c->started_ms >= STEADY_MS)
		c->delay_ms = DELAY_FIRST_MS;
	c->due_ms = now_ms + c->delay_ms;
	c->delay_ms *= 2;
	if (c->delay_ms > DELAY_MAX_MS)
		c->delay_ms = DELAY_MAX_MS;

	c->n_config = code == EXIT_CONFIG ? c->n_config + 1 : 0;
}


/* the exit status if it exited, else -1 */
static int why_say(const struct child *c, const siginfo_t *si)
{
	const bool wanted = c->state != CHILD_UP || c->leaves || c->replaced;
	const enum log_level level = wanted ? LOG_NOTE : LOG_WARN;

	if (!si) {
		log_write(level, LOG_MODULE, "%s (pid %d) ended; why is not"
			  " known, another keeper started it", c->name,
			  (int)c->pid);
		return -1;
	}
	if (si->si_code == CLD_EXITED) {
		log_write(level, LOG_MODULE, "%s (pid %d) ended with status"
			  " %d", c->name, (int)c->pid, si->si_status);
		return si->si_status;
	}

	log_write(level, LOG_MODULE, "%s (pid %d) ended by signal %d (%s)",
		  c->name, (int)c->pid, si->si_status,
		  strsignal(si->si_status));
	return -1;
}


void child_ended(struct child *c, uint64_t now_ms)
{
	const bool wanted = c->state != CHILD_UP || c->leaves || c->replaced;
	siginfo_t si = {0};
	int code;

	/* a keeper that became another one has its children still */
	if (waitid(P_PIDFD, (id_t)c->pidfd, &si, WEXITED) == 0)
		code = why_say(c, &si);
	else
		code = why_say(c, NULL);

	(void)close(c->pidfd);
	c->pidfd = -1;
	child_step(c, CHILD_ENDED);
	++c->n_ends;
	child_count_end(c, code, now_ms);
	if (c->replaced) {
		c->replaced = false;
		c->due_ms = now_ms;
		c->n_config = 0;
	}
	if (!wanted && !child_hopeless(c))
		log_note("%s starts again in %u ms", c->name,
			 (unsigned)(c->due_ms - now_ms));
}


void child_stop(struct child *c, uint64_t now_ms)
{
	c->due_ms = now_ms + STOP_MS;
	child_step(c, CHILD_STOP);
}


void child_hung(struct child *c)
{
	child_step(c, CHILD_HUNG);
}


void child_signal(const struct child *c, int sig)
{
	if (c->pidfd >= 0)
		signal_send(c, sig);
}


void child_kill(struct child *c)
{
	child_signal(c, SIGKILL);
}


void child_replace(struct child *c, const struct program *program, int sig,
		   uint64_t now_ms)
{
	c->program = program;
	c->delay_ms = DELAY_FIRST_MS;
	c->replaced = c->state != CHILD_DOWN;
	c->n_ends_wanted = c->n_ends + c->replaced;
	if (c->state == CHILD_DOWN)
		c->due_ms = now_ms;
	else if (sig == SIGKILL)
		child_kill(c);
	else
		child_stop(c, now_ms);
}


void child_late(struct child *c)
{
	child_step(c, CHILD_LATE);
}


uint64_t child_due(const struct child *c)
{
	return c->state == CHILD_DOWN || c->state == CHILD_STOPPING
		       ? c->due_ms
		       : UINT64_MAX;
}


bool child_hopeless(const struct child *c)
{
	return c->n_config >= CHILD_CONFIG_ENDS;
}
