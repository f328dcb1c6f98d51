/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file handset.h  What `ringback call` and `ringback phone` both are: one
 * phone with one call at a time, and the options that they have in common
 */
#ifndef RINGBACK_CLI_HANDSET_H
#define RINGBACK_CLI_HANDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <re.h>

#include "phone/call.h"
#include "phone/phone.h"
#include "loop.h"
#include "opts.h"

enum { HANDSET_ANY = -1 };

struct handset {
	struct loop loop;
	struct phone *phone;
	struct phone_call *call; /**< NULL: free        */
	struct wav *wav;         /**< NULL: quiet noise */
	struct keys *keys;       /**< NULL: none        */
	struct tmr tmr;
	uint64_t answered;       /**< jiffies; 0: not   */
	int code;                /**< to exit with      */
};

/**
 * Rows of a command's table; its struct has "const char *wav, *record, *keys,
 * *data", "int transport, codec", HANDSET_ANY at first, and "bool quiet".
 */
#define HANDSET_FILES(type, record_help)                                      \
	{OPT_TEXT, "--wav", "FILE", offsetof(struct type, wav),               \
	 "what to say, again and again (else quiet noise)", 0, 0, NULL},      \
	{OPT_TEXT, "--record", "FILE", offsetof(struct type, record),         \
	 record_help, 0, 0, NULL}
#define HANDSET_KEYS(type)                                                    \
	{OPT_TEXT, "--keys", "WAIT:KEYS,..", offsetof(struct type, keys),     \
	 "press keys WAIT seconds after the answer, as 3:1,10:1555#", 0, 0,   \
	 NULL}
#define HANDSET_MANNERS(type, transport_help)                                 \
	{OPT_WORD, "--transport", "udp|tcp",                                  \
	 offsetof(struct type, transport), transport_help, 0, 0,              \
	 handset_transports},                                                 \
	{OPT_WORD, "--codec", "pcmu|pcma", offsetof(struct type, codec),      \
	 "speak only that (both)", 0, 0, handset_codecs},                     \
	{OPT_FLAG, "--quiet", NULL, offsetof(struct type, quiet),             \
	 "say only what went wrong", 0, 0, NULL},                             \
	OPT_DATA(type)

/** Words of --transport and --codec, and what their places stand for. */
extern const char *const handset_transports[];
extern const char *const handset_codecs[];
unsigned handset_transport(int place); /**< HANDSET_ANY: both */
unsigned handset_codec(int place);     /**< HANDSET_ANY: both */

/** Read what --keys says. @param kp new @return 0, or errno said on standard
 *  error with the command's usage */
int handset_keys(struct keys **kp, const struct opts *o, const char *text);

/**
 * Bring the loop up, read what is to be said, and see that what is heard can
 * be written later; no phone yet
 *
 * @param h       Zero, but for its code and its keys (takes)
 * @param wav     Path, or NULL
 * @param record  Path, or NULL
 * @param signalh See loop_open(); called with arg
 *
 * @return 0 or errno, said on standard error; then there is nothing to close
 */
int handset_open(struct handset *h, const char *wav, const char *record,
		 loop_signal_h *signalh, void *arg);

/** Free all of it, and bring the loop down. */
void handset_close(struct handset *h);

/** Close the phone, which ends the loop: loop_stop(). */
void handset_stop(struct handset *h);

/** Seconds since then. @param start jiffies */
double handset_since(uint64_t start);

/** Write the call's recording, if path is not NULL. @return exit code */
int handset_save(const struct handset *h, const char *path);

#endif
