/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file opts.h  The options of one command, as a table
 *
 * A row says how an option is written, what it takes and where that goes in
 * the command's own struct, which the command fills with defaults first.
 * From the rows come the parsing, the errors and `--help`.
 */
#ifndef RINGBACK_CLI_OPTS_H
#define RINGBACK_CLI_OPTS_H

#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_FLAG,    /**< --json: a bool                                   */
	OPT_TEXT,    /**< --name N: a const char * into argv               */
	OPT_NUMBER,  /**< --limit N: a uint32_t between low and high       */
	OPT_SECONDS, /**< --for 2.5: a uint32_t of milliseconds, 0: unset  */
	OPT_WORD,    /**< --accept key: an int, the place in words         */
	OPT_PLACE,   /**< NAME: stands alone, must be given: const char *  */
};

struct opt {
	enum opt_kind kind;
	const char *name;  /**< "--json", or "NAME" for a place            */
	const char *value; /**< what it takes, for help: "DIR"             */
	size_t where;      /**< offsetof() in the command's struct         */
	const char *help;
	uint32_t low, high;       /**< OPT_NUMBER                          */
	const char *const *words; /**< OPT_WORD, ends with NULL            */
};

struct opts {
	const char *usage; /**< "ringback calls [--limit N]"               */
	const char *about; /**< a sentence or two                          */
	const struct opt *rows;
	size_t n;
};

/** The row that every command has; its struct has "const char *data". */
#define OPT_DATA(type)                                                        \
	{OPT_TEXT, "--data", "DIR", offsetof(struct type, data),              \
	 "data folder (else $RINGBACK_DATA, else /var/lib/ringback)",         \
	 0, 0, NULL}
#define OPT_JSON(type)                                                        \
	{OPT_FLAG, "--json", NULL, offsetof(struct type, json),               \
	 "JSON instead of a table", 0, 0, NULL}

/**
 * Read a command's arguments
 *
 * @param o    The command's table
 * @param argc Arguments after the command's own words
 * @param argv Borrowed: texts point into it
 * @param to   The command's struct, with its defaults
 *
 * @return 0; EINVAL wrong usage, said on standard error with the usage line;
 *         ECANCELED --help was asked for and printed
 */
int opts_read(const struct opts *o, int argc, char *argv[], void *to);

/** Say what is wrong, and the usage line. @return EINVAL */
int opts_wrong(const struct opts *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** The exit code for an error of opts_read(). */
int opts_exit(int err);

#endif
