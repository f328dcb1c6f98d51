/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-media: everything that is heard. Parses RTP and the SDP
 * that the line process hands it; touches UDP ports and prompts; never the
 * store, never SIP.
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <re.h>

#include "places.h"
#include "server.h"
#include "websrtp.h"
#include "base/config_media.h"
#include "base/daemon.h"
#include "base/sandbox.h"
#include "wire/about.h"

#define LOG_MODULE "media"
#include "base/log.h"


/* files beside the legs' sockets: messages, one for each caller at most; the
 * one that DTLS has for each browser; the loop's own, the line, the log, the
 * lock */
enum { OTHER_FDS = LIMIT_ON_LINE + LIMIT_PEOPLE + 64 };

static int fds_make_room(void)
{
	struct rlimit files;
	int n = LIMIT_LEGS + OTHER_FDS;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur < (rlim_t)n) {
		n = (int)files.rlim_cur;
		log_warn("this process may open %d files only: so many calls "
			 "at most, halved", n);
	}

	return fd_setsize(n);
}


/* another life of ours takes new calls */
struct leaving {
	struct server *server; /* borrow */
	int fd;   /* of SIGUSR1; -1 */
	int lock;
};


static void gone(void *arg)
{
	(void)arg;
	log_note("no call is left here");
	re_cancel();
}


static void signalled(int sig)
{
	(void)sig;
	re_cancel();
}


static void leave_read(int flags, void *arg)
{
	struct leaving *l = arg;
	struct signalfd_siginfo si;
	(void)flags;

	if (read(l->fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	(void)daemon_say(l->lock, DAEMON_LEAVES);
	server_leave(l->server, gone, NULL);
}


/* the keeper's word that another life of ours runs: SIGUSR1 */
static int leaving_open(struct leaving *l)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return errno;
	l->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);

	return l->fd < 0 ? errno
			 : fd_listen(l->fd, FD_READ, leave_read, l);
}


static void leaving_close(struct leaving *l)
{
	if (l->fd < 0)
		return;
	fd_close(l->fd);
	(void)close(l->fd);
}


static int serve(const struct config *cfg, const char *path, int lock)
{
	struct leaving leaving = {.fd = -1, .lock = lock};
	struct prompts *prompts = NULL;
	struct server *server = NULL;
	struct websrtp *warm = NULL;
	int err;

	/* before there are threads */
	err = leaving_open(&leaving);
	if (!err)
		err = websrtp_init();
	if (!err)
		err = websrtp_warm(&warm);
	if (!err)
		err = places_open(&prompts, cfg);
	if (err)
		goto out;
	err = server_alloc(&server, path, cfg, prompts);
	if (err)
		goto out;
	server_guard(server);
	leaving.server = server;
	err = sandbox_enter(&sandbox_media, NULL);
	if (err)
		goto out;

	(void)daemon_say(lock, DAEMON_READY);
	log_note("ready");
	err = re_main(signalled);
	log_note("stopped");

out:
	leaving_close(&leaving);
	mem_deref(server);
	mem_deref(prompts);
	mem_deref(warm);
	websrtp_close();

	return err;
}


/* what of the configuration is ours, and where we listen */
static int place_find(char path[LIMIT_NAME], char name[LIMIT_NAME],
		      struct config *cfg, const char *started_as)
{
	char first_name[LIMIT_NAME], first_path[LIMIT_NAME];
	uint32_t i, life;
	int err;

	err = config_media_find(&i, &life, cfg, started_as);
	if (err) {
		log_error("there are several media processes: each is started"
			  " by a name of its own, as ringback-media-1; "
			  "`ringback run` does so");
		return err;
	}
	config_media_name(first_name, cfg, i);
	config_media_path(first_path, cfg, i);
	config_media_life(name, first_name, life);
	config_media_life(path, first_path, life);

	return config_media_share(cfg, i);
}


int main(int argc, char *argv[])
{
	char path[LIMIT_NAME], name[LIMIT_NAME];
	struct config *cfg = NULL;
	int err, lock = -1;

	daemon_harden();
	if (wire_about(argc, argv))
		return 0;
	if (daemon_enter(argc, argv) || config_read(&cfg, "."))
		return 1;
	log_level_set(cfg->log);

	err = place_find(path, name, cfg, argv[0]);
	if (!err)
		err = daemon_lock(name, &lock);
	if (!err && sodium_init() < 0)
		err = EIO;
	if (!err)
		err = libre_init();
	if (!err)
		err = fds_make_room();
	if (!err)
		err = serve(cfg, path, lock);
	if (err)
		log_error("stopped: %s", strerror(err));

	libre_close();
	config_free(cfg);

	return err ? 1 : 0;
}
