/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file config_media.h  Several media processes: their names, and who has
 * which ports
 *
 * With one process it is "media"; of several the first is "media-1". By that
 * name they hold their lock, and listen at run/NAME.sock; their program is
 * started as "ringback-NAME", which is how each knows which one it is.
 *
 * While one is replaced (`ringback upgrade`) two *lives* of it run side by side,
 * LIMIT_LIVES at most: the first is called as above, the others "media-b",
 * "media-1-c".
 */
#ifndef RINGBACK_CONFIG_MEDIA_H
#define RINGBACK_CONFIG_MEDIA_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"

/** Of process i, from 0 on. @param name At least LIMIT_NAME bytes */
void config_media_name(char *name, const struct config *c, uint32_t i);

/** Its socket. @param path At least LIMIT_NAME bytes */
void config_media_path(char *path, const struct config *c, uint32_t i);

/**
 * The name, or the socket, of another life of a process
 *
 * @param to   At least LIMIT_NAME bytes
 * @param of   Of its first life: "media-1", "run/media.sock"
 * @param life 0: the first; below LIMIT_LIVES
 */
void config_media_life(char *to, const char *of, uint32_t life);

/** Which one was started as this, and which of its lives. @return 0; ENOENT
 *  none of these */
int config_media_find(uint32_t *ip, uint32_t *lifep, const struct config *c,
		      const char *started_as);

/** Its part of a range: from an even port on, no port in two parts.
 *  @return 0; ENOSPC there is not one pair of ports for each */
int config_media_part(struct config_media *part,
		      const struct config_media *range, uint32_t i,
		      uint32_t n);

/** Leave in the configuration what is of process i. ENOSPC */
int config_media_share(struct config *c, uint32_t i);

#endif
