/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file sip_trunks.h  Trunks for a test, out of a store in a folder of its own
 */
#ifndef RINGBACK_TEST_SIP_TRUNKS_H
#define RINGBACK_TEST_SIP_TRUNKS_H

#include <re.h>

#include "line/trunk.h"

struct sip_trunks {
	char dir[64];
	char secret_file[96];
	struct store *store;
	struct trunks *trunks;
};

void sip_trunks_open(struct sip_trunks *t, struct sip *sip);
void sip_trunks_close(struct sip_trunks *t);

/** What the secret file holds from now on; NULL: it is missing. */
void sip_trunks_secret(struct sip_trunks *t, const char *text);

/** Add a row and load. */
void sip_trunks_static(struct sip_trunks *t, const char *name,
		       const char *from);
void sip_trunks_register(struct sip_trunks *t, const char *name,
			 const char *user, const struct sa *host);

/** The state of one; -1 if there is no such trunk. */
int sip_trunks_state(const struct sip_trunks *t, const char *name);

#endif
