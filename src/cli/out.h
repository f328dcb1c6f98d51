/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file out.h  Listings: a table for people, JSON for programs
 *
 * A command builds a JSON array of objects; either way of printing comes
 * from that, so that both say the same.
 */
#ifndef RINGBACK_CLI_OUT_H
#define RINGBACK_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

enum out_kind {
	OUT_TEXT,
	OUT_NUMBER, /**< to the right                                      */
	OUT_MS,     /**< milliseconds, shown as seconds                    */
	OUT_YES,    /**< a boolean: yes or no                              */
	OUT_WORDS,  /**< an array of texts                                 */
};

struct out_column {
	const char *title; /**< for people                                 */
	const char *key;   /**< in the object                              */
	enum out_kind kind;
};

/** A listing being built; all zero is the empty one. */
struct out_rows {
	json_t *array;
	bool failed; /**< out of memory: nothing of it will be printed     */
};

/** Add a row (takes; NULL is out of memory). @return true: stop */
bool out_add(struct out_rows *rows, json_t *row);

/**
 * Print a listing
 *
 * @param rows  The listing (takes)
 * @param json  As JSON, else as a table
 * @param empty Said instead of a table without rows
 *
 * @return exit code
 */
int out_list(struct out_rows *rows, bool json,
	     const struct out_column *columns, size_t n, const char *empty);

/** Throw a listing away. */
void out_drop(struct out_rows *rows);

/** Print one JSON value (takes). @return exit code */
int out_json(json_t *value);

/** new: a text, or null for "" */
json_t *out_text(const char *text);

enum { OUT_TIME = 32 };

/** "2026-11-21T06:31:52Z" of Unix milliseconds. */
const char *out_time(char buf[OUT_TIME], int64_t unix_ms);

#endif
