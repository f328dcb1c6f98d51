/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file recall.h  Takes back an INVITE of an earlier life of this process
 *
 * A telephone rings, and who rang it is gone. CANCEL with the branch and CSeq of
 * that INVITE (RFC 3261, 9.1); a refusal gets its ACK; whoever picked up in the
 * same moment is thanked, and gets BYE.
 */
#ifndef RINGBACK_RECALL_H
#define RINGBACK_RECALL_H

#include "kept.h"
#include "leg.h"

/** Media holds its leg until that telephone is quiet, or for four seconds: should
 *  this process die meanwhile, the next one takes it back, too.
 *
 *  @param sound Its leg, of sound_found_each() or taken
 *  @return 0; EBADMSG there is no INVITE in it; ENOMEM */
int recall(struct legs *legs, uint64_t sound, const struct kept_dialog *d);

/** Does this telephone still ring for nobody, or has it just picked up so? For
 *  two seconds at most: then it is not there (any more). */
bool recall_rings(const struct legs *legs, const char *uri);

/** @return true if it answers such an INVITE, or its CANCEL */
bool recall_response(struct legs *legs, const struct sip_msg *msg);

#endif
