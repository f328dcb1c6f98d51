/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * catch.c  Catches standard error in a pipe, which must never make anybody
 * wait: what does not fit is lost.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "catch.h"


void catch_begin(struct catch *c)
{
	assert_int_equal(pipe2(c->pipe, O_CLOEXEC | O_NONBLOCK), 0);
	c->err_fd = dup(STDERR_FILENO);
	assert_true(c->err_fd >= 0);
	assert_true(dup2(c->pipe[1], STDERR_FILENO) >= 0);
}


void catch_end(struct catch *c, char *text, size_t size)
{
	ssize_t n;

	assert_true(dup2(c->err_fd, STDERR_FILENO) >= 0);
	n = read(c->pipe[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	(void)close(c->err_fd);
	(void)close(c->pipe[0]);
	(void)close(c->pipe[1]);
}
