/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox_try.c  Does what is forbidden, in the process itself, once it is
 * shut in: for tests, which read in the log what came of it. Builds without
 * tests do not have it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox_parts.h"

#define LOG_MODULE "sandbox"
#include "log.h"


enum { PAGE = 4096, DISCARD_PORT = 9 };

/* one that fails says why; a success is what must not be */
static int opened(const char *path, int flags)
{
	const int fd = open(path, flags | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (fd < 0)
		return errno;
	(void)close(fd);

	return 0;
}


static int socket_made(int family, int type)
{
	const int fd = socket(family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	(void)close(fd);

	return 0;
}


static int result(long n)
{
	return n < 0 ? errno : 0;
}


static int try_passwd(void)
{
	return opened("/etc/passwd", O_RDONLY);
}


static int try_program(void)
{
	return opened("/proc/self/exe", O_RDONLY);
}


static int try_config(void)
{
	return opened("ringback.conf", O_RDONLY);
}


static int try_config_write(void)
{
	return opened("ringback.conf", O_WRONLY);
}


static int try_store(void)
{
	return opened("store.db", O_RDWR);
}


static int try_lock(void)
{
	return opened("run/keeper.lock", O_RDWR);
}


static int try_create(void)
{
	return opened("forbidden", O_WRONLY | O_CREAT);
}


static int try_message(void)
{
	return opened("messages/999999.sealed", O_WRONLY | O_CREAT);
}


static int try_remove(void)
{
	return result(unlink("ringback.conf"));
}


static int try_folder(void)
{
	return result(mkdir("forbidden.d", S_IRWXU));
}


static int try_link(void)
{
	return result(symlink("/etc", "forbidden.l"));
}


/* whoever answers there: a refused connection was tried */
static int try_connect(void)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(DISCARD_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 &&
	    errno != ECONNREFUSED)
		err = errno;
	(void)close(fd);

	return err;
}


static int try_listen(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(DISCARD_PORT + 10000),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return errno;
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		err = errno;
	(void)close(fd);

	return err;
}


static int try_raw(void)
{
	return socket_made(AF_INET, SOCK_RAW);
}


static int try_packet(void)
{
	return socket_made(AF_PACKET, SOCK_DGRAM);
}


static int try_netlink(void)
{
	return socket_made(AF_NETLINK, SOCK_RAW);
}


static int try_unix(void)
{
	return socket_made(AF_UNIX, SOCK_STREAM);
}


static int try_line_socket(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return errno;
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "run/line.sock");
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 &&
	    errno != ENOENT && errno != ECONNREFUSED)
		err = errno;
	(void)close(fd);

	return err;
}


static int try_pair(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) < 0)
		return errno;
	(void)close(fds[0]);
	(void)close(fds[1]);

	return 0;
}


static int try_fork(void)
{
	const pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (!pid)
		_exit(0);
	(void)waitpid(pid, NULL, 0);

	return 0;
}


static int try_setuid(void)
{
	return result(syscall(SYS_setuid, 0));
}


static int try_mount(void)
{
	return result(mount("none", "run", "tmpfs", 0, NULL));
}


static int try_unshare(void)
{
	return result(unshare(CLONE_NEWUSER));
}


static int try_signal(void)
{
	return result(kill(getppid(), 0));
}


/* what is read or written can send a signal to anybody of the same user */
static int try_signal_file(void)
{
	int err, fds[2];

	if (pipe(fds) < 0)
		return errno;
	err = result(fcntl(fds[0], F_SETSIG, SIGKILL));
	if (!err)
		err = result(fcntl(fds[0], F_SETOWN, getpid()));
	(void)close(fds[0]);
	(void)close(fds[1]);

	return err;
}


/* where `ringback upgrade` asks for other programs: it answers, if it hears */
static int try_keeper(void)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX,
				       .sun_path = "run/keeper.sock"};
	static const char ask[] = "u/there-is-no-such-folder";
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	char said[PAGE];
	int err = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		err = errno;
	else if (send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) < 0 ||
		 recv(fd, said, sizeof(said), 0) <= 0)
		err = EACCES;
	(void)close(fd);

	return err;
}


static int try_limit(void)
{
	const struct rlimit none = {0, 0};

	return result(setrlimit(RLIMIT_CORE, &none));
}


static int try_capability(void)
{
	return result(prctl(PR_CAPBSET_DROP, 0, 0, 0, 0));
}


static int try_code(void)
{
	void *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return errno;
	(void)munmap(p, PAGE);

	return 0;
}


static int try_bpf(void)
{
	return result(syscall(SYS_bpf, 0, NULL, 0));
}


static int try_ring(void)
{
	return result(syscall(SYS_io_uring_setup, 1, NULL));
}


/* these two are the end of the process */
static int try_exec(void)
{
	char name[] = "true";
	char *const argv[] = {name, NULL};

	return result(execv("/bin/true", argv));
}


static int try_ptrace(void)
{
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}


static const struct attempt {
	const char *name;
	int (*tryh)(void);
	bool deadly; /* done only if it is asked for by its name */
} attempts[] = {
	{"passwd", try_passwd, false},
	{"program", try_program, false},
	{"config", try_config, false},
	{"config_write", try_config_write, false},
	{"store", try_store, false},
	{"lock", try_lock, false},
	{"create", try_create, false},
	{"message", try_message, false},
	{"remove", try_remove, false},
	{"folder", try_folder, false},
	{"link", try_link, false},
	{"connect", try_connect, false},
	{"listen", try_listen, false},
	{"raw", try_raw, false},
	{"packet", try_packet, false},
	{"netlink", try_netlink, false},
	{"unix", try_unix, false},
	{"line_socket", try_line_socket, false},
	{"pair", try_pair, false},
	{"fork", try_fork, false},
	{"setuid", try_setuid, false},
	{"mount", try_mount, false},
	{"unshare", try_unshare, false},
	{"signal", try_signal, false},
	{"signal_file", try_signal_file, false},
	{"keeper", try_keeper, false},
	{"limit", try_limit, false},
	{"capability", try_capability, false},
	{"code", try_code, false},
	{"bpf", try_bpf, false},
	{"ring", try_ring, false},
	{"exec", try_exec, true},
	{"ptrace", try_ptrace, true},
};


struct trial {
	const struct sandbox_table *table;
	const char *wanted;
	const char *who;
};


static void *try_all(void *arg)
{
	const struct trial *trial = arg;

	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		const struct attempt *a = &attempts[i];
		int err;

		if (a->deadly ? strcmp(trial->wanted, a->name) != 0
			      : strcmp(trial->wanted, "all") != 0)
			continue;
		err = a->tryh();
		log_note("forbidden: %s of %s: %s: %s", trial->who,
			 trial->table->name, a->name,
			 err ? strerror(err) : "done");
	}
	log_note("forbidden: %s of %s: that was all", trial->who,
		 trial->table->name);

	return NULL;
}


void sandbox_try(const struct sandbox_table *table)
{
	struct trial trial = {table, getenv("RINGBACK_TRY_FORBIDDEN"),
			      "loop"};
	pthread_t thread;

	if (!trial.wanted)
		return;
	(void)try_all(&trial);
	trial.who = "thread";
	if (pthread_create(&thread, NULL, try_all, &trial) == 0)
		(void)pthread_join(thread, NULL);
}
