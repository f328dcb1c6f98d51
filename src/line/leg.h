/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file leg.h  One party of a call: a SIP dialog and its sound
 *
 * Built on libre's transactions and dialogs. An incoming leg is a caller, an
 * outgoing one rings a counsellor, or a caller back. The leg speaks all of SIP (ACK, CANCEL,
 * BYE, re-INVITE, UPDATE, OPTIONS, session timers, forked and repeated 2xx)
 * and tells its owner only what matters to a call.
 */
#ifndef RINGBACK_LEG_H
#define RINGBACK_LEG_H

#include <re.h>

#include "base/secret.h"
#include "core/core.h"
#include "kept.h"
#include "session.h"
#include "sound.h"

struct leg;
struct legs;

enum leg_news {
	LEG_ANSWERED, /**< incoming: our 200 is out                      */
	LEG_ACCEPTED, /**< outgoing: picked up, sound agreed             */
	LEG_MOVED,    /**< leg_move() has come to an end: what it is to hear
			   can be said anew, by its new number           */
	LEG_OVER,     /**< nothing of it is left; cause says why. Always
			   the last news, and told exactly once. The owner
			   may mem_deref() the leg here                  */
};

/** cause is CAUSE_NONE for good news. May be called from within leg_*(). */
typedef void(leg_news_h)(struct leg *leg, enum leg_news news,
			 enum core_cause cause, void *arg);

/**
 * Credentials for a challenge (401, 407) that a request of ours met
 *
 * @param mb  The header that answers it is appended
 * @param uri Request-URI that was challenged
 *
 * @return 0, EACCES if none are meant for this peer
 */
typedef int(leg_credentials_h)(struct mbuf *mb, const struct sip_msg *msg,
			       const char *method, const char *uri, void *arg);

/**
 * May the SDP of a leg have keys in it?
 *
 * @param tls Nobody else reads what is said there
 * @param src Who calls; NULL: whom we ring is told by uri
 *
 * @return WIRE_SRTP_MUST without tls: the leg is not to be
 */
typedef enum wire_srtp(leg_srtp_h)(bool tls, const struct sa *src,
				   const char *uri, void *arg);

/** A request that belongs to this URI is about to go there. */
typedef void(leg_expect_h)(const struct sa *dst, const char *uri, void *arg);

/** What all legs share. */
struct legs_config {
	struct sip *sip;
	struct sound *sound;
	uint32_t session_s;              /**< RFC 4028 interval          */
	const struct sa *laddrs;         /**< our SIP addresses (borrow) */
	size_t n_laddrs;
	const char *display;             /**< what a counsellor's phone
					      shows (borrow)             */
	leg_credentials_h *credentialsh;
	leg_srtp_h *srtph;               /**< NULL: never                */
	leg_expect_h *expecth;           /**< optional                   */
	void *arg;
	struct step_trace trace;
};

/** @param legsp new */
int legs_alloc(struct legs **legsp, const struct legs_config *config);

/** How many dialogs are not over yet. */
size_t legs_count(const struct legs *legs);

/** Does it belong to a dialog of ours? */
bool legs_know(struct legs *legs, const struct sip_msg *msg);

/** Does it come from where that peer is, as far as we know: where its dialog
 *  began, where ours goes, or its target? A target by name may be anywhere. */
bool legs_is_at_home(struct legs *legs, const struct sip_msg *msg);

/**
 * Hand over a request that belongs to a dialog (its To has a tag)
 *
 * @return false if no leg has this dialog
 */
bool legs_request(struct legs *legs, const struct sip_msg *msg);

/**
 * Hand over an INVITE without a tag in its To: is it one that an earlier life of
 * this process has answered, and that comes again? libre knows its own.
 *
 * @return true if so: it is dealt with
 */
bool legs_repeated(struct legs *legs, const struct sip_msg *msg);

/** Hand over a response that libre's transactions did not want. */
void legs_response(struct legs *legs, const struct sip_msg *msg);

