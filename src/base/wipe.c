/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wipe.c  What is freed is wiped first, whoever frees it: libre's buffers with
 * SIP and SDP in them, libmicrohttpd's requests, SQLite's pages. Replaces
 * free() and realloc() of the whole program, so it is linked into programs
 * alone, and not beside a sanitizer, which replaces them itself. Must not
 * allocate anything that was not asked for.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* the C library's own (glibc) */
extern void __libc_free(void *p);
extern void *__libc_realloc(void *p, size_t n);


enum { MARK = 1 }; /* its second word: what the C library marks as free */

/* The mark, the same for the life of the process; 0: there is none. Written
 * once, before main(). */
static uintptr_t marked;


__attribute__((constructor)) static void mark_learn(void)
{
	volatile uintptr_t *p = malloc((MARK + 1) * sizeof(*p));

	if (!p)
		return;
	p[MARK] = 0;
	__libc_free((void *)p);
	marked = p[MARK];
}


/* It is freed twice. Were its mark wiped, the C library would not find that
 * out, and give it to two at once. */
static bool is_free(const void *p)
{
	return marked && ((const volatile uintptr_t *)p)[MARK] == marked;
}


void free(void *p)
{
	if (p && !is_free(p))
		explicit_bzero(p, malloc_usable_size(p));
	__libc_free(p);
}


/* never moved by the C library: it would leave the old bytes behind */
void *realloc(void *p, size_t n)
{
	const size_t had = p ? malloc_usable_size(p) : 0;
	void *to;

	if (!p)
		return malloc(n);
	if (n && n <= had) {
		explicit_bzero((char *)p + n, had - n);
		return __libc_realloc(p, n);
	}

	to = n ? malloc(n) : NULL;
	if (n && !to)
		return NULL;
	if (to)
		memcpy(to, p, had);
	free(p);

	return to;
}
