/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox_table.c  What each process may, once it has opened what it needs.
 * Whoever adds a file, a socket or a system call to a process adds it here;
 * docs/threat-model.md says the same in words. Must not do anything.
 */
#include <sys/socket.h>

#include "sandbox.h"
#include "traces.h"


/* ---- files ---------------------------------------------------------------
 * In the data folder, where all of them work. The files of the store are open
 * before, and stay where they are as long as one process has them open. */

#define STORE(file) {file, SANDBOX_READ | SANDBOX_WRITE}
#define PUBLIC(path) {path, SANDBOX_READ | SANDBOX_LIST}

static const struct sandbox_file line_files[] = {
	STORE("store.db"),
	STORE("store.db-wal"),
	STORE("store.db-shm"),
	/* its own socket there; and who holds which lock */
	{"run", SANDBOX_READ | SANDBOX_SOCKET | SANDBOX_REMOVE},
	/* landlock moves no file to where more may be done with it: so what
	 * is written over in gone/ may be written here, too */
	{"messages", SANDBOX_READ | SANDBOX_LIST | SANDBOX_WRITE |
			     SANDBOX_REMOVE | SANDBOX_MOVE | SANDBOX_FOLDER},
	{"gone", SANDBOX_WRITE | SANDBOX_LIST | SANDBOX_REMOVE | SANDBOX_MAKE |
			 SANDBOX_MOVE | SANDBOX_FOLDER},
	/* clocks on walls, and whom other ends' certificates are checked by */
	PUBLIC("/usr/share/zoneinfo"),
	PUBLIC("/etc/localtime"),
	PUBLIC("/etc/ssl/certs"),
	PUBLIC("/etc/ssl/openssl.cnf"),
	PUBLIC("/usr/share/ca-certificates"),
	PUBLIC("/usr/local/share/ca-certificates"),
	{"/dev/urandom", SANDBOX_READ},
	{NULL, 0},
};

static const struct sandbox_file media_files[] = {
	/* its own socket, at the end; and who holds which lock */
	{"run", SANDBOX_READ | SANDBOX_REMOVE},
	{"messages", SANDBOX_READ | SANDBOX_LIST | SANDBOX_WRITE |
			     SANDBOX_MAKE | SANDBOX_REMOVE | SANDBOX_FOLDER},
	PUBLIC("/usr/share/zoneinfo"),
	PUBLIC("/etc/localtime"),
	PUBLIC("/etc/ssl/openssl.cnf"),
	{"/dev/urandom", SANDBOX_READ},
	{NULL, 0},
};

static const struct sandbox_file web_files[] = {
	STORE("store.db"),
	STORE("store.db-wal"),
	STORE("store.db-shm"),
	{"messages", SANDBOX_READ | SANDBOX_LIST | SANDBOX_FOLDER},
	PUBLIC("/usr/share/zoneinfo"),
	PUBLIC("/etc/localtime"),
	PUBLIC("/etc/ssl/openssl.cnf"),
	{"/dev/urandom", SANDBOX_READ},
	{NULL, 0},
};


/* ---- sockets -------------------------------------------------------------
 * Those that are made later: what listens is open before. */

static const struct sandbox_socket line_sockets[] = {
	{AF_UNIX, SOCK_SEQPACKET}, /* to media, for commands and pages */
	{AF_INET, SOCK_DGRAM},     /* names, and which address is ours */
	{AF_INET6, SOCK_DGRAM},
	{AF_INET, SOCK_STREAM},    /* to trunks and telephones         */
	{AF_INET6, SOCK_STREAM},
	{0, 0},
};

static const struct sandbox_socket media_sockets[] = {
	{AF_INET, SOCK_DGRAM}, /* a pair for each leg */
	{AF_INET6, SOCK_DGRAM},
	{0, 0},
};

static const struct sandbox_socket web_sockets[] = {
	{AF_UNIX, SOCK_SEQPACKET}, /* to the line */
	{0, 0},
};


/* ---- system calls -------------------------------------------------------- */

