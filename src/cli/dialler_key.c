/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dialler_key.c  Finds the dialler's key, or makes one. Must not write it
 * anywhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/limits.h"
#include "store/dialler.h"
#include "wire/conn.h"
#include "dialler_key.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


enum {
	SECRET_MOST = 4096,
	ASK_MS = 2000,
	TRIES = 60, /* with a pause: a line that has just begun to start */
	PAUSE_MS = 100,
	LATE_MOST = 3, /* answers that did not come in time */
	AGAIN_MS = 500, /* the keeper has others to look after */
	SOON = 20,
	SOON_MS = 3000,
	LATER_MS = 60000,
};


/* ---- at boot ------------------------------------------------------------- */

static int read_most(int fd, uint8_t *buf, size_t size, size_t *np)
{
	size_t n = 0;

	while (n < size) {
		const ssize_t r = read(fd, buf + n, size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno;
		if (r == 0) {
			*np = n;
			return 0;
		}
		n += (size_t)r;
	}

	return EFBIG;
}


static int boot_read(struct held **hp, int fd)
{
	uint8_t *secret = sodium_malloc(SECRET_MOST);
	size_t n = 0;
	int err;

	if (!secret)
		return ENOMEM;
	err = read_most(fd, secret, SECRET_MOST, &n);
	if (!err)
		err = held_derive(hp, secret, n);
	sodium_free(secret); /* wipes it */

	return err;
}


int dialler_key_boot(struct held **hp, const char *folder)
{
	char path[LIMIT_PATH];
	int err, fd, n;

	if (!folder)
		return ENOENT;
	n = snprintf(path, sizeof(path), "%s/" DIALLER_KEY_CREDENTIAL,
		     folder);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;

	err = boot_read(hp, fd);
	(void)close(fd);

	return err;
}


/* ---- of the line --------------------------------------------------------- */

static int ask(struct held **hp, unsigned timeout_ms)
{
	const struct wire_none none = {0};
	union {
		struct wire_key key;
		struct wire_refused refused;
	} *reply;
	enum wire_type type;
	int err;

	reply = sodium_malloc(sizeof(*reply));
	if (!reply)
		return ENOMEM;
	err = wire_ask_once("run/line.sock", WIRE_TOOL, WIRE_LINE,
			    WIRE_KEY_TAKE, &none, timeout_ms, &type, reply,
			    sizeof(*reply), NULL, NULL);
	if (!err && type != WIRE_KEY_IS)
		err = EPERM;
	if (!err)
		err = held_copy(hp, reply->key.private);
	sodium_free(reply);

	return err;
}


static void adopted_say(void)
{
	log_note("the key to callers' numbers is of the line that runs");
}


/* @return 0; ESRCH no line runs */
static int adopt(struct held **hp)
{
	const struct timespec pause = {0, PAUSE_MS * 1000000L};
	int err = ENOENT, n_late = 0;

	for (int i = 0; i < TRIES && err && n_late < LATE_MOST; i++) {
		if (!daemon_running("line", NULL))
			return ESRCH;
		err = ask(hp, ASK_MS);
		n_late += err == ETIMEDOUT;
		if (err)
			(void)nanosleep(&pause, NULL);
	}
	if (!err)
		adopted_say();
	else
		log_error("the line that runs does not give us the key to "
			  "callers' numbers (%s) and is asked again: should it "
			  "end before, those who wait now can be rung back "
			  "once a coordinator has signed in", strerror(err));

	return err;
}


int dialler_key_again(struct held **hp)
{
	struct held *key;
	const int err = ask(&key, AGAIN_MS);

	if (err)
		return err;
	held_free(*hp);
	*hp = key;
	adopted_say();

	return 0;
}


uint64_t dialler_key_pause_ms(unsigned n)
{
	return n < SOON ? SOON_MS : LATER_MS;
}


int dialler_key_get(struct held **hp, bool *againp)
{
	int err;

	if (!hp || !againp)
		return EINVAL;

	*againp = false;
	err = dialler_key_boot(hp, getenv("CREDENTIALS_DIRECTORY"));
	if (!err) {
		log_note("the key to callers' numbers is of the boot "
			 "credential " DIALLER_KEY_CREDENTIAL);
		return 0;
	}
	if (err != ENOENT)
		log_error("the boot credential " DIALLER_KEY_CREDENTIAL
			  " cannot be used (%s); it must have 32 to 4095 "
			  "bytes. After a power loss nobody is rung back "
			  "until a coordinator has signed in",
			  strerror(err));
	err = adopt(hp);
	if (!err)
		return 0;

	*againp = err != ESRCH;

	return held_random(hp);
}
