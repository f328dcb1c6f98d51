/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file log.h  One line per event, to standard error
 *
 * Lines read "LEVEL module: text", for journald or a person. Levels say who
 * acts: error = somebody must act now; warn = look at it some day; note = each
 * step of each state machine; debug = for developers.
 *
 * Never a number, name, address of a caller or counsellor, digit or message
 * text: see secret.h. Control characters are replaced before writing.
 */
#ifndef RINGBACK_LOG_H
#define RINGBACK_LOG_H

enum log_level {
	LOG_ERROR = 0,
	LOG_WARN,
	LOG_NOTE,
	LOG_DEBUG,
};

/** Choose the least important level still written (default LOG_NOTE). */
void log_level_set(enum log_level level);

/** "error", "warn", "note", "debug" to a level; EINVAL for anything else. */
int log_level_decode(enum log_level *levelp, const char *name);

void log_write(enum log_level level, const char *module, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** Each .c that logs defines LOG_MODULE before including this header. */
#define log_error(...) log_write(LOG_ERROR, LOG_MODULE, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, LOG_MODULE, __VA_ARGS__)
#define log_note(...)  log_write(LOG_NOTE, LOG_MODULE, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, LOG_MODULE, __VA_ARGS__)

#endif
