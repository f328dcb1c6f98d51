/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file registrar_parts.h  The inside of the registrar, shared by registrar.c,
 * bindings.c and prove.c alone
 */
#ifndef RINGBACK_REGISTRAR_PARTS_H
#define RINGBACK_REGISTRAR_PARTS_H

#include "base/signin_limit.h"
#include "contacts.h"
#include "nonce.h"
#include "registrar.h"

enum {
	REGISTRAR_USED = 32,  /**< nonces of one account that were used     */
	REGISTRAR_MARK = 16,  /**< characters by which a nonce is known     */
	REGISTRAR_QUIET_MS = 60000, /**< the log mentions guesses so often  */
};

struct account;

/** A place where a telephone is registered. */
struct binding {
	struct account *account; /* borrow: it has us */
	struct store_binding row;
	struct sa addr;          /* row.source */
	struct sip_keepalive *flow; /* the connection, while there is one */
	struct tmr tmr;          /* until it ends */
	uint64_t at;             /* when it was last refreshed */
	bool set;
};

/** A nonce with which they proved who they are: not once more. */
struct used_nonce {
	char mark[REGISTRAR_MARK];
	uint64_t until; /* 0: none */
	uint32_t nc;    /* the highest */
};

/** One telephone. */
struct account {
	struct le le;
	struct registrar *r; /* borrow */
	struct store_phone row;
	struct binding binding[STORE_PLACES];
	struct used_nonce used[REGISTRAR_USED];
	bool seen; /* by the load that is going on */
};

struct registrar {
	struct list accountl;
	struct sip *sip;     /* borrow */
	struct store *store; /* borrow */
	struct nonces nonces;
	struct signin_limit *names;
	struct signin_limit *peers;
	registrar_changed_h *h;
	void *arg;
	uint64_t told; /* when guesses were last mentioned in the log */
	uint32_t n_refused;
	bool loaded; /* where they were */
};

/* registrar.c */
struct account *account_of(const struct registrar *r, uint32_t person);

/* bindings.c */
/** Can it be rung at any place? */
bool account_is_bound(const struct account *a);
/** Is it registered from this address, whatever its port? */
bool account_is_at(const struct account *a, const struct sa *addr);
/** Would these be out of order? (RFC 3261, 10.3, 6 and 7) */
bool bindings_are_late(const struct account *a, const struct contacts *c,
		       const struct sip_msg *msg);
/** Do what a REGISTER wants. */
void bindings_take(struct account *a, const struct contacts *c,
		   const struct sip_msg *msg);
/** As the store has it, after a start; nothing if there is no way there. */
void binding_restore(struct account *a, const struct store_binding *row);
/** All of an account, without a word to the store. */
void bindings_forget(struct account *a);
/** By which URI it is rung. ENOENT: there is no way there any more. */
int binding_target(struct secret_text *uri, const struct binding *b);
/** Contact headers of a 200. */
int bindings_print(struct re_printf *pf, const struct account *a);

/* prove.c */
/** Who sends this? NULL: not proven, and it has been answered. borrow */
struct account *prove(struct registrar *r, const struct sip_msg *msg);

#endif
