/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file limits.h  Every fixed maximum of the house, in one place
 *
 * At a limit Ringback refuses politely and says so in one log line. Nothing
 * here is a tuning knob: knobs are in the configuration (config.h).
 */
#ifndef RINGBACK_LIMITS_H
#define RINGBACK_LIMITS_H

enum {
	/* the core */
	LIMIT_CALLS  = 16384, /**< calls for help open at one time, promises
				included; 2^n. May be doubled, never made
				smaller: a call's slot is its number modulo
				this, and a promise outlives an upgrade      */
	LIMIT_ON_LINE = 4096, /**< callers on the line at one time           */
	LIMIT_REDIALS = 1024, /**< callers remembered who may redial         */
	LIMIT_MARKS = 1024, /**< callers blocked or with a care plan: each
				makes one of a million others look the same  */
	LIMIT_PEOPLE = 1024, /**< counsellors known to one installation      */
	LIMIT_RING_AT_ONCE = 32, /**< counsellors rung for one caller at one
				time                                         */

	LIMIT_SKILLS = 32,   /**< skills known to one installation           */
	LIMIT_TONGUES = 32,  /**< languages known to one installation        */

	/* messages */
	LIMIT_MESSAGE_S = 300, /**< seconds of one message, or of what is
				added to it later in the same call           */
	LIMIT_MESSAGE_ALL_S = 900, /**< seconds of it all                    */
	LIMIT_DIGITS    = 15,  /**< of a telephone number (E.164)            */

	/* names that people choose */
	LIMIT_NAME     = 64,  /**< person, trunk, line: bytes incl. NUL      */
	LIMIT_LANGUAGE = 8,   /**< "en", "es-mx": bytes incl. NUL            */
	LIMIT_WORDS    = 256, /**< words with commas: bytes incl. NUL        */
	LIMIT_REASON   = 32,  /**< machine-readable reason: bytes incl. NUL  */
	LIMIT_URI      = 256, /**< a SIP URI: bytes incl. NUL                */
	LIMIT_PATH     = 512, /**< a file's path: bytes incl. NUL            */
	LIMIT_PROMPT   = 24,  /**< a prompt's name: bytes incl. NUL          */

	/* the configuration */
	LIMIT_CONFIG  = 262144, /**< bytes of the file                       */
	LIMIT_LISTEN  = 4,  /**< SIP or media addresses                      */
	LIMIT_LINES   = 16, /**< lines of one installation                   */
	LIMIT_NUMBERS = 16, /**< numbers of one line                         */
	LIMIT_LANGUAGES = 8, /**< languages of one line                      */
	LIMIT_HOURS   = 16, /**< opening hours of one line                   */
	LIMIT_THIRDS  = 8,  /**< outside parties of one line                 */
	LIMIT_KEEP_MONTHS = 120, /**< what may be asked to be kept           */
	LIMIT_KEEP_DAYS = 365,   /**< until an open message is an alarm      */

	LIMIT_TRUNK_SECRETS = 64, /**< files with a trunk's password        */

	/* what a stranger may send */
	LIMIT_SIP_MESSAGE = 65535, /**< bytes of one SIP message             */
	LIMIT_SIP_HEADERS = 128,   /**< header lines of one SIP message      */
	LIMIT_SDP         = 8192,  /**< bytes of one SDP body                */
	LIMIT_SDP_MEDIA   = 4,     /**< m= lines                             */
	LIMIT_SDP_LINES   = 128,   /**< lines of one SDP body                */
	LIMIT_RTP         = 1500,  /**< bytes of one RTP packet              */

	/* messages between processes */
	LIMIT_WIRE_BLOB = 16384, /**< trailing bytes of one message          */

	/* the store */
	LIMIT_STORE_QUEUE = 16384, /**< writes waiting for the disk; about
				7 MB of calls, 17 MB of promises. Beyond it
				new calls are refused                        */

	/* media */
	LIMIT_LEGS     = 8192,   /**< legs of one media process              */
	LIMIT_MEDIA    = 8,      /**< media processes                        */
	LIMIT_LIVES    = 4,      /**< of each: one that takes new legs, others
				that their last legs are still in        */
	LIMIT_PLACES   = LIMIT_MEDIA * LIMIT_LIVES,
	LIMIT_PLAYLIST = 32,     /**< prompts in one order to play           */
	LIMIT_KEPT     = 8192,   /**< bytes of what is held of a leg's dialog */
	LIMIT_ORPHAN_S = 60,     /**< seconds of silence of a leg whose line is
				gone                                         */
	LIMIT_ORPHAN_MOST_S = 14400, /**< such a leg lasts no longer         */
	LIMIT_PROMPT_SECONDS = 600, /**< one recording                       */

	/* the test phone */
	LIMIT_SOUND_S = 3600,    /**< seconds of a sound file or recording   */
};

#endif
