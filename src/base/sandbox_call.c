/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox_call.c  System calls, by seccomp. Must not know which process needs
 * which.
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <ucontext.h>
#include <unistd.h>

#include "sandbox_parts.h"
#include "traces.h"

#define LOG_MODULE "sandbox"
#include "log.h"


/* where a handler can say what the call returns; elsewhere the kernel refuses
 * without a word */
#if defined(__x86_64__)
#define RESULT(u) ((u)->uc_mcontext.gregs[REG_RAX])
#define FIRST(u) ((u)->uc_mcontext.gregs[REG_RDI])
#define REFUSE SCMP_ACT_TRAP
#elif defined(__aarch64__)
#define RESULT(u) ((u)->uc_mcontext.regs[0])
#define FIRST(u) ((u)->uc_mcontext.regs[0])
#define REFUSE SCMP_ACT_TRAP
#else
#define REFUSE SCMP_ACT_ERRNO(EPERM)
#endif

enum {
	DIGITS = 4,
	SMALL = 10000,   /* with so many digits: no address      */
	NUMBERS = 1024, /* system calls that are told once each */
	TYPE_MASK = 0xf, /* of socket(): the rest are flags      */
	FROM_FILTER = 1, /* SYS_SECCOMP, which the C library lacks */
};

/* one call, as far as its arguments are fine */
struct only {
	const char *call;
	struct scmp_arg_cmp arg;
};

#define MASKED(n, mask, value)                                                \
	{(n), SCMP_CMP_MASKED_EQ, (scmp_datum_t)(mask), (scmp_datum_t)(value)}
#define EQUAL(n, value) {(n), SCMP_CMP_EQ, (scmp_datum_t)(value), 0}

static const struct only onlys[] = {
	/* nothing that was written becomes code */
	{"mmap", MASKED(2, PROT_EXEC, 0)},
	{"mmap2", MASKED(2, PROT_EXEC, 0)},
	{"mprotect", MASKED(2, PROT_EXEC, 0)},
	/* threads, no processes */
#if TRACES_SANITIZED
	{"clone", MASKED(0, CLONE_VM, CLONE_VM)}, /* of the leak checker */
#else
	{"clone", MASKED(0, CLONE_THREAD, CLONE_THREAD)},
	{"prctl", EQUAL(0, PR_SET_NAME)},
#endif
	{"ioctl", EQUAL(1, FIONREAD)},
	{"ioctl", EQUAL(1, FIONBIO)},
	{"ioctl", EQUAL(1, TCGETS)},
	/* no signals to others: with F_SETOWN and F_SETSIG a pipe sends any
	 * of them, SIGKILL too */
	{"fcntl", EQUAL(1, F_GETFD)},
	{"fcntl", EQUAL(1, F_SETFD)},
	{"fcntl", EQUAL(1, F_GETFL)},
	{"fcntl", EQUAL(1, F_SETFL)},
	{"fcntl", EQUAL(1, F_DUPFD)},
	{"fcntl", EQUAL(1, F_DUPFD_CLOEXEC)},
	{"fcntl", EQUAL(1, F_GETLK)},
	{"fcntl", EQUAL(1, F_SETLK)},
	{"fcntl", EQUAL(1, F_SETLKW)},
	{"fcntl", EQUAL(1, F_OFD_GETLK)},
	{"fcntl", EQUAL(1, F_OFD_SETLK)},
	/* limits are asked, not set */
	{"prlimit64", EQUAL(2, 0)},
	{"getrlimit", MASKED(0, 0, 0)},
};

#if TRACES_SANITIZED
/* what the sanitizers do beside us: above all the leak checker, at the end */
static const char *const checkers[] = {
	"getdents", "ptrace", "wait4", "prctl", "kill", "tkill", "getpgrp", "gettid",
	"process_vm_readv", NULL,
};
/* nobody's code but somebody else's */
static const char *const deadly[] = {"execve", "execveat", NULL};
#else
static const char *const checkers[] = {NULL};
static const char *const deadly[] = {
	"execve", "execveat", "ptrace", "process_vm_readv",
	"process_vm_writev", NULL,
};
#endif


/* ---- what is refused ----------------------------------------------------- */

#ifdef RESULT
static void number_put(char *text, unsigned n)
{
	for (int i = DIGITS - 1; i >= 0; i--, n /= 10)
		text[i] = (char)('0' + n % 10);
}


/* The one variable of this file: a handler has no argument, and a call that is
 * tried again and again must not fill the log. */
static atomic_bool told[NUMBERS];


