/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sandbox.c  Gives up what a process does not need. Must not know what that
 * is: see sandbox_table.c.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox_parts.h"

#define LOG_MODULE "sandbox"
#include "log.h"


/* landlock holds for the thread that asks for it */
static bool is_alone(void)
{
	const struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	dir = opendir("/proc/self/task");
	if (!dir)
		return true;
	while ((e = readdir(dir)))
		n += e->d_name[0] != '.';
	(void)closedir(dir);

	return n == 1;
}


static uint32_t own_bit(int cap, const struct __user_cap_data_struct *data)
{
	return data[CAP_TO_INDEX(cap)].permitted & CAP_TO_MASK(cap);
}


/* All capabilities but to lock memory: with all of it locked (traces.h), an
 * allocation beyond the limit would fail without. Root without them is
 * somebody whose files are root's. */
static int capabilities_drop(void)
{
	struct __user_cap_header_struct hdr = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	uint32_t lock;

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned long i = 0;
	     prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);

	if (syscall(SYS_capget, &hdr, data) < 0)
		return errno;
	lock = own_bit(CAP_IPC_LOCK, data);
	memset(data, 0, sizeof(data));
	data[CAP_TO_INDEX(CAP_IPC_LOCK)].permitted = lock;
	data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective = lock;

	return syscall(SYS_capset, &hdr, data) < 0 ? errno : 0;
}


/* a kernel without it: said once, and no reason not to take calls */
static int passed_over(int err, const char *what)
{
	if (err != ENOTSUP && err != ENOSYS && err != EINVAL)
		return err;

	log_warn("this kernel cannot keep the process from %s: use Linux 6.7 "
		 "or later, with landlock and seccomp", what);
	return 0;
}


int sandbox_enter(const struct sandbox_table *table,
		  const struct sandbox_file *more)
{
	int err;

	if (!table)
		return EINVAL;
	if (!is_alone()) {
		log_error("%s: there are threads that would stay outside",
			  table->name);
		return EBUSY;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;

	err = sandbox_land(table, more);
	if (err)
		err = passed_over(err, "files of others");
	if (!err)
		err = capabilities_drop();
	if (!err)
		err = sandbox_calls(table);
	if (err)
		err = passed_over(err, "system calls that it does not need");
	if (err) {
		log_error("%s: it could not be shut in: %s", table->name,
			  strerror(err));
		return err;
	}
#ifdef SANDBOX_TRY
	sandbox_try(table);
#endif

	return 0;
}


int sandbox_enter_keeper(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;

	return passed_over(sandbox_calls_keeper(),
			   "system calls that it does not need");
}