/* what a process does with itself */
static const char *const self[] = {
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock",
	"mincore", "membarrier",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
	"restart_syscall", "getpid", "gettid", "getppid", "getuid", "geteuid",
	"getgid", "getegid", "getrusage", "getcwd", "uname", "sysinfo",
	"times", "getrandom", "set_robust_list", "get_robust_list",
	"set_tid_address", "rseq", "futex", "sched_yield",
	"sched_getaffinity", "getcpu", "exit", "exit_group",
	"arch_prctl", NULL,
};

static const char *const clocks[] = {
	"clock_gettime", "clock_getres", "gettimeofday", "time", "nanosleep",
	"clock_nanosleep", "timerfd_create", "timerfd_settime",
	"timerfd_gettime", NULL,
};

/* the loop, and what wakes it */
static const char *const loop[] = {
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6",
	"pipe", "pipe2", "eventfd2", NULL,
};

/* descriptors that are open */
static const char *const open_files[] = {
	"read", "readv", "pread64", "preadv", "write", "writev", "pwrite64",
	"pwritev", "close", "lseek", "_llseek", "dup", "dup2",
	"dup3", "fstat", NULL,
};

/* files by their names: landlock says which */
static const char *const files_read[] = {
	"open", "openat", "stat", "lstat", "newfstatat", "statx", "access",
	"faccessat", "faccessat2", "readlink", "readlinkat", "getdents64",
	"statfs", "fstatfs", "flock", NULL,
};

static const char *const files_write[] = {
	"ftruncate", "fallocate", "fsync", "fdatasync", "syncfs", "unlink",
	"unlinkat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "fchmod", "fchown",
	"umask", "utimensat", NULL,
};

static const char *const talk[] = {
	"recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg", "sendmmsg",
	"getsockname", "getpeername", "getsockopt", "setsockopt", "shutdown",
	NULL,
};

static const char *const answer_others[] = {"accept", "accept4", NULL};

static const char *const turn_to_others[] = {"connect", NULL};

static const char *const take_a_port[] = {"bind", NULL};

/* its own socket is the last thing that it opens */
static const char *const serve[] = {"listen", "chmod", "fchmodat", NULL};

static const char *const *const line_calls[] = {
	self, clocks, loop, open_files, files_read, files_write, talk,
	answer_others, turn_to_others, take_a_port, serve, NULL,
};

static const char *const *const media_calls[] = {
	self, clocks, loop, open_files, files_read, files_write, talk,
	answer_others, turn_to_others, take_a_port, NULL,
};

static const char *const *const web_calls[] = {
	self, clocks, loop, open_files, files_read, files_write, talk,
	answer_others, turn_to_others, NULL,
};


/* ---- the processes ------------------------------------------------------- */

const struct sandbox_table sandbox_line = {
	.name = "line",
	.files = line_files,
	.sockets = line_sockets,
	.tcp_connect = true,
	.tcp_bind = true,
	.calls = line_calls,
};

const struct sandbox_table sandbox_media = {
	.name = "media",
	.files = media_files,
	.sockets = media_sockets,
	.calls = media_calls,
};

const struct sandbox_table sandbox_web = {
	.name = "web",
	.files = web_files,
	.sockets = web_sockets,
	.calls = web_calls,
};


/* ---- the keeper ---------------------------------------------------------- */

const char *const sandbox_never[] = {
	/* the machine */
	"reboot", "kexec_load", "kexec_file_load", "init_module",
	"finit_module", "delete_module", "swapon", "swapoff", "acct",
	"quotactl", "syslog", "sethostname", "setdomainname", "iopl",
	"ioperm", "settimeofday", "clock_settime", "adjtimex",
	"clock_adjtime", "stime",
	/* where files are */
	"mount", "umount", "umount2", "pivot_root", "chroot", "move_mount",
	"open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
	"mount_setattr", "open_by_handle_at", "name_to_handle_at", "mknod",
	"mknodat",
	/* other processes */
#if !TRACES_SANITIZED
	"ptrace",
#endif
	"process_vm_readv", "process_vm_writev", "pidfd_getfd", "unshare",
	"setns", "kcmp",
	/* large parts of the kernel that were broken often */
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
	"io_uring_enter", "io_uring_register", "add_key", "request_key",
	"keyctl", NULL,
};
