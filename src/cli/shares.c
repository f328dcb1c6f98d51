/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shares.c  Reads words from standard input. Must not keep any of them.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shares.h"


enum { TYPED = 4096 };


/* empty lines before it are passed over */
static void typed_read(char typed[TYPED])
{
	char *end = typed;

	*typed = '\0';
	while (fgets(end, (int)(TYPED - (size_t)(end - typed)), stdin)) {
		if (strcmp(end, "\n"))
			end += strlen(end);
		else if (end > typed)
			break;
	}
	if (end == typed)
		*typed = '\0';
}


int shares_read_one(struct recovery_share *share)
{
	char typed[TYPED];
	unsigned wrong = 0;
	int err;

	/* no copy of the words stays in stdin's buffer */
	(void)setvbuf(stdin, NULL, _IONBF, 0);
	typed_read(typed);
	if (!*typed)
		return ENODATA;
	err = recovery_read(share, typed, &wrong);
	sodium_memzero(typed, sizeof(typed));
	if (wrong)
		fprintf(stderr, "ringback: word %u is not one of the list."
			" The first four letters of each are enough.\n",
			wrong);
	else if (err == EINVAL)
		fprintf(stderr, "ringback: a share has %d words; these were"
			" more, or fewer.\n", RECOVERY_WORDS);
	else if (err)
		fputs("ringback: these words do not belong together: one is"
		      " mistaken for another, or two\nare swapped.\n",
		      stderr);

	return err;
}


static int join_say(uint8_t private[SEAL_KEY], const uint8_t public[SEAL_KEY],
		    const struct recovery_share *v, uint8_t n)
{
	const int err = recovery_join(private, public, v, n);

	if (err == EKEYREJECTED)
		fputs("ringback: these are shares of another recovery key.\n",
		      stderr);
	else if (err == EINVAL)
		fputs("ringback: these shares do not belong together, or one"
		      " was typed twice.\n", stderr);
	else if (err)
		fprintf(stderr, "ringback: %s\n", strerror(err));

	return err;
}


/* @return 0; ENODATA, ...: said */
static int next_read(struct recovery_share *share, unsigned number,
		     const char *without)
{
	int err;

	if (isatty(STDIN_FILENO))
		fprintf(stderr, "The words of a share (%u), then an empty"
			" line:\n", number);
	err = shares_read_one(share);
	if (err == ENODATA && number == 1)
		fprintf(stderr, "ringback: %s\n", without);
	else if (err == ENODATA)
		fprintf(stderr, "ringback: %u of the shares do not open it:"
			" more are needed.\n", number - 1);

	return err;
}


int shares_read(uint8_t private[SEAL_KEY], const uint8_t public[SEAL_KEY],
		const char *without)
{
	struct recovery_share *v = sodium_allocarray(RECOVERY_SHARES,
						     sizeof(*v));
	uint8_t n = 0;
	int err;

	if (!v) {
		fprintf(stderr, "ringback: %s\n", strerror(ENOMEM));
		return ENOMEM;
	}
	do {
		err = next_read(&v[n], n + 1u, without);
	} while (!err && ++n < v[0].need && n < RECOVERY_SHARES);

	if (!err)
		err = join_say(private, public, v, n);
	sodium_free(v);

	return err;
}
