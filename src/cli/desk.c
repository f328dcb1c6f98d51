/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk.c  Where `ringback upgrade` asks the keeper. Must not do what it is asked
 * itself.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/daemon.h"
#include "store/store.h"
#include "wire/wire.h"
#include "keeper.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


enum { ASK_MS = 500, BACKLOG = 4 };


int change_open(struct keeper *k)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX,
				  .sun_path = CHANGE_SOCKET};

	k->desk = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
			 SOCK_NONBLOCK, 0);
	if (k->desk < 0)
		return errno;
	(void)unlink(CHANGE_SOCKET);
	if (bind(k->desk, (struct sockaddr *)&sun, sizeof(sun)) < 0 ||
	    listen(k->desk, BACKLOG) < 0) {
		const int err = errno;

		log_error(CHANGE_SOCKET ": %s; `ringback upgrade` will not "
			  "work", strerror(err));
		(void)close(k->desk);
		k->desk = -1;
		return err;
	}

	return 0;
}


/* Of ours, or root's, and none of those that we keep: what reads bytes from
 * outside does not say what runs here. One that has asked and is gone may have
 * been one of them: who asks for an upgrade waits for its end. */
static bool may_ask(const struct keeper *k, int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) < 0 ||
	    (peer.uid != geteuid() && peer.uid != 0))
		return false;
	for (size_t i = 0; i < k->n_children; i++) {
		if (!peer.pid || k->children[i].pid != peer.pid)
			continue;
		log_error("%s (pid %d) asked for other programs to be run: "
			  "somebody else may have taken it over",
			  k->children[i].name, (int)peer.pid);
		return false;
	}

	return kill(peer.pid, 0) == 0 || errno == EPERM;
}


/* @return false: told why it is not tried */
static bool is_whole(struct keeper *k, const char *dir)
{
	struct change *ch = &k->change;
	char why[LIMIT_PATH * 2];

	if (release_is_within(&ch->next, k->dir)) {
		change_tell(ch, CHANGE_FAILED, "Not upgraded: %s is within the "
			    "data folder, where whoever takes a process over "
			    "could have put it.", dir);
		return false;
	}
	if (release_ask(&ch->next, why)) {
		change_tell(ch, CHANGE_FAILED, "Not upgraded: %s.", why);
		return false;
	}

	return true;
}


/* @return false: told why it cannot follow this one */
static bool can_follow(struct keeper *k, bool idle)
{
	struct change *ch = &k->change;

	/* there would be no way back */
	if (ch->next.oldest > store_shape().version) {
		change_tell(ch, CHANGE_FAILED, "Not upgraded: version %s "
			    "changes the store so that %s could not be put "
			    "back. Upgrade to the versions in between first; "
			    "or make a `ringback backup`, stop this line, and "
			    "start the new one.", ch->next.version,
			    daemon_version());
		return false;
	}
	if (ch->next.wire != wire_hash() && !idle) {
		change_tell(ch, CHANGE_FAILED, "Not upgraded: version %s "
			    "cannot run side by side with the one that runs. "
			    "Use --when-idle: everything is replaced at once, "
			    "as soon as nobody is on the line.",
			    ch->next.version);
		return false;
	}

	return true;
}


static void begin(struct keeper *k, const char *ask)
{
	struct change *ch = &k->change;
	char own[LIMIT_PATH];
	const char *dir = ask + 1;
	const bool idle = ask[0] == CHANGE_ASK_IDLE;

	if (!*dir && release_own(own) == 0)
		dir = own;
	if (release_open(&ch->next, dir)) {
		change_tell(ch, CHANGE_FAILED, "Not upgraded: the programs are "
			    "not all in %s.", dir);
		return;
	}
	if (!is_whole(k, dir) || !can_follow(k, idle)) {
		release_close(&ch->next);
		return;
	}

	ch->back = false;
	ch->at_once = idle;
	ch->due = 0;
	ch->state = idle ? CHANGE_WAITS : CHANGE_NEXT;
	change_tell(ch, CHANGE_SAYS, idle ? "Waiting until nobody is on the "
		    "line." : "Replacing the processes one by one.");
}


void change_asked(struct keeper *k)
{
	const struct timeval patience = {0, ASK_MS * 1000};
	const int fd = accept4(k->desk, NULL, NULL, SOCK_CLOEXEC);
	char ask[LIMIT_PATH + 1];
	struct change other = {.client = fd};
	ssize_t n;

	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	n = may_ask(k, fd) ? recv(fd, ask, sizeof(ask) - 1, 0) : -1;
	if (n < 1 || (ask[0] != CHANGE_ASK && ask[0] != CHANGE_ASK_IDLE)) {
		(void)close(fd);
		return;
	}
	ask[n] = '\0';
	if (k->change.state != CHANGE_NONE || k->stopping) {
		change_tell(&other, CHANGE_FAILED, "Not upgraded: the keeper "
			    "is busy with another upgrade, or stops.");
		return;
	}
	k->change.client = fd;
	begin(k, ask);
}
