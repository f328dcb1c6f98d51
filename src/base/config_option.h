/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file config_option.h  The configuration's own parts: rows, types, values
 *
 * Only config*.c include this. A row of the table in config.c names its type;
 * a type (config_type.c, config_word.c) checks a text and decodes it;
 * config_parse.c brings the values of a file, each with its line, out of what
 * config_text.c has read; config.c decodes them by the table; config_check.c
 * checks what only several values together can have wrong; config_write.c
 * writes a file from the same table.
 */
#ifndef RINGBACK_CONFIG_OPTION_H
#define RINGBACK_CONFIG_OPTION_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

#define CONFIG_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/** The name of the section of one line, and of the line in a new file. */
#define CONFIG_LINE      "line"
#define CONFIG_LINE_NAME "main"

enum {
	CONFIG_PRESETS = 3, /**< default values of one option, with NULL   */
	CONFIG_SHOWN = 60,  /**< bytes of a wrong value in a message       */
	CONFIG_WHY = 200,   /**< bytes of the rest of a message            */
};

struct config_option;

/** What is wrong and what would be right: the second half of a message. */
struct config_why {
	char text[CONFIG_WHY];
};

/** Check a text and put it into its field. 0, or EINVAL with why. */
typedef int(config_decode_h)(void *field, const char *text,
			     const struct config_option *o,
			     struct config_why *why);

struct config_type {
	config_decode_h *decode;
	size_t size; /**< of one value's field                            */
	bool quoted; /**< in a written file                               */
	bool hidden; /**< messages do not repeat the value                */
};

extern const struct config_type config_type_name;
extern const struct config_type config_type_number;
extern const struct config_type config_type_language;
extern const struct config_type config_type_path;
extern const struct config_type config_type_level;
extern const struct config_type config_type_seconds;
extern const struct config_type config_type_minutes;
extern const struct config_type config_type_count;
extern const struct config_type config_type_yes;
extern const struct config_type config_type_label;
extern const struct config_type config_type_skill;
extern const struct config_type config_type_kind;
extern const struct config_type config_type_tells;
extern const struct config_type config_type_hours;
extern const struct config_type config_type_zone;
extern const struct config_type config_type_key;
extern const struct config_type config_type_shown;
extern const struct config_type config_type_beginning;
extern const struct config_type config_type_home;
extern const struct config_type config_type_third;
extern const struct config_type config_type_strategy;
extern const struct config_type config_type_srtp;
extern const struct config_type config_type_addr;
extern const struct config_type config_type_own_addr;
extern const struct config_type config_type_origin;
extern const struct config_type config_type_media;
extern const struct config_type config_type_ip;

struct config_option {
	const char *name;
	const struct config_type *type;
	const char *preset[CONFIG_PRESETS]; /**< default, NULL-ended      */
	size_t offset;   /**< of the field, or of the first of a list     */
	size_t n_offset; /**< of a list's counter; 0: takes one value     */
	uint32_t min;    /**< seconds, minutes, count; values of a list   */
	uint32_t max;
	const char *help;
};

struct config_table {
	const struct config_option *v;
	size_t n;
};

extern const struct config_table config_root;  /**< into struct config     */
extern const struct config_table config_lines; /**< into struct config_line */

/** NULL if the table has no such option. */
const struct config_option *config_option_find(const struct config_table *t,
					       const char *name);

/** Set a field of a struct config or config_line to the option's default. */
void config_option_preset(void *to, const struct config_option *o);

/**
 * Two options that want the same port, or otherwise do not go together
 *
 * @param indexp Which value of that option
 * @param why    Set if there is a clash
 *
 * @return the option to complain about, NULL if there is none
 */
const struct config_option *config_clash(const struct config *c,
					 uint32_t *indexp,
					 struct config_why *why);

/** The same, in a file. 0, EINVAL when said. */
int config_check_clash(const struct config *c, cfg_t *cfg);

/**
 * A line that was read, against itself and those before it
 *
 * @param c   The lines before it
 * @param sec Its section of the file
 *
 * @return 0, EINVAL after saying why on standard error
 */
int config_check_line(const struct config *c, cfg_t *sec,
		      const struct config_line *line);

/** Say why, printf-like. @return EINVAL */
int config_because(struct config_why *why, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** DIR/ringback.conf. ENAMETOOLONG */
int config_path(char *path, size_t size, const char *dir);

/**
 * Read a file as text for libconfuse: lines as they are, comments blanked
 *
 * @param textp new (malloc), NUL-terminated
 *
 * @return 0; ENOENT, EINVAL, ... after saying why on standard error; ENOMEM
 */
int config_text_read(char **textp, const char *path);

/** One value of a file. */
struct config_value {
	int line;
	char text[];
};

/**
 * Parse a file into libconfuse's tree of struct config_value
 *
 * @param cfgp new, free with cfg_free()
 *
 * @return 0; ENOENT, EINVAL after saying why on standard error; ENOMEM
 */
int config_parse(cfg_t **cfgp, const char *path);

/** Value i of an option in the root or in one section (borrow). */
const struct config_value *config_value_at(cfg_t *cfg,
					   const struct config_option *o,
					   unsigned i);

/** One line on standard error, "FILE:LINE: ...". @return EINVAL */
int config_complain(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int config_complain_value(const cfg_t *cfg, const struct config_option *o,
			  const struct config_value *v,
			  const struct config_why *why);

/** A wrong value as a message may show it: short, printable. Returns buf. */
const char *config_shown(char buf[CONFIG_SHOWN + 1], const char *text);

#endif
