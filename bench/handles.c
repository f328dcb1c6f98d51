/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handles.c  What a caller's handle costs who wants to know the caller, and
 * whether files give a key to one away. Needs no line.
 *
 *	handles                      numbers a second, and what follows
 *	handles [--all] FILE ... < NUMBERS
 *	                             the attack; one number a row, that called
 *
 * Exit codes: 0 done, or nothing was found; 3 a key was found; 1 neither.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "seal/handle.h"

#include "attack.h"

enum { MOST_NUMBERS = 64, DIGITS = 16, FOUND = 3 };


static double cpu_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}


/* ---- how fast ------------------------------------------------------------ */

/* of our own; SHA-256 beside it, which everybody knows */
static double handles_a_second(const struct handles *h)
{
	const double begin = cpu_s();
	struct secret_text number;
	char text[32];
	uint32_t sum = 0;
	uint64_t n = 0;

	do {
		for (int i = 0; i < 1000; i++, n++) {
			const int len = snprintf(text, sizeof(text),
						 "+1%010" PRIu64, n);

			(void)secret_set(&number, text, (size_t)len);
			sum += handle_of(h, 0, &number);
		}
	} while (cpu_s() - begin < 1);

	return sum ? (double)n / (cpu_s() - begin) : 0;
}


static double hashes_a_second(void)
{
	uint8_t text[12] = "+15550000000", hash[crypto_hash_sha256_BYTES];
	const double begin = cpu_s();
	uint64_t n = 0;

	do {
		for (int i = 0; i < 1000; i++, n++) {
			memcpy(text + 4, &n, sizeof(n));
			(void)crypto_hash_sha256(hash, text, sizeof(text));
		}
	} while (cpu_s() - begin < 1);

	return (double)n / (cpu_s() - begin);
}


static int measure(void)
{
	const double space = 1e10, mobile = 1.18e11, suspects = 1e5;
	struct handles *h;
	double rate, sha;

	if (handles_alloc(&h))
		return 1;
	handles_day(h, 1);
	rate = handles_a_second(h);
	sha = hashes_a_second();
	handles_free(h);

	printf("one core: %.2f million handles a second, %.2f times as many"
	       " SHA-256\n\n", rate / 1e6, sha / rate);
	printf("key from            10^10 numbers   1.2 x 10^11   100,000\n");
	printf("disk, powered off   no key, no handle: nothing to search\n");
	printf("memory, today       %9.1f min %11.1f h %8.1f ms\n",
	       space / rate / 60, mobile / rate / 3600,
	       suspects / rate * 1e3);
	printf("memory, yesterday's rows   no handle there, and the key is"
	       " gone\n\n");
	printf("numbers that fit one handle: %.0f of 10^10, %.2f of a list of"
	       " 100,000\n", space / (1 << HANDLE_BITS),
	       suspects / (1 << HANDLE_BITS));

	return 0;
}


/* ---- the attack ---------------------------------------------------------- */

struct image {
	uint8_t *p;
	size_t n;
};


static int file_add(struct image *image, const char *path)
{
	uint8_t piece[65536];
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return -1;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0) {
		uint8_t *p = realloc(image->p, image->n + n);

		if (!p)
			break;
		image->p = p;
		memcpy(image->p + image->n, piece, n);
		image->n += n;
	}
	(void)fclose(f);

	return n ? -1 : 0;
}


static size_t numbers_read(char v[MOST_NUMBERS][DIGITS],
			   const char *rows[MOST_NUMBERS])
{
	size_t n = 0;

	while (n < MOST_NUMBERS && scanf("%15s", v[n]) == 1) {
		rows[n] = v[n];
		++n;
	}

	return n;
}


static int attack(struct image *image, bool all)
{
	char v[MOST_NUMBERS][DIGITS];
	const char *rows[MOST_NUMBERS];
	const size_t n = numbers_read(v, rows);
	struct attack_hit hit;
	struct attack *a;
	bool found;

	if (attack_alloc(&a, image->p, image->n))
		return 1;
	found = attack_run(a, rows, n, all, &hit);
	printf("%zu bytes, %zu numbers, %" PRIu64 " hashes: %s\n", image->n,
	       n, attack_hashes(a), found ? "a key was found" : "no key");
	if (found)
		printf("at %zu, written as %s, taken %s: %s of numbers"
		       " spelled %s, kept as %s\n", hit.at, hit.written,
		       hit.derivation, hit.construction, hit.spelling,
		       hit.form);
	attack_free(a);

	return found ? FOUND : 0;
}


int main(int argc, char *argv[])
{
	const bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
	struct image image = {NULL, 0};
	int code = 0;

	if (sodium_init() < 0)
		return 1;
	if (argc == 1)
		return measure();

	for (int i = all ? 2 : 1; i < argc && !code; i++) {
		code = file_add(&image, argv[i]) ? 1 : 0;
		if (code)
			fprintf(stderr, "%s cannot be read\n", argv[i]);
	}
	if (!code)
		code = attack(&image, all);
	free(image.p);

	return code;
}
