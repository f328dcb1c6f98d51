/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file call.h  One call of the test phone, out or in
 */
#ifndef RINGBACK_PHONE_CALL_H
#define RINGBACK_PHONE_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "keys.h"
#include "phone.h"
#include "sound.h"
#include "wav.h"

struct phone_call;

enum phone_event {
	PHONE_RINGING,  /**< the other side rings (calls out)              */
	PHONE_ANSWERED, /**< they can talk                                 */
	PHONE_SOUND,    /**< the first sound has arrived                   */
	PHONE_ENDED,    /**< the other side ended it, or it failed; see
			     phone_call_end(). The owner may free the call */
};

typedef void(phone_call_h)(struct phone_call *call, enum phone_event event,
			   void *arg);

/** How a call ended that the owner did not hang up. */
struct phone_end {
	bool answered;   /**< after an answer: the other side hung up      */
	uint16_t scode;  /**< SIP status that refused it, 0 if none        */
	int err;         /**< ETIMEDOUT, ECONNREFUSED, ... if no status    */
};

struct phone_call_prm {
	const char *user; /**< user part of our address                    */
	bool tcp;         /**< call out over TCP                           */
	unsigned codecs;  /**< enum offer_codecs                           */
	struct wav *wav;  /**< what to say, NULL for comfort noise         */
	struct keys *keys; /**< keys to press after the answer, or NULL    */
	bool record;
	phone_call_h *callh;
	void *arg;
};

/**
 * Call a SIP URI whose host is an IP address
 *
 * @param cp new, mem_deref() hangs up
 *
 * @return 0, EINVAL, ENOMEM, EAFNOSUPPORT, ...
 */
int phone_call_out(struct phone_call **cp, struct phone *phone,
		   const char *uri, const struct phone_call_prm *prm);

/**
 * Take a call that rings: the caller hears it ringing
 *
 * @param cp new, mem_deref() hangs up, or refuses with 486 before the answer
 *
 * @return 0; ENOTSUP, EBADMSG: it has been refused with 488 or 400; ENOMEM
 */
int phone_call_take(struct phone_call **cp, struct phone *phone,
		    const struct sip_msg *msg,
		    const struct phone_call_prm *prm);

/** Pick up. @return 0, EINVAL, ENOMEM, ... */
int phone_call_answer(struct phone_call *call);

/** Say no to a call that was taken. The owner frees the call. */
int phone_call_refuse(struct phone_call *call, uint16_t scode);

/** End it: CANCEL or BYE. No event follows. What was heard stays. */
void phone_call_hang_up(struct phone_call *call);

struct phone_end phone_call_end(const struct phone_call *call);

/** Packets heard and sent, keys pressed; milliseconds from answer to the first
 *  sound */
struct sound_count phone_call_count(const struct phone_call *call);
uint64_t phone_call_first_ms(const struct phone_call *call);

/** Keys were asked for, but the other side takes none. */
bool phone_call_keys_lost(const struct phone_call *call);

/** What a call that rings showed of the caller, NUL-terminated and cut to
 *  fit; "" what was not shown. For the person at this phone alone. */
struct phone_shown {
	char display[LIMIT_NAME];
	char user[LIMIT_NAME];     /**< From: its user part                */
	char asserted[LIMIT_NAME]; /**< P-Asserted-Identity: the same      */
};
void phone_shown_read(struct phone_shown *shown, const struct sip_msg *msg);

/** Write what was heard. @return 0, ENOENT, ENOSPC, ... */
int phone_call_save(const struct phone_call *call, const char *path);

#endif
