/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file config.h  The configuration of one installation: DIR/ringback.conf
 *
 * Every option is one row of the table in config.c: name, type, default,
 * check, help. The commented file that `ringback init` writes comes from that
 * table. Parsed by libconfuse. An unknown option, a wrong type or a bad value
 * is an error with file and line, what is wrong and what would be right.
 * Nothing secret stands in it.
 */
#ifndef RINGBACK_CONFIG_H
#define RINGBACK_CONFIG_H

#include <stdint.h>
#include <stdio.h>

#include "limits.h"
#include "log.h"

struct config_addr {
	char host[64];      /**< an IP address, without brackets          */
	uint16_t port;
};

struct config_media {
	char host[64];
	uint16_t low, high; /**< port range, inclusive                    */
};

/** One line: callers dial its numbers. The first line is the default. */
struct config_line {
	char name[LIMIT_NAME];
	char numbers[LIMIT_NUMBERS][LIMIT_NAME]; /**< as dialled: the user
							part of the URI   */
	uint32_t n_numbers;
	char languages[LIMIT_LANGUAGES][LIMIT_LANGUAGE]; /**< first: default */
	uint32_t n_languages;
};

/** Who is rung for a waiting caller. */
enum config_strategy {
	CONFIG_STRATEGY_ALL = 0,
	CONFIG_STRATEGY_LONGEST_IDLE,
	CONFIG_STRATEGY_ROUND_ROBIN,
	CONFIG_STRATEGIES
};

struct config {
	char name[LIMIT_NAME];
	struct config_addr sip[LIMIT_LISTEN]; /**< UDP and TCP on each    */
	uint32_t n_sip;
	struct config_addr http;
	struct config_media media[LIMIT_LISTEN];
	uint32_t n_media;
	struct config_line lines[LIMIT_LINES];
	uint32_t n_lines;
	enum config_strategy strategy;
	uint32_t ring_at_once; /**< phones for one caller; 0: all         */
	uint32_t ring_s;       /**< how long one counsellor is rung       */
	uint32_t rest_s;       /**< pause after an offer not taken        */
	uint32_t wrap_up_s;    /**< default for new people                */
	uint32_t short_call_s; /**< a caller gone sooner is "short"       */
	uint32_t session_s;    /**< RFC 4028 session interval, 90 at least */
	enum log_level log;
	char prompts[LIMIT_PATH]; /**< own recordings, "" for none: files
					LANG/NAME.wav below it            */
};

/**
 * Read DIR/ringback.conf
 *
 * @param cfgp new, free with config_free()
 *
 * @return 0; ENOENT, EINVAL, ... after saying why on standard error
 */
int config_read(struct config **cfgp, const char *dir);

void config_free(struct config *cfg);

/** What `ringback init` was told; NULL or 0 for the default. */
struct config_choice {
	const char *name;
	const char *sip;   /**< "ADDR:PORT", "[ADDR]:PORT"                */
	const char *http;
	const char *media; /**< "ADDR:LOW-HIGH"                           */
};

/**
 * Write a commented configuration
 *
 * @return 0, EINVAL if a choice is malformed (said on standard error),
 *         EEXIST, ENOSPC, ...
 */
int config_write(const char *dir, const struct config_choice *choice);

/** "127.0.0.1:5060" or "[::1]:5060". EINVAL. */
int config_addr_decode(struct config_addr *a, const char *text);

/** "127.0.0.1:20000-29999". EINVAL. */
int config_media_decode(struct config_media *m, const char *text);

#endif
