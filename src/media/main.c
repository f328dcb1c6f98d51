/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-media: everything that is heard. Parses RTP and the SDP
 * that the line process hands it; touches UDP ports and prompts; never the
 * store, never SIP.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <re.h>

#include "places.h"
#include "server.h"
#include "websrtp.h"
#include "base/config.h"
#include "base/daemon.h"

#define LOG_MODULE "media"
#include "base/log.h"


/* files beside the legs' sockets: messages, one for each caller at most; the
 * one that DTLS has for each browser; the loop's own, the line, the log, the
 * lock */
enum { OTHER_FDS = LIMIT_ON_LINE + LIMIT_PEOPLE + 64 };

static const char socket_path[] = "run/media.sock";


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


static void signalled(int sig)
{
	(void)sig;
	re_cancel();
}


static int serve(const struct config *cfg)
{
	struct prompts *prompts = NULL;
	struct server *server = NULL;
	int err;

	err = websrtp_init();
	if (!err)
		err = places_open(&prompts, cfg);
	if (err)
		goto out;
	err = server_alloc(&server, socket_path, cfg, prompts);
	if (err)
		goto out;

	log_note("ready");
	err = re_main(signalled);
	log_note("stopped");

out:
	mem_deref(server);
	mem_deref(prompts);
	websrtp_close();

	return err;
}


int main(int argc, char *argv[])
{
	struct config *cfg = NULL;
	int err;

	daemon_harden();
	if (daemon_enter(argc, argv) || config_read(&cfg, "."))
		return 1;
	log_level_set(cfg->log);

	err = daemon_lock("media");
	if (!err)
		err = libre_init();
	if (!err)
		err = fds_make_room();
	if (!err)
		err = serve(cfg);
	if (err)
		log_error("stopped: %s", strerror(err));

	libre_close();
	config_free(cfg);

	return err ? 1 : 0;
}
