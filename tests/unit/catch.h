/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file catch.h  What is said on standard error, by us and by children that
 * we start meanwhile
 */
#ifndef RINGBACK_TEST_CATCH_H
#define RINGBACK_TEST_CATCH_H

#include <stddef.h>

struct catch {
	int err_fd; /**< the true standard error, while ours is caught */
	int pipe[2];
};

/** From here on nothing reaches the true one, not even what a failed assertion
 *  says; best to assert after the end. */
void catch_begin(struct catch *c);

/** @param text What was said, at most size - 1 bytes */
void catch_end(struct catch *c, char *text, size_t size);

#endif