/**
 * Take up an INVITE: answers 100 if no other answer is quicker, nothing else
 *
 * @param legp  new
 * @param timer What terms_fit() found
 */
int leg_alloc_in(struct leg **legp, struct legs *legs,
		 const struct sip_msg *msg, const struct session_timer *timer,
		 leg_news_h *h, void *arg);

/** Whom a phone is told to be rung by; borrow. */
struct leg_identity {
	const char *display;  /**< name in From; NULL or "" none           */
	const char *from;     /**< URI in From                             */
	const char *asserted; /**< URI that the peer may know us by (RFC 3325:
				   P-Asserted-Identity); NULL or "" none   */
	bool withheld;        /**< the peer is asked to show nothing of it
				   (RFC 3323: Privacy)                     */
};

/** Which phone, and how. */
struct leg_ring {
	const struct secret_text *uri; /**< "sip:USER@HOST[:PORT]"         */
	uint64_t like; /**< number in the media process of the leg whose codec
			    is offered first; 0 none                       */
	uint64_t near; /**< without such a leg: one that it is to be joined
			    with, whatever its codec; 0 none               */
	const struct leg_identity *as; /**< NULL: the line, as its
					    counsellors know it            */
	bool pinned;   /**< reached by this URI to the end, whatever Contact
			    it answers with: it may be behind NAT           */
};

/**
 * Ring a phone
 *
 * @param legp new
 * @param ring Copied
 */
int leg_alloc_out(struct leg **legp, struct legs *legs,
		  const struct leg_ring *ring, leg_news_h *h, void *arg);

/**
 * Whose leg it is, for the next life of this process: media is given a new
 * checkpoint now, if the dialog has come so far, and whenever the dialog
 * changes. To be said as soon as there is the leg, and at each change.
 *
 * @param owner Copied
 */
void leg_owner_set(struct leg *leg, const struct kept_owner *owner);

/**
 * Go on with a dialog of an earlier life, of which kept_is_talk() is true: no
 * news comes of that, LEG_OVER at its end. It has the owner of k.
 *
 * @param legp  new
 * @param sound Number of its leg, after sound_found_take()
 * @param k     Copied
 *
 * @return 0; EBADMSG that is no dialog, or not one to go on with; ENOMEM
 */
int leg_restore(struct leg **legp, struct legs *legs, uint64_t sound,
		const struct kept *k, leg_news_h *h, void *arg);

/**
 * End a dialog of an earlier life that nobody goes on with, as it stands: CANCEL
 * or BYE. Nobody is told; its sound is closed in the end. Also for what has no
 * dialog.
 *
 * @param sound As above; not taken: it is closed with the others
 */
void leg_dismiss(struct legs *legs, uint64_t sound, const struct kept *k);

/** Answer an incoming leg; LEG_ANSWERED or LEG_OVER follows. */
void leg_answer(struct leg *leg);

/**
 * End it, whatever its state: refuse, CANCEL or BYE; LEG_OVER follows
 *
 * @param cause Chooses the code if it was not answered yet
 */
void leg_end(struct leg *leg, enum core_cause cause);

/**
 * Its media process died: it goes on by a new leg, in another process or the
 * same one as soon as that is back. The peer of a talk is told by re-INVITE;
 * then LEG_MOVED, or LEG_OVER with CAUSE_RESTART if the peer does not want to
 * or does not answer. A phone that rings is told once it is picked up, and
 * LEG_ACCEPTED comes after that. Never news from within.
 *
 * @param near A leg of the same call that was moved before; 0: none
 */
void leg_move(struct leg *leg, uint64_t near);

/** Has it no sound meanwhile? false of NULL */
bool leg_is_moving(const struct leg *leg);

/** Its number in the media process; leg_move() gives it another one. */
uint64_t leg_sound(const struct leg *leg);

extern const struct step_machine leg_machine;

#endif
