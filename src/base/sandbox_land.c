/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox_land.c  Files and TCP, by landlock (Linux 5.19; TCP from 6.7). The
 * C library has no functions for it, and older headers know half of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox_parts.h"
#include "traces.h"

#define LOG_MODULE "sandbox"
#include "log.h"


/* <linux/landlock.h> */
enum {
	ABI_LEAST = 2, /* before it no file could be moved at all */
	CREATE_RULESET_VERSION = 1 << 0,
	RULE_PATH_BENEATH = 1,
	RULE_NET_PORT = 2,
};

enum {
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,
	/* what a rule for a file may name */
	FS_OF_FILES = FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,

	NET_BIND_TCP = 1 << 0,
	NET_CONNECT_TCP = 1 << 1,
};

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct path_attr {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

struct port_attr {
	uint64_t allowed;
	uint64_t port;
};

/* what there is to give up: by the first version that knows it */
static const struct {
	int abi;
	struct ruleset_attr known;
} versions[] = {
	{2, {.fs = (1 << 14) - 1}},
	{3, {.fs = FS_TRUNCATE}},
	{4, {.net = NET_BIND_TCP | NET_CONNECT_TCP}},
	{5, {.fs = 1 << 15}},     /* ioctl() on devices           */
	{6, {.scoped = 1 | 2}},   /* abstract sockets, signals    */
};

static const struct {
	unsigned may;
	uint64_t access;
} rights[] = {
	{SANDBOX_READ, FS_READ_FILE},
	{SANDBOX_LIST, FS_READ_DIR},
	{SANDBOX_WRITE, FS_WRITE_FILE | FS_TRUNCATE},
	{SANDBOX_MAKE, FS_MAKE_REG},
	{SANDBOX_REMOVE, FS_REMOVE_FILE},
	{SANDBOX_SOCKET, FS_MAKE_SOCK},
	{SANDBOX_MOVE, FS_REFER},
};

#if TRACES_SANITIZED
/* the leak checker looks for the process' threads and memory */
static const struct sandbox_file own_process[] = {
	{"/proc", SANDBOX_READ | SANDBOX_LIST},
	{NULL, 0},
};
#else
static const struct sandbox_file own_process[] = {{NULL, 0}};
#endif


static uint64_t access_of(unsigned may)
{
	uint64_t access = 0;

	for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
		if (may & rights[i].may)
			access |= rights[i].access;
	}

	return access;
}


static int file_allow(int ruleset, const struct sandbox_file *file,
		      uint64_t handled)
{
	struct path_attr attr = {.allowed = access_of(file->may) & handled};
	struct stat st;
	int err = 0;

	if (file->may & SANDBOX_FOLDER && mkdir(file->path, S_IRWXU) < 0 &&
	    errno != EEXIST)
		log_warn("folder %s: it could not be made", file->path);
	attr.fd = open(file->path, O_PATH | O_CLOEXEC);
	if (attr.fd < 0)
		return 0; /* whatever it was for says so when it is missed */

	if (fstat(attr.fd, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.allowed &= FS_OF_FILES;
	if (attr.allowed && syscall(SYS_landlock_add_rule, ruleset,
				    RULE_PATH_BENEATH, &attr, 0) < 0)
		err = errno;
	(void)close(attr.fd);

	return err;
}


static int files_allow(int ruleset, const struct sandbox_file *files,
		       uint64_t handled)
{
	int err = 0;

	for (; files && files->path && !err; files++)
		err = file_allow(ruleset, files, handled);

	return err;
}


/* port 0: one that the kernel chooses, for the near end of a connection */
static int port_allow(int ruleset, uint64_t handled)
{
	const struct port_attr attr = {.allowed = NET_BIND_TCP};

	if (!(handled & NET_BIND_TCP))
		return 0;

	return syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &attr,
		       0) < 0 ? errno : 0;
}


static int rules_add(int ruleset, const struct sandbox_table *table,
		     const struct sandbox_file *more,
		     const struct ruleset_attr *handled)
{
	int err;

	err = files_allow(ruleset, table->files, handled->fs);
	if (!err)
		err = files_allow(ruleset, more, handled->fs);
	if (!err)
		err = files_allow(ruleset, own_process, handled->fs);
	if (!err && table->tcp_bind)
		err = port_allow(ruleset, handled->net);

	return err;
}


static struct ruleset_attr handled_by(long abi,
				      const struct sandbox_table *table)
{
	struct ruleset_attr all = {0};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (abi < versions[i].abi)
			break;
		all.fs |= versions[i].known.fs;
		all.net |= versions[i].known.net;
		all.scoped |= versions[i].known.scoped;
	}
	if (table->tcp_connect)
		all.net &= ~(uint64_t)NET_CONNECT_TCP;

	return all;
}


/* older kernels refuse a description that is longer than theirs */
static size_t size_for(long abi)
{
	return abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
}


int sandbox_land(const struct sandbox_table *table,
		 const struct sandbox_file *more)
{
	struct ruleset_attr handled;
	int err, fd;
	long abi;

	abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
		      CREATE_RULESET_VERSION);
	if (abi < ABI_LEAST)
		return ENOTSUP;

	handled = handled_by(abi, table);
	fd = (int)syscall(SYS_landlock_create_ruleset, &handled,
			  size_for(abi), 0);
	if (fd < 0)
		return errno;
	err = rules_add(fd, table, more, &handled);
	if (!err && syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		err = errno;
	(void)close(fd);

	return err;
}
