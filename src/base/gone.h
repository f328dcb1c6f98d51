/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file gone.h  Files that are to leave nothing behind
 *
 * Out of the way at once, which takes no time; written over and deleted as
 * soon as somebody can wait for the disk. What a crash leaves in the folder
 * gone/ is there for the next gone_wipe().
 *
 * Written over where it stands: a disk that writes elsewhere (flash, a file
 * system that copies) may keep what was there. What we delete so is sealed.
 */
#ifndef RINGBACK_GONE_H
#define RINGBACK_GONE_H

/** The folder, relative to the data folder as all paths here. */
extern const char gone_folder[];

/** There is no such file from now on. @return 0, also if there was none;
 *  EACCES, ENOSPC, ... */
int gone_put(const char *path);

/**
 * Write over whatever was put there, by whomever, and delete it
 *
 * Waits for the disk; may run in a thread of its own, and in several
 * processes at a time.
 *
 * @return 0; the first error. What could not be written over is deleted all
 *         the same, if it can be.
 */
int gone_wipe(void);

#endif
