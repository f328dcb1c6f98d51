/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * out.c  Prints listings. Must not know what is listed.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exit.h"
#include "out.h"


enum {
	COLUMNS_MAX = 16,
	CELL = 96,
	GAP = 2,
};


/* columns on the screen: bytes that do not continue a UTF-8 character */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;

	return n;
}


/* "en,es"; what does not fit is cut */
static void words_put(char buf[CELL], const json_t *words)
{
	const json_t *word;
	size_t i, n = 0;

	(void)snprintf(buf, CELL, "-");
	json_array_foreach(words, i, word) {
		n += (size_t)snprintf(buf + n, CELL - n, "%s%s",
				      i ? "," : "", json_string_value(word));
		if (n >= CELL)
			return;
	}
}


static void cell(char buf[CELL], const json_t *row,
		 const struct out_column *col)
{
	const json_t *v = json_object_get(row, col->key);

	if (!v || json_is_null(v))
		(void)snprintf(buf, CELL, "-");
	else if (col->kind == OUT_YES)
		(void)snprintf(buf, CELL, json_is_true(v) ? "yes" : "no");
	else if (col->kind == OUT_WORDS)
		words_put(buf, v);
	else if (col->kind == OUT_MS)
		(void)snprintf(buf, CELL, "%.1f s",
			       (double)json_integer_value(v) / 1000.0);
	else if (json_is_integer(v))
		(void)snprintf(buf, CELL, "%lld",
			       (long long)json_integer_value(v));
	else
		(void)snprintf(buf, CELL, "%s", json_string_value(v));
}


static void widths_find(size_t *w, const json_t *rows,
			const struct out_column *columns, size_t n)
{
	char buf[CELL];
	const json_t *row;
	size_t i;

	for (size_t c = 0; c < n; c++)
		w[c] = width(columns[c].title);

	json_array_foreach(rows, i, row) {
		for (size_t c = 0; c < n; c++) {
			cell(buf, row, &columns[c]);
			if (width(buf) > w[c])
				w[c] = width(buf);
		}
	}
}


static void cell_print(const char *text, size_t w, bool right, bool last)
{
	const int pad = (int)(w - width(text));

	if (right)
		printf("%*s%s", pad, "", text);
	else
		printf("%s%*s", text, last ? 0 : pad, "");
	printf("%*s", last ? 0 : GAP, "");
}


static void table_print(const json_t *rows, const struct out_column *columns,
			size_t n)
{
	size_t w[COLUMNS_MAX];
	const json_t *row;
	char buf[CELL];
	size_t i;

	widths_find(w, rows, columns, n);

	for (size_t c = 0; c < n; c++)
		cell_print(columns[c].title, w[c],
			   columns[c].kind == OUT_NUMBER ||
				   columns[c].kind == OUT_MS, c + 1 == n);
	printf("\n");

	json_array_foreach(rows, i, row) {
		for (size_t c = 0; c < n; c++) {
			cell(buf, row, &columns[c]);
			cell_print(buf, w[c],
				   columns[c].kind == OUT_NUMBER ||
					   columns[c].kind == OUT_MS,
				   c + 1 == n);
		}
		printf("\n");
	}
}


int out_json(json_t *value)
{
	int failed = 1;

	if (value)
		failed = json_dumpf(value, stdout,
				    JSON_INDENT(2) | JSON_SORT_KEYS);
	printf("\n");
	json_decref(value);
	if (failed || fflush(stdout)) {
		fprintf(stderr, "ringback: could not print it all\n");
		return EXIT_FAILED;
	}

	return EXIT_DONE;
}


bool out_add(struct out_rows *rows, json_t *row)
{
	if (!rows->array)
		rows->array = json_array();

	if (!row || json_array_append_new(rows->array, row))
		rows->failed = true;

	return rows->failed;
}


void out_drop(struct out_rows *rows)
{
	json_decref(rows->array);
	rows->array = NULL;
}


int out_list(struct out_rows *rows, bool json,
	     const struct out_column *columns, size_t n, const char *empty)
{
	json_t *array = rows->array ? rows->array : json_array();

	rows->array = NULL;
	if (rows->failed || !array || n > COLUMNS_MAX) {
		json_decref(array);
		fprintf(stderr, "ringback: out of memory\n");
		return EXIT_FAILED;
	}
	if (json)
		return out_json(array);

	if (json_array_size(array))
		table_print(array, columns, n);
	else
		printf("%s\n", empty);
	json_decref(array);

	return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
}


json_t *out_text(const char *text)
{
	return *text ? json_string(text) : json_null();
}


const char *out_time(char buf[OUT_TIME], int64_t unix_ms)
{
	const time_t t = (time_t)(unix_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(buf, OUT_TIME, "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf[0] = '\0';

	return buf;
}
