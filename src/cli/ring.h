/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file ring.h  The keyring beside the backups: keys of epochs, sealed to people
 */
#ifndef RINGBACK_CLI_RING_H
#define RINGBACK_CLI_RING_H

#include "store/epoch.h"
#include "parcel.h"

/** A number that says which installation it is, and nothing else: it stands in
 *  the clear. @return 0; EIO, ... */
int ring_house(uint64_t *housep, struct store *s);

/** One recovery key, once its shares were typed. In locked memory. */
struct ring_key {
	bool has;
	uint8_t public[SEAL_KEY];
	uint8_t private[SEAL_KEY];
};

/** Have the private half of this one: by the shares that are typed, if it is
 *  another one than before. @return as shares_read(): said */
int ring_key_get(struct ring_key *key, const uint8_t public[SEAL_KEY]);

/** new; NULL: no memory, said. sodium_free() it */
struct ring_key *ring_key_alloc(void);

struct ring {
	struct opened *file;
	struct archive_about about;
	struct store_grant *v;
	size_t n;
};

/** Open the file; nothing is unsealed yet. @return 0; ENOENT there is none: not
 *  said; EBADMSG, ...: said */
int ring_open(struct ring *r, const char *path);

/** Read its grants. @return 0; EBADMSG, ...: said */
int ring_read(struct ring *r, const char *path, struct ring_key *key);

/** All zero is fine, too. */
void ring_close(struct ring *r);

#endif
