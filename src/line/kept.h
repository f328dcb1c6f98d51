/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file kept.h  What a leg needs to go on in another life of this process
 *
 * A checkpoint: media holds it with the leg (LEG_KEEP), and the next line reads
 * it. Two parts: whose the leg is, and its SIP dialog. A list of fields, each
 * with its number, so that a newer line reads what an older one wrote: unknown
 * ones are passed over, missing ones are 0. Pure.
 */
#ifndef RINGBACK_KEPT_H
#define RINGBACK_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/** Whose leg it is. Never given another number. */
enum kept_role {
	KEPT_NOBODY = 0,
	KEPT_CALLER,   /**< who called the line                             */
	KEPT_DIALLED,  /**< a caller whom we ring back                      */
	KEPT_PHONE,    /**< a counsellor's telephone                        */
	KEPT_BROWSER,  /**< a counsellor's page; has no dialog              */
	KEPT_THIRD,    /**< an outside party of a talk                      */
	KEPT_LISTENER, /**< who listens to a talk; has no dialog            */
	KEPT_ROLES
};

/** What is so of a call. Never given another bit. */
enum kept_so {
	KEPT_NUMBER_KNOWN = 1 << 0, /**< these as in core_kept              */
	KEPT_BLOCKED = 1 << 1,
	KEPT_ASKED = 1 << 2,
	KEPT_HERE = 1 << 3,
	KEPT_OPEN = 1 << 4,
	KEPT_VOICED = 1 << 5,
	KEPT_DECLINED = 1 << 6,
	KEPT_TALKED = 1 << 7,
	KEPT_SETTLED = 1 << 8,
	KEPT_ASIDE = 1 << 9,  /**< the guest talks with the counsellor      */
	KEPT_THREE = 1 << 10, /**< all three talk                           */
	KEPT_HELD = 1 << 11,  /**< the caller hears hold sound in a talk    */
};

enum { KEPT_STATE = 24, KEPT_NUMBER = 64 };

/** The owner's part: whose leg it is, and of a caller's what the core does not
 *  find on record (checkpoint.h). A row in kept.c each. */
struct kept_owner {
	uint64_t call;
	uint64_t offer;   /**< theirs; a caller's: whom they talk with, 0 none */
	uint32_t person;  /**< the same                                    */
	uint8_t role;     /**< enum kept_role                              */

	/* callers */
	char state[KEPT_STATE];   /**< call_state_name(); "": not to be gone
				       on with                             */
	char number[KEPT_NUMBER]; /**< theirs; to be wiped                 */
	uint64_t arrived, place, talking_since; /**< as in core_kept        */
	uint64_t wait_ms, talk_ms;
	uint64_t guest;           /**< offer of the guest, 0 none          */
	uint64_t plan;            /**< mark of their care plan, 0 none     */
	uint32_t guest_person;
	uint32_t so;              /**< enum kept_so                        */
	uint32_t n_attempts;      /**< to ring them back: begun             */
	uint8_t language, refused, check;

	/* others in a talk */
	uint32_t place_of_third;  /**< in the line's list                  */
	uint32_t shown_to; /**< who sees that this one listens              */
};

/** How far a dialog had come. */
enum kept_stage {
	KEPT_NONE = 0, /**< there is none: a browser                       */
	KEPT_RINGING,  /**< our INVITE is out, or our CANCEL               */
	KEPT_PICKED_UP, /**< outgoing: its sound is not agreed yet         */
	KEPT_ANSWERED, /**< incoming: our 200 may not have come            */
	KEPT_UP,       /**< a talk                                         */
	KEPT_LEAVING,  /**< our BYE is not answered                        */
	KEPT_STAGES
};

enum { KEPT_TEXT = 3840, KEPT_ADDR = 56 };

/** The dialog's part; made and read by leg_keep.c alone. */
struct kept_dialog {
	uint64_t local_tag;
	uint64_t session_due; /**< tmr_jiffies() of the same boot            */
	uint32_t local_cseq;  /**< the next request of ours has this one     */
	uint32_t remote_cseq;
	uint32_t invite_cseq; /**< of the INVITE that made it                */
	uint32_t session_interval;
	uint8_t stage;        /**< enum kept_stage                           */
	uint8_t outgoing;
	uint8_t transport;    /**< enum sip_transp                           */
	uint8_t session_we;
	uint8_t session_knows;
	uint8_t peer_updates;
	uint8_t pinned;
	uint8_t asked_sdp;    /**< the ACK of our 200 is to bring their SDP  */
	char peer[KEPT_ADDR]; /**< "ADDRESS:PORT" that the INVITE, or our 200,
				   goes to                                   */
	char uri[LIMIT_URI];  /**< outgoing: whom we ring                    */
	/** The dialog as an INVITE of its peer would have made it; while it
	 *  rings: our INVITE without its body. */
	char invite[KEPT_TEXT];
	char answer[KEPT_TEXT]; /**< our 200, to be repeated                 */
};

/** To be wiped after use: there are numbers in it. */
struct kept {
	struct kept_owner owner;
	struct kept_dialog dialog;
};

/**
 * Write it down
 *
 * @param p  LIMIT_KEPT bytes
 * @param np Set to what was written
 *
 * @return 0; EOVERFLOW it is too long
 */
int kept_encode(uint8_t *p, size_t *np, const struct kept *k);

/** Read it. @return 0; EBADMSG: *k is all 0 */
int kept_decode(struct kept *k, const uint8_t *p, size_t n);

/** Can this dialog be gone on with? Else it is to be ended: leg_dismiss(). */
bool kept_is_talk(const struct kept_dialog *d);

void kept_wipe(struct kept *k);

#endif
