/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * upgrade.c  `ringback upgrade`: asks the keeper to replace the processes, and
 * repeats what it says. Must not touch one itself.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/step.h"
#include "change.h"
#include "command.h"
#include "data.h"
#include "exit.h"
#include "opts.h"


struct settings {
	const char *data;
	const char *from;
	bool when_idle;
};

static const struct opt rows[] = {
	{OPT_TEXT, "--from", "DIR", offsetof(struct settings, from),
	 "the programs to run; else those that are now where the running ones "
	 "were", 0, 0, NULL},
	{OPT_FLAG, "--when-idle", NULL, offsetof(struct settings, when_idle),
	 "all at once, as soon as nobody is on the line", 0, 0, NULL},
	OPT_DATA(settings),
};

static const struct opts options = {
	"ringback upgrade [--from DIR] [--when-idle] [--data DIR]",
	"Replaces the processes of a running line one by one, without ending a"
	" call. A version\nthat does not start is rolled back. Exits 1 if the"
	" old version still runs.",
	rows, STEP_COUNT(rows),
};


static int keeper_reach(int *fdp)
{
	const struct sockaddr_un sun = {.sun_family = AF_UNIX,
					.sun_path = CHANGE_SOCKET};
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0) {
		fprintf(stderr, "No keeper runs here: what is installed now "
			"is what starts with `ringback run`.\n");
		if (fd >= 0)
			(void)close(fd);
		return ENOENT;
	}
	*fdp = fd;

	return 0;
}


static int ask(int fd, const struct settings *set, const char *dir)
{
	char text[LIMIT_PATH + 1];

	(void)snprintf(text, sizeof(text), "%c%s",
		       set->when_idle ? CHANGE_ASK_IDLE : CHANGE_ASK, dir);
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
		fprintf(stderr, "The keeper does not listen: %s\n",
			strerror(errno));
		return errno;
	}

	return 0;
}


/* the last word decides */
static int listen_on(int fd)
{
	char text[2 * LIMIT_PATH + 257];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		if (text[0] == CHANGE_FAILED) {
			fprintf(stderr, "%s\n", text + 1);
			return EXIT_FAILED;
		}
		printf("%s\n", text + 1);
		if (text[0] == CHANGE_DONE)
			return EXIT_DONE;
	}
	fprintf(stderr, "The keeper ended before it was done. Calls go on; "
		"`ringback status` says what runs.\n");

	return EXIT_FAILED;
}


int upgrade_main(int argc, char *argv[])
{
	struct settings set = {0};
	char dir[LIMIT_PATH] = "";
	int code, err, fd;

	err = opts_read(&options, argc, argv, &set);
	if (err)
		return opts_exit(err);
	if (set.from && data_path(dir, sizeof(dir), set.from))
		return EXIT_FAILED;
	if (data_enter(set.data) || keeper_reach(&fd))
		return EXIT_FAILED;

	code = ask(fd, &set, dir) ? EXIT_FAILED : listen_on(fd);
	(void)close(fd);

	return code;
}
