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

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "hours.h"
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

/** What kind of line: see enum line_kind in core.h. */
enum config_kind {
	CONFIG_KIND_ORDINARY = 0,
	CONFIG_KIND_DETENTION,
	CONFIG_KIND_AFTER_HOURS,
	CONFIG_KINDS
};

/** What callers are told of the queue. */
enum config_tells {
	CONFIG_TELLS_NOTHING = 0,
	CONFIG_TELLS_POSITION,
	CONFIG_TELLS_WAIT,
	CONFIG_TELLS
};

/** Somebody outside whom a counsellor may bring into a talk. */
struct config_third {
	char name[LIMIT_NAME];   /**< for the counsellor                  */
	char number[LIMIT_NAME]; /**< digits, with a + before them or none;
				      never logged                        */
};

/** How numbers of this country are written: "+49 0". */
struct config_home {
	char country[4]; /**< code of the country: "49"; "" not known       */
	char prefix[4];  /**< before area codes: "0"; "" none               */
};

/** One line: callers dial its numbers. The first line is the default. */
struct config_line {
	char name[LIMIT_NAME];
	char numbers[LIMIT_NUMBERS][LIMIT_NAME]; /**< as dialled: the user
							part of the URI   */
	uint32_t n_numbers;
	char languages[LIMIT_LANGUAGES][LIMIT_LANGUAGE]; /**< first: default */
	uint32_t n_languages;
	enum config_kind kind;
	char skills[LIMIT_SKILLS][LIMIT_NAME]; /**< a counsellor must have
						    all of them           */
	uint32_t n_skills;
	char organisation[LIMIT_NAME]; /**< "" none                       */
	char region[LIMIT_NAME];       /**< "" none                       */
	struct hours hours[LIMIT_HOURS]; /**< open then; none: always     */
	uint32_t n_hours;
	enum config_tells tells;
	bool notice;          /**< the emergency notice is said           */
	bool messages;        /**< may be left                            */
	bool ring_back;       /**< may be asked for                       */
	bool show_numbers;    /**< to whoever talks, who asks for it      */
	char accept_key;      /**< detention: '0'-'9', '*', '#'           */
	char trunk[LIMIT_NAME]; /**< to ring back by; "" the first that can */
	char shows[LIMIT_NAME];   /**< our number, as shown; "" none      */
	char neutral[LIMIT_NAME]; /**< number that says nothing; "" none  */
	char may_ring[LIMIT_NUMBERS][LIMIT_NAME]; /**< numbers we ring back
						must begin so; none: any  */
	uint32_t n_may_ring;
	uint32_t max_wait_s;  /**< then message or ring-back is offered   */
	uint32_t promise_minutes; /**< due so long after it was made      */
	uint32_t climb_minutes;   /**< overdue so long: one level up      */
	uint32_t attempts;        /**< to ring back by ourselves          */
	uint32_t attempt_minutes; /**< between two; doubles each time     */
	bool transfer;        /**< counsellors may ask each other for advice,
				   hand over, and bring in a third; never on
				   a detention line                       */
	struct config_third third[LIMIT_THIRDS];
	uint32_t n_third;
	bool listen;          /**< coordinators and trainees may listen   */
	uint32_t keep_notes;    /**< whole months                         */
	uint32_t keep_calls;    /**< whole months, not less than that     */
	uint32_t keep_messages; /**< days until an open one is an alarm   */
};

/** Where authorities are on Debian; it is no mistake if there are none. */
#define CONFIG_SIP_CA "/etc/ssl/certs/ca-certificates.crt"

/** Whether sound is sealed where its keys can be told (enum wire_srtp). */
enum config_srtp {
	CONFIG_SRTP_OFF = 0,
	CONFIG_SRTP_OFFER,
	CONFIG_SRTP_REQUIRE,
	CONFIG_SRTPS
};

/** Who is rung for a waiting caller. */
enum config_strategy {
	CONFIG_STRATEGY_ALL = 0,
	CONFIG_STRATEGY_LONGEST_IDLE,
	CONFIG_STRATEGY_ROUND_ROBIN,
	CONFIG_STRATEGY_TIERS,
	CONFIG_STRATEGIES
};

struct config {
	char name[LIMIT_NAME];
	struct config_addr sip[LIMIT_LISTEN]; /**< UDP and TCP on each    */
	uint32_t n_sip;
	struct config_addr sip_tls[LIMIT_LISTEN]; /**< TLS on each        */
	uint32_t n_sip_tls;
	char sip_certificate[LIMIT_PATH]; /**< PEM; "" that of the page   */
	char sip_key[LIMIT_PATH];
	char sip_ca[LIMIT_PATH];          /**< PEM; "" none                */
	enum config_srtp sip_srtp;
	struct config_addr http;
	char http_certificate[LIMIT_PATH]; /**< PEM; "" plain HTTP        */
	char http_key[LIMIT_PATH];
	char http_origin[LIMIT_URI]; /**< "https://HOST[:PORT]"; "" of http */
	struct config_media media[LIMIT_LISTEN];
	uint32_t n_media;
	char media_public[LIMIT_LISTEN][64]; /**< IP addresses          */
	uint32_t n_media_public;
	uint32_t media_processes;
	struct config_line lines[LIMIT_LINES];
	uint32_t n_lines;
	enum config_strategy strategy;
	uint32_t ring_backs_an_hour; /**< 0 no limit                      */
	uint32_t ring_backs_a_day; /**< 0 no limit                        */
	uint32_t calls_a_minute; /**< more are a flood; 0 never           */
	uint32_t most_waiting; /**< more are told so; 0 never             */
	uint32_t ring_at_once; /**< phones for one caller; 0: all         */
	uint32_t ring_s;       /**< how long one counsellor is rung       */
	uint32_t rest_s;       /**< pause after an offer not taken        */
	uint32_t wrap_up_s;    /**< default for new people                */
	uint32_t short_call_s; /**< a caller gone sooner is "short"       */
	uint32_t tier_s;       /**< strategy "tiers": between circles     */
	uint32_t ring_backs_at_once; /**< under way at one time           */
	struct config_home home; /**< how numbers are dialled here        */
	char timezone[LIMIT_NAME]; /**< "Europe/Berlin"; "" the machine's */
	uint32_t session_s;    /**< RFC 4028 session interval, 90 at least */
	enum log_level log;
	char user[LIMIT_NAME]; /**< whom processes run as; "" see cli/user.h */
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

/**
 * Where browsers reach the page: http_origin, or made of http
 *
 * @param origin At least LIMIT_URI bytes
 */
void config_origin(char *origin, const struct config *cfg);

/** "127.0.0.1:20000-29999". EINVAL. */
int config_media_decode(struct config_media *m, const char *text);

#endif