static void on_refused(int sig, siginfo_t *si, void *context)
{
	char text[] = "warn sandbox: system call ____(____) is in no table of"
		      " this process and was refused\n";
	const unsigned n = (unsigned)si->si_syscall;
	ucontext_t *u = context;
	const uint64_t first = (uint64_t)FIRST(u);
	(void)sig;

	if (si->si_code != FROM_FILTER)
		return;
	RESULT(u) = -EPERM;
	if (n >= NUMBERS || atomic_exchange(&told[n], true))
		return;

	number_put(strchr(text, '_'), n);
	if (first < SMALL)
		number_put(strchr(text, '_'), (unsigned)first);
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
}


static int handler_set(void)
{
	struct sigaction sa = {
		.sa_sigaction = on_refused,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};
	sigset_t set;

	(void)sigemptyset(&sa.sa_mask);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGSYS);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);

	return sigaction(SIGSYS, &sa, NULL) < 0 ? errno : 0;
}
#else
static int handler_set(void)
{
	return 0;
}
#endif


/* ---- rules --------------------------------------------------------------- */

/* what this machine has no number for cannot be called either */
static int rule(scmp_filter_ctx ctx, uint32_t action, const char *call,
		unsigned n, const struct scmp_arg_cmp *args)
{
	const int number = seccomp_syscall_resolve_name(call);
	int err;

	if (number == __NR_SCMP_ERROR)
		return 0;
	err = -seccomp_rule_add_array(ctx, action, number, n, args);

	return err == EDOM ? 0 : err;
}


static int rules(scmp_filter_ctx ctx, uint32_t action,
		 const char *const *calls)
{
	int err = 0;

	for (; *calls && !err; calls++)
		err = rule(ctx, action, *calls, 0, NULL);

	return err;
}


static int onlys_allow(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(onlys) / sizeof(onlys[0]) && !err; i++)
		err = rule(ctx, SCMP_ACT_ALLOW, onlys[i].call, 1,
			   &onlys[i].arg);

	return err;
}


static int sockets_allow(scmp_filter_ctx ctx, const struct sandbox_socket *s)
{
	int err = 0;

	for (; s->family && !err; s++) {
		const struct scmp_arg_cmp args[] = {
			EQUAL(0, s->family),
			MASKED(1, TYPE_MASK, s->type),
		};

		err = rule(ctx, SCMP_ACT_ALLOW, "socket", 2, args);
	}

	return err;
}


/* What the C library tries and does well without is refused without a word:
 * clone3(), whose flags cannot be read (it then asks clone()), and the list of
 * the machine's addresses (getaddrinfo()). */
static int quietly(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp netlink = EQUAL(0, AF_NETLINK);
	int err;

	err = rule(ctx, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);

	return err ? err
		   : rule(ctx, SCMP_ACT_ERRNO(EPERM), "socket", 1, &netlink);
}


/* signals to ourselves: abort() */
static int own_allow(scmp_filter_ctx ctx)
{
	const struct scmp_arg_cmp own = EQUAL(0, getpid());

	return rule(ctx, SCMP_ACT_ALLOW, "tgkill", 1, &own);
}


static int table_allow(scmp_filter_ctx ctx, const struct sandbox_table *table)
{
	int err = 0;

	for (size_t i = 0; table->calls[i] && !err; i++)
		err = rules(ctx, SCMP_ACT_ALLOW, table->calls[i]);
	if (!err)
		err = rules(ctx, SCMP_ACT_ALLOW, checkers);
	if (!err)
		err = onlys_allow(ctx);
	if (!err)
		err = sockets_allow(ctx, table->sockets);
	if (!err)
		err = own_allow(ctx);
	if (!err)
		err = rules(ctx, SCMP_ACT_KILL_PROCESS, deadly);
	if (!err)
		err = quietly(ctx);

	return err;
}


int sandbox_calls(const struct sandbox_table *table)
{
	scmp_filter_ctx ctx;
	int err;

	ctx = seccomp_init(REFUSE);
	if (!ctx)
		return ENOMEM;
	err = table_allow(ctx, table);
	if (!err)
		err = -seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		err = -seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err)
		err = handler_set();
	if (!err)
		err = -seccomp_load(ctx);
	seccomp_release(ctx);

	return err;
}


/* a program that is started has no handler: the kernel refuses by itself */
int sandbox_calls_keeper(void)
{
	scmp_filter_ctx ctx;
	int err;

	ctx = seccomp_init(SCMP_ACT_ALLOW);
	if (!ctx)
		return ENOMEM;
	err = rules(ctx, SCMP_ACT_ERRNO(EPERM), sandbox_never);
	if (!err)
		err = -seccomp_load(ctx);
	seccomp_release(ctx);

	return err;
}
