/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file unpack.h  A new data folder of what is in a backup
 */
#ifndef RINGBACK_CLI_UNPACK_H
#define RINGBACK_CLI_UNPACK_H

#include "base/limits.h"
#include "parcel.h"

struct unpack {
	char folder[LIMIT_PATH - 64];
	bool made;       /**< the folder was not there before               */
	bool begun;      /**< what is in it now is ours: it was empty still  */
	bool held;       /**< fd is open: the folder, locked until the end   */
	int fd;
	bool has_store;
	uint8_t *config; /**< written last: without it no command takes the
			      folder for one of Ringback                    */
	size_t n_config;
	uint64_t n_messages;
};

/** Make the folder; an empty one is taken as it is. It is locked until
 *  unpack_close().
 *  @return 0; EEXIST there is something in it; EBUSY another restore has it;
 *          EACCES, ...: said. unpack_close() all the same */
int unpack_begin(struct unpack *u, const char *folder);

/** Put all but the configuration there. The file's key is in it.
 *  @param path Of the backup, for what is said
 *  @return 0; EBADMSG, ENODATA, ENOSPC, ...: said */
int unpack_files(struct unpack *u, struct opened *file, const char *path);

/** The folder is whole. @return 0; ENOSPC, ...: said */
int unpack_finish(struct unpack *u);

/** Take back what was made. */
void unpack_undo(struct unpack *u);

/** In any case. */
void unpack_close(struct unpack *u);

#endif
