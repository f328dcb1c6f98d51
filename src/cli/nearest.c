/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * nearest.c  Edit distance (Damerau's, adjacent swaps count as one), for
 * words of the command line.
 */
#include <string.h>

#include "nearest.h"


enum { WORD_MAX = 24 };


static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}


static unsigned distance(const char *a, const char *b)
{
	const size_t na = strlen(a), nb = strlen(b);
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	if (na > WORD_MAX || nb > WORD_MAX)
		return WORD_MAX;

	for (unsigned i = 0; i <= na; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= nb; j++)
		d[0][j] = j;

	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			unsigned v = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			v = least(v, d[i - 1][j] + 1);
			v = least(v, d[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				v = least(v, d[i - 2][j - 2] + 1);
			d[i][j] = v;
		}
	}

	return d[na][nb];
}


const char *nearest(const char *word, const char *const *words, size_t n)
{
	const char *best = NULL;
	unsigned best_d = WORD_MAX;

	for (size_t i = 0; i < n; i++) {
		unsigned d = distance(word, words[i]);

		if (d < best_d && d <= (strlen(words[i]) + 2) / 3) {
			best = words[i];
			best_d = d;
		}
	}

	return best;
}
