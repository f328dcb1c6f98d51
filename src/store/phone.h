/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file phone.h  Telephones that register with the line, in the store
 *
 * An account each, and where it is registered at the moment.
 */
#ifndef RINGBACK_STORE_PHONE_H
#define RINGBACK_STORE_PHONE_H

#include "store.h"

enum {
	STORE_PHONE_SHA256 = 32, /**< bytes of HA1                          */
	STORE_PHONE_MD5 = 16,
	STORE_PLACES = 2,        /**< at which one telephone is registered  */
};

/** The account of a person's telephone. */
struct store_phone {
	uint32_t person;
	char user[LIMIT_NAME];
	/** HA1 (RFC 7616, 3.4.2) by the one algorithm that it proves itself
	 *  by; of the other one all zero */
	uint8_t sha256[STORE_PHONE_SHA256];
	uint8_t md5[STORE_PHONE_MD5];
	int64_t made_at;         /**< Unix time, milliseconds                */
};

/** Synchronous. In place of an earlier one, whose registration ends. ENOENT no
 *  such person, EEXIST another has this user */
int store_phone_put(struct store *s, const struct store_phone *phone);
/** Synchronous, by person. ENOENT */
int store_phone_remove(struct store *s, uint32_t person);
/** By person. True from the handler stops. */
typedef bool(store_phone_h)(const struct store_phone *phone, void *arg);
int store_phone_each(struct store *s, store_phone_h *h, void *arg);

enum store_transport {
	STORE_UDP = 0,
	STORE_TCP,
	STORE_TLS,
	STORE_TRANSPORTS
};

/** One place where a telephone is registered. */
struct store_binding {
	uint32_t person;
	uint32_t place;             /**< 0 to STORE_PLACES - 1               */
	struct secret_text contact; /**< URI, as it gave it                  */
	struct secret_text source;  /**< "ADDR:PORT" that it came from       */
	enum store_transport transport;
	char call_id[LIMIT_URI];
	uint32_t cseq;
	int64_t ends_at;            /**< Unix time, milliseconds             */
};

/** Insert it, or replace what was at this place. Handler optional. @return as
 *  store_call_put() */
int store_binding_put(struct store *s, const struct store_binding *binding,
		      store_done_h *doneh, void *arg);
/** It is over. Handler optional; ENOENT there was none. */
int store_binding_remove(struct store *s, uint32_t person, uint32_t place,
			 store_done_h *doneh, void *arg);
/** Of all, by person and place. True from the handler stops. */
typedef bool(store_binding_h)(const struct store_binding *binding, void *arg);
int store_binding_each(struct store *s, store_binding_h *h, void *arg);

#endif
