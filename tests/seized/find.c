/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * find.c  Looks for many needles in files and in the memory of processes, at
 * every byte. Must not print what it finds: only which needle, and where.
 *
 * usage: find NEEDLES PLACE ...
 *
 * NEEDLES: a file with one needle a row, in hex; a PLACE is a file, or the
 * number of a process. Prints "hit ROW OFFSET PLACE" for each needle and place
 * (the first of its hits there), "unread PLACE" for what could not be read,
 * and in the end "searched BYTES".
 *
 * Each position is looked up by its first four bytes in a table of bits, and
 * only if its bit is set among the needles: 10,000 needles cost hardly more
 * than one.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SHORTEST = 5, /* bytes of a needle */
	LONGEST = 256,
	PAGE = 4096,
	BLOCK = 1 << 20,
	FILTER_BITS = 24,
	CHAINS = 1 << 16,
};

struct needle {
	uint8_t bytes[LONGEST];
	size_t n;
	unsigned place; /* in which it was found last, from 1 */
	struct needle *next;
};

struct finder {
	struct needle *needles;
	size_t n;
	struct needle *chains[CHAINS];
	uint8_t filter[(1 << FILTER_BITS) / 8];
	uint8_t window[BLOCK + LONGEST];
	unsigned place;
	uint64_t searched;
};


static uint32_t mixed(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));

	return v * UINT32_C(2654435761);
}


static int nibble(int c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}


static bool unhex(struct needle *x, const char *row)
{
	size_t n = strspn(row, "0123456789abcdef");

	if (n % 2 || n / 2 < SHORTEST || n / 2 > LONGEST)
		return false;
	x->n = n / 2;
	for (size_t i = 0; i < x->n; i++)
		x->bytes[i] = (uint8_t)(nibble(row[2 * i]) << 4 |
					nibble(row[2 * i + 1]));

	return true;
}


static void needle_add(struct finder *f, struct needle *x)
{
	const uint32_t h = mixed(x->bytes);
	const uint32_t bit = h >> (32 - FILTER_BITS);
	struct needle **chain = &f->chains[h % CHAINS];

	f->filter[bit / 8] |= (uint8_t)(1 << bit % 8);
	x->next = *chain;
	*chain = x;
}


static int needles_read(struct finder *f, const char *path)
{
	char row[2 * LONGEST + 2];
	FILE *in = fopen(path, "re");
	size_t room = 0;

	if (!in)
		return errno;
	while (fgets(row, sizeof(row), in)) {
		if (f->n == room) {
			room = room ? 2 * room : 1024;
			f->needles = realloc(f->needles,
					     room * sizeof(*f->needles));
			if (!f->needles)
				abort();
		}
		memset(&f->needles[f->n], 0, sizeof(f->needles[f->n]));
		if (!unhex(&f->needles[f->n++], row)) {
			fclose(in);
			return EINVAL;
		}
	}
	fclose(in);
	for (size_t i = 0; i < f->n; i++)
		needle_add(f, &f->needles[i]);

	return 0;
}


static void look(struct finder *f, const uint8_t *p, size_t left,
		 uint64_t offset, const char *place)
{
	struct needle *x = f->chains[mixed(p) % CHAINS];

	for (; x; x = x->next) {
		if (x->n > left || memcmp(x->bytes, p, x->n) ||
		    x->place == f->place)
			continue;
		x->place = f->place;
		printf("hit %zu %" PRIu64 " %s\n", (size_t)(x - f->needles),
		       offset, place);
	}
}


/* what begins before end; a needle may reach beyond it, up to n */
static void window_search(struct finder *f, size_t end, size_t n,
			  uint64_t offset, const char *place)
{
	if (n < SHORTEST)
		return;
	if (end > n - SHORTEST + 1)
		end = n - SHORTEST + 1;
	for (size_t i = 0; i < end; i++) {
		const uint32_t bit =
			mixed(f->window + i) >> (32 - FILTER_BITS);

		if (f->filter[bit / 8] & 1 << bit % 8)
			look(f, f->window + i, n - i, offset + i, place);
	}
}


/* from one offset to another; pages that cannot be read are left out */
static void range_search(struct finder *f, int fd, uint64_t from, uint64_t to,
			 const char *place)
{
	size_t kept = 0;

	while (from < to) {
		const uint64_t left = to - from;
		const size_t most = left < BLOCK ? (size_t)left : BLOCK;
		const ssize_t got =
			pread(fd, f->window + kept, most, (off_t)from);
		size_t n;

		if (got < 0) {
			from += PAGE;
			kept = 0;
			continue;
		}
		if (got == 0)
			break;
		n = kept + (size_t)got;
		window_search(f, n, n, from - kept, place);
		f->searched += (uint64_t)got;
		from += (uint64_t)got;

		/* what a needle may have begun in */
		kept = n < LONGEST - 1 ? n : LONGEST - 1;
		memmove(f->window, f->window + n - kept, kept);
	}
}


/* every mapping but those that the kernel lends */
static bool process_search(struct finder *f, const char *pid)
{
	char path[64], row[4352];
	uint64_t from, to;
	FILE *maps;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "re");
	if (!maps) {
		close(fd);
		return false;
	}
	while (fgets(row, sizeof(row), maps)) {
		if (sscanf(row, "%" SCNx64 "-%" SCNx64, &from, &to) == 2 &&
		    !strstr(row, "[v"))
			range_search(f, fd, from, to, pid);
	}
	fclose(maps);
	close(fd);

	return true;
}


static bool file_search(struct finder *f, const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return false;
	}
	range_search(f, fd, 0, (uint64_t)st.st_size, path);
	close(fd);

	return true;
}


static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}


int main(int argc, char *argv[])
{
	struct finder *f = calloc(1, sizeof(*f));

	if (!f || argc < 2 || needles_read(f, argv[1])) {
		fputs("usage: find NEEDLES PLACE ...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		++f->place;
		if (!(is_number(argv[i]) ? process_search(f, argv[i])
					 : file_search(f, argv[i])))
			printf("unread %s\n", argv[i]);
	}
	printf("searched %" PRIu64 "\n", f->searched);
	free(f->needles);
	free(f);

	return 0;
}
