/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * held.c  One private key in locked memory. Must not leave a copy anywhere
 * else, not even on the stack.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "held.h"

_Static_assert(SEAL_KEY == (int)crypto_generichash_BYTES, "of a secret");


struct held {
	uint8_t *private; /* locked */
	uint8_t public[SEAL_KEY];
};

static const uint8_t purpose[] = "ringback dialler key";


void held_free(struct held *h)
{
	if (!h)
		return;

	sodium_free(h->private); /* wipes it */
	free(h);
}


/* with room for a key, all zeros */
static int held_alloc(struct held **hp)
{
	struct held *h = calloc(1, sizeof(*h));

	if (!h)
		return ENOMEM;
	h->private = sodium_malloc(SEAL_KEY);
	if (!h->private) {
		free(h);
		return ENOMEM;
	}
	sodium_memzero(h->private, SEAL_KEY);
	*hp = h;

	return 0;
}


/* takes h unless it is good */
static int held_done(struct held **hp, struct held *h, int err)
{
	if (!err && sodium_is_zero(h->private, SEAL_KEY))
		err = EINVAL;
	if (err) {
		held_free(h);
		return err;
	}

	seal_public(h->public, h->private);
	(void)sodium_mprotect_readonly(h->private);
	*hp = h;

	return 0;
}


int held_random(struct held **hp)
{
	struct held *h;
	int err;

	if (!hp)
		return EINVAL;
	err = held_alloc(&h);
	if (err)
		return err;
	randombytes_buf(h->private, SEAL_KEY);

	return held_done(hp, h, 0);
}


int held_derive(struct held **hp, const uint8_t *secret, size_t n)
{
	struct held *h;
	int err;

	if (!hp || !secret || n < SEAL_KEY)
		return EINVAL;
	err = held_alloc(&h);
	if (err)
		return err;
	if (crypto_generichash(h->private, SEAL_KEY, secret, n, purpose,
			       sizeof(purpose) - 1))
		err = EINVAL;

	return held_done(hp, h, err);
}


int held_copy(struct held **hp, const uint8_t private[SEAL_KEY])
{
	struct held *h;
	int err;

	if (!hp || !private)
		return EINVAL;
	err = held_alloc(&h);
	if (err)
		return err;
	for (size_t i = 0; i < SEAL_KEY; i++)
		h->private[i] = private[i];

	return held_done(hp, h, 0);
}


const uint8_t *held_private(const struct held *h)
{
	return h->private;
}


const uint8_t *held_public(const struct held *h)
{
	return h->public;
}


int held_write(const struct held *h, int fd)
{
	const ssize_t n = write(fd, h->private, SEAL_KEY);

	if (n < 0)
		return errno;

	return n == SEAL_KEY ? 0 : EIO;
}


int held_pipe(const struct held *h, int *fdp)
{
	int err, fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return errno;
	err = held_write(h, fds[1]);
	(void)close(fds[1]);
	if (err)
		(void)close(fds[0]);
	else
		*fdp = fds[0];

	return err;
}


static int read_all(uint8_t *to, size_t n, int fd)
{
	size_t got = 0;

	while (got < n) {
		const ssize_t r = read(fd, to + got, n - got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno;
		if (r == 0)
			return EINVAL;
		got += (size_t)r;
	}

	return 0;
}


int held_read(struct held **hp, int fd)
{
	struct held *h;
	int err;

	if (!hp)
		return EINVAL;
	err = held_alloc(&h);
	if (err)
		return err;

	return held_done(hp, h, read_all(h->private, SEAL_KEY, fd));
}
