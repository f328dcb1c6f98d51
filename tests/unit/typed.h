/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file typed.h  Shares of the recovery key, off what was printed and onto
 * standard input
 *
 * To be included after cmocka.h.
 */
#ifndef RINGBACK_TEST_TYPED_H
#define RINGBACK_TEST_TYPED_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "seal/recovery.h"

/* "    12. word   " of a printed share, as words with blanks between */
static inline void words_of(char *words, const char *out, unsigned share)
{
	char head[32];
	const char *p;

	(void)snprintf(head, sizeof(head), "---- Share %u of", share);
	p = strstr(out, head);
	assert_non_null(p);
	*words = '\0';
	for (unsigned i = 1; i <= RECOVERY_WORDS; i++) {
		char number[8], word[16];

		(void)snprintf(number, sizeof(number), "%2u. ", i);
		p = strstr(p, number);
		assert_non_null(p);
		assert_int_equal(sscanf(p + 4, "%15s", word), 1);
		strcat(strcat(words, i > 1 ? " " : ""), word);
	}
}


static inline void typed(const char *text)
{
	const int fd = memfd_create("in", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	(void)close(fd);
	clearerr(stdin);
}

#endif
