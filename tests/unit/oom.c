/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * oom.c  The allocators our code calls, one of which can be told to refuse.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <re.h>

#include "oom.h"


enum { ROUNDS = 100000 };

static long countdown = -1; /* -1: never refuse */
static unsigned n_refused;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__real_mem_alloc(size_t n, mem_destroy_h *dh);
void *__real_mem_zalloc(size_t n, mem_destroy_h *dh);
void *__real_mem_realloc(void *p, size_t n);
struct mbuf *__real_mbuf_alloc(size_t n);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);
void *__wrap_mem_alloc(size_t n, mem_destroy_h *dh);
void *__wrap_mem_zalloc(size_t n, mem_destroy_h *dh);
void *__wrap_mem_realloc(void *p, size_t n);
struct mbuf *__wrap_mbuf_alloc(size_t n);


static int refuse(void)
{
	if (countdown < 0)
		return 0;
	if (countdown-- > 0)
		return 0;

	++n_refused;
	return 1;
}


void *__wrap_malloc(size_t n)
{
	return refuse() ? NULL : __real_malloc(n);
}


void *__wrap_calloc(size_t n, size_t size)
{
	return refuse() ? NULL : __real_calloc(n, size);
}


void *__wrap_realloc(void *p, size_t n)
{
	return refuse() ? NULL : __real_realloc(p, n);
}


char *__wrap_strdup(const char *s)
{
	return refuse() ? NULL : __real_strdup(s);
}


void *__wrap_mem_alloc(size_t n, mem_destroy_h *dh)
{
	return refuse() ? NULL : __real_mem_alloc(n, dh);
}


void *__wrap_mem_zalloc(size_t n, mem_destroy_h *dh)
{
	return refuse() ? NULL : __real_mem_zalloc(n, dh);
}


void *__wrap_mem_realloc(void *p, size_t n)
{
	return refuse() ? NULL : __real_mem_realloc(p, n);
}


struct mbuf *__wrap_mbuf_alloc(size_t n)
{
	return refuse() ? NULL : __real_mbuf_alloc(n);
}


unsigned oom_loop(int (*fn)(void *arg), void *arg)
{
	for (long k = 0; k < ROUNDS; k++) {
		int err;

		n_refused = 0;
		countdown = k;
		err = fn(arg);
		countdown = -1;

		if (!n_refused) {
			assert_int_equal(err, 0);
			return (unsigned)k;
		}
		if (err)
			assert_int_equal(err, ENOMEM);
	}

	fail_msg("still refusing after %d rounds", ROUNDS);
	return 0;
}
