/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file switchboard.h  Turns SIP into core events, and core actions into SIP
 *
 * The shell around the pure core: it owns the legs of all calls, hands the
 * core what happened, carries out what the core decides, and writes what is
 * to be on record. It decides nothing itself.
 */
#ifndef RINGBACK_SWITCHBOARD_H
#define RINGBACK_SWITCHBOARD_H

#include <re.h>

#include "base/config.h"
#include "store/store.h"
#include "wire/wire.h"
#include "leg.h"
#include "people.h"
#include "registrar.h"
#include "trunk.h"

struct held;
struct switchboard;

struct switchboard_config {
	const struct config *config; /**< borrow                           */
	struct sip *sip;
	struct store *store;
	const struct held *held;     /**< the dialler's key (borrow); NULL: it
					  makes its own                     */
	struct sound *sound; /**< in which sound_find() has looked (counted);
				  NULL: one of its own, without legs        */
	const struct trunks *trunks; /**< to ring back by (borrow)          */
	struct registrar *registrar; /**< of counsellors' telephones; NULL
					  none (borrow)                    */
	const struct sa *laddrs;     /**< our SIP addresses (borrow)       */
	size_t n_laddrs;
	leg_credentials_h *credentialsh;
	leg_srtp_h *srtph;     /**< optional */
	leg_expect_h *expecth; /**< optional */
	void *credentials_arg;
};

/** @param sbp new */
int switchboard_alloc(struct switchboard **sbp,
		      const struct switchboard_config *config);

/** A caller's INVITE that was let in. */
void switchboard_invite(struct switchboard *sb, const struct sip_msg *msg);

/** For reception.c: where requests and responses of dialogs go. */
struct legs *switchboard_legs(struct switchboard *sb);

/** The store's people changed. */
int switchboard_people_changed(struct switchboard *sb);

/** Its marks did (store/mark.h). */
int switchboard_marks_changed(struct switchboard *sb);

/** So did its trunks: which lines can ring back now? */
int switchboard_trunks_changed(struct switchboard *sb);

/**
 * Somebody does something about a promise (wire.h)
 *
 * @param h   Told once when all that is said of it is on disk, perhaps from
 *            within
 * @param arg A mem object, referenced until then
 *
 * @return 0: h will be told; ENOENT, ERANGE, EPERM, EBUSY as wire.h says,
 *         EINVAL no such verb or reason
 */
typedef void(switchboard_done_h)(void *arg);
int switchboard_promise(struct switchboard *sb, const struct wire_promise *p,
			switchboard_done_h *h, void *arg);

/** Put on record who ended a promise. @param by_tool At the command line, which
 *  may say by whom: whom it concerns then */
void switchboard_promise_audit(struct switchboard *sb,
			       const struct wire_promise *p, bool by_tool);

/**
 * Leave nothing of a call (wire.h)
 *
 * @param h   Told once, when it is off the disk or (err) cannot be deleted;
 *            perhaps from within
 * @param arg A mem object, referenced until then
 *
 * @return 0: h will be told; EBUSY as wire.h says, ENOMEM
 */
typedef void(switchboard_forgot_h)(int err, void *arg);
int switchboard_forget(struct switchboard *sb, const struct wire_forget *ask,
		       switchboard_forgot_h *h, void *arg);

/** The dialler's key, for a keeper that adopts us (borrow). */
const struct held *switchboard_held(const struct switchboard *sb);

/** The number of a promise that waited is back (wire.h). @return 0; ENOENT it
 *  does not wait; ESTALE that is not our key; EBADMSG not its number */
int switchboard_number_back(struct switchboard *sb,
			    const struct wire_number_back *back,
			    const struct wire_number_row *row);

/** For `ringback status`. */
void switchboard_status(const struct switchboard *sb,
			struct wire_status *status);

/** Ends every call: the process stops. */
void switchboard_close(struct switchboard *sb);

/** Has every leg said good-bye, and is every record on disk? */
bool switchboard_is_idle(const struct switchboard *sb);

#endif
