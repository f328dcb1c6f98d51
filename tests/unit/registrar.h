/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file registrar.h  Trunks under test, and a provider who says what he likes
 */
#ifndef RINGBACK_TEST_REGISTRAR_H
#define RINGBACK_TEST_REGISTRAR_H

#include "sip_peer.h"
#include "sip_trunks.h"

struct fixture {
	struct sip_bench bench;
	struct sip_trunks trunks;
	struct sip_peer registrar;
	int wanted;
};

/* for cmocka: the secret is "open sesame" */
int registrar_begin(void **state);
int registrar_end(void **state);

/** A trunk "provider" registers there as "line". */
void registrar_add(struct fixture *f);

/** Its next REGISTER. borrow */
const struct sip_msg *registrar_next(struct fixture *f);

void registrar_reply(struct fixture *f, const struct sip_msg *msg,
		     unsigned scode, const char *headers);

/** Run the loop until `ringback status` would show this. */
void registrar_await(struct fixture *f, enum wire_trunk_state wanted);

#endif
