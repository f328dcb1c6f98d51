/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-media: everything that is heard. Parses RTP and the SDP
 * that the line process hands it; touches UDP ports and prompts; never the
 * store, never SIP.
 */
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/resource.h>
#include <re.h>

#include "places.h"
#include "server.h"
#include "websrtp.h"
#include "base/config_media.h"
#include "base/daemon.h"

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


static void signalled(int sig)
{
	(void)sig;
	re_cancel();
}


static int serve(const struct config *cfg, const char *path)
{
	struct prompts *prompts = NULL;
	struct server *server = NULL;
	int err;

	err = websrtp_init();
	if (!err)
		err = places_open(&prompts, cfg);
	if (err)
		goto out;
	err = server_alloc(&server, path, cfg, prompts);
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


/* what of the configuration is ours, and where we listen */
static int place_find(char path[LIMIT_NAME], char name[LIMIT_NAME],
		      struct config *cfg, const char *started_as)
{
	uint32_t i;
	int err;

	err = config_media_find(&i, cfg, started_as);
	if (err) {
		log_error("there are several media processes: each is started"
			  " by a name of its own, as ringback-media-1; "
			  "`ringback run` does so");
		return err;
	}
	config_media_name(name, cfg, i);
	config_media_path(path, cfg, i);

	return config_media_share(cfg, i);
}


int main(int argc, char *argv[])
{
	char path[LIMIT_NAME], name[LIMIT_NAME];
	struct config *cfg = NULL;
	int err;

	daemon_harden();
	if (daemon_enter(argc, argv) || config_read(&cfg, "."))
		return 1;
	log_level_set(cfg->log);

	err = place_find(path, name, cfg, argv[0]);
	if (!err)
		err = daemon_lock(name);
	if (!err && sodium_init() < 0)
		err = EIO;
	if (!err)
		err = libre_init();
	if (!err)
		err = fds_make_room();
	if (!err)
		err = serve(cfg, path);
	if (err)
		log_error("stopped: %s", strerror(err));

	libre_close();
	config_free(cfg);

	return err ? 1 : 0;
}
