/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * user.c  From root to a user of the line's own. Must not touch what is not
 * root's, nor what has a second name somewhere else.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/traces.h"
#include "user.h"

#define LOG_MODULE "keeper"
#include "base/log.h"


static const char default_user[] = "ringback";

/* of the data folder; others have nothing that processes write */
static const char *const folders[] = {".", "run", "messages", "gone"};

/* kept, also by the programs that are started */
static const int kept[] = {CAP_NET_BIND_SERVICE, CAP_IPC_LOCK};

enum { N_KEPT = sizeof(kept) / sizeof(kept[0]) };

struct who {
	uid_t uid;
	gid_t gid;
	char name[LIMIT_NAME]; /* "" none */
};


/* ---- who ----------------------------------------------------------------- */

static bool who_named(struct who *who, const char *name)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw)
		return false;
	who->uid = pw->pw_uid;
	who->gid = pw->pw_gid;
	(void)snprintf(who->name, sizeof(who->name), "%s", name);

	return true;
}


static void who_owns(struct who *who)
{
	struct stat st;

	memset(who, 0, sizeof(*who));
	if (stat(".", &st) < 0)
		return;
	who->uid = st.st_uid;
	who->gid = st.st_gid;
}


static int who_find(struct who *who, const char *wanted)
{
	if (!wanted[0]) {
		if (!who_named(who, default_user))
			who_owns(who);
		return 0;
	}
	if (who_named(who, wanted))
		return 0;

	log_error("ringback.conf: user: there is no user \"%s\" on this "
		  "machine: make one (adduser --system --group %s), or name "
		  "another", wanted, wanted);
	return ENOENT;
}


/* ---- what is theirs ------------------------------------------------------ */

static void file_give(int dir, const char *name, const struct who *who)
{
	const int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == 0 &&
	    (S_ISDIR(st.st_mode) ||
	     (st.st_nlink == 1 && (S_ISREG(st.st_mode) ||
				   S_ISSOCK(st.st_mode)))) &&
	    fchownat(fd, "", who->uid, who->gid, AT_EMPTY_PATH) < 0)
		log_warn("%s: it could not be given to the user of the line "
			 "(%s)", name, strerror(errno));
	(void)close(fd);
}


static void folder_give(const char *path, const struct who *who)
{
	const struct dirent *e;
	DIR *dir;
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
					  O_CLOEXEC);

	if (fd < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		if (strcmp(e->d_name, "..") != 0)
			file_give(fd, e->d_name, who);
	}
	(void)closedir(dir);
}


/* ---- becoming it --------------------------------------------------------- */

static int rights_keep(void)
{
	struct __user_cap_header_struct hdr = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct had[2], data[2] = {{0}};

	if (syscall(SYS_capget, &hdr, had) < 0)
		return errno;
	for (size_t i = 0; i < N_KEPT; i++) {
		const int cap = kept[i];
		struct __user_cap_data_struct *d = &data[CAP_TO_INDEX(cap)];

		d->permitted |= had[CAP_TO_INDEX(cap)].permitted &
				CAP_TO_MASK(cap);
		d->effective = d->inheritable = d->permitted;
	}
	if (syscall(SYS_capset, &hdr, data) < 0)
		return errno;
	for (size_t i = 0; i < N_KEPT; i++)
		(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE,
			    (unsigned long)kept[i], 0, 0);

	return 0;
}


static int identity_set(const struct who *who)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return errno;
	if (who->name[0] ? initgroups(who->name, who->gid) < 0
			 : setgroups(0, NULL) < 0)
		return errno;
	if (setresgid(who->gid, who->gid, who->gid) < 0 ||
	    setresuid(who->uid, who->uid, who->uid) < 0)
		return errno;
	/* the leak checker has to trace us (traces.h) */
	if (TRACES_SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);

	return rights_keep();
}


/* each program goes to the data folder by its path */
static int folder_reached(const char *path)
{
	if (chdir(path) == 0)
		return 0;

	log_error("the user of the line cannot get to %s (%s): each folder "
		  "above it must let others pass (chmod o+x), or put it "
		  "elsewhere, as in /var/lib", path, strerror(errno));
	return EACCES;
}


static int not_root(const char *wanted)
{
	struct who who;
	int err;

	if (!wanted[0])
		return 0;
	err = who_find(&who, wanted);
	if (err || who.uid == geteuid())
		return err;

	log_error("ringback.conf: user: it says \"%s\", and that is not who "
		  "started this: start it as root, or as %s", wanted, wanted);
	return EPERM;
}


int user_become(const char *wanted)
{
	char here[LIMIT_PATH];
	struct who who;
	int err;

	if (geteuid() != 0)
		return not_root(wanted);
	err = who_find(&who, wanted);
	if (err || !who.uid)
		return err;
	if (!getcwd(here, sizeof(here)))
		return errno;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		folder_give(folders[i], &who);
	err = identity_set(&who);
	if (err)
		log_error("from root to user %s (%u): %s",
			  who.name[0] ? who.name : "of the data folder",
			  (unsigned)who.uid, strerror(err));
	else
		log_note("runs as user %s (%u)",
			 who.name[0] ? who.name : "of the data folder",
			 (unsigned)who.uid);

	return err ? err : folder_reached(here);
}
