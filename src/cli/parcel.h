/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file parcel.h  A sealed file of files, as it is written and read
 *
 * The format is that of src/seal/archive.h. Only what is sealed reaches the
 * disk. A file that is written appears under its name when it is whole and on
 * the disk, not before; until then it is PATH.part.
 */
#ifndef RINGBACK_CLI_PARCEL_H
#define RINGBACK_CLI_PARCEL_H

#include "seal/archive.h"
#include "tar.h"

/** Why it went wrong, in plain words, for whichever of these. */
const char *parcel_why(int err);

/* ---- writing ------------------------------------------------------------- */

struct parcel;

/**
 * Begin one
 *
 * @param pp   new
 * @param path Where it will be; another one may be there now. PATH.part, left
 *             by a machine that stopped half-way, is written anew
 *
 * @return 0; ENOSPC, EACCES, EROFS, ...
 */
int parcel_make(struct parcel **pp, const char *path,
		const struct archive_about *about);

/** Put a file into it. @return 0; ENOSPC, EFBIG, ... */
int parcel_add(struct parcel *p, const char *name, const uint8_t *v,
	       size_t n);

/** Nothing more comes: it is on the disk when this returns 0, as PATH.part. */
int parcel_finish(struct parcel *p);

/** Give it its name, in place of an older one, which is overwritten once
 *  nobody finds it any more.
 *  @param otherp Optional; set if the older one has another name on the disk,
 *                and is still there */
int parcel_place(struct parcel *p, bool *otherp);

/** takes. What was not placed is deleted. NULL is fine */
void parcel_drop(struct parcel *p);

/* ---- reading ------------------------------------------------------------- */

struct opened;

/** Open a file, and look at what can be read without a key.
 *  @param op new
 *  @return 0; EBADMSG it is none of ours; ENOTSUP of a newer Ringback; ENOENT,
 *          EACCES, ... */
int opened_open(struct opened **op, struct archive_about *about,
		const char *path);

/** @return 0; EKEYREJECTED of another key, or changed */
int opened_unlock(struct opened *o, const uint8_t private[SEAL_KEY]);

/** The next file in it; what was not read of the one before is passed over.
 *  @return 0; ENOENT no more, and all was whole; ENODATA it is cut off; EBADMSG
 *          changed */
int opened_next(struct opened *o, struct tar_file *file);

/** Some of that file. @param np Set: n at most, 0 at its end
 *  @return 0; ENODATA, EBADMSG as above */
int opened_read(struct opened *o, uint8_t *v, size_t n, size_t *np);

/** takes. NULL is fine */
void opened_close(struct opened *o);

#endif
