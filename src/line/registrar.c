/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registrar.c  Answers REGISTER, and knows whose telephone is where. Must not
 * ring any.
 */
#include <stdlib.h>
#include <sodium.h>

#include "registrar_parts.h"

#define LOG_MODULE "registrar"
#include "base/log.h"


/* an address may be that of an office: five telephones set up wrong are not
 * one guesser */
static const struct signin_terms name_terms = {
	.n_free = 5, .most_s = 900, .forget_s = 900,
};
static const struct signin_terms peer_terms = {
	.n_free = 20, .most_s = 900, .forget_s = 300,
};


static void account_destructor(void *data)
{
	struct account *a = data;

	list_unlink(&a->le);
	for (size_t i = 0; i < STORE_PLACES; i++) {
		struct binding *b = &a->binding[i];

		tmr_cancel(&b->tmr);
		mem_deref(b->flow);
		secret_wipe(&b->row.contact);
		secret_wipe(&b->row.source);
	}
	sodium_memzero(&a->row, sizeof(a->row));
}


static void registrar_destructor(void *data)
{
	struct registrar *r = data;

	list_flush(&r->accountl);
	free(r->names);
	free(r->peers);
	sodium_memzero(&r->nonces, sizeof(r->nonces));
}


int registrar_alloc(struct registrar **rp, struct sip *sip,
		    struct store *store)
{
	struct registrar *r;
	int err;

	if (!rp || !sip || !store)
		return EINVAL;

	r = mem_zalloc(sizeof(*r), registrar_destructor);
	if (!r)
		return ENOMEM;
	r->sip = sip;
	r->store = store;
	nonces_init(&r->nonces);
	err = signin_limit_alloc(&r->names, &name_terms);
	if (!err)
		err = signin_limit_alloc(&r->peers, &peer_terms);

	if (err)
		mem_deref(r);
	else
		*rp = r;

	return err;
}


void registrar_on_change(struct registrar *r, registrar_changed_h *h,
			 void *arg)
{
	r->h = h;
	r->arg = arg;
}


/* ---- accounts ------------------------------------------------------------ */

struct account *account_of(const struct registrar *r, uint32_t person)
{
	struct le *le;

	LIST_FOREACH(&r->accountl, le)
	{
		struct account *a = le->data;

		if (a->row.person == person)
			return a;
	}

	return NULL;
}


static struct account *account_new(struct registrar *r, uint32_t person)
{
	struct account *a = mem_zalloc(sizeof(*a), account_destructor);

	if (!a)
		return NULL;
	a->r = r;
	a->row.person = person;
	for (size_t i = 0; i < STORE_PLACES; i++)
		a->binding[i].account = a;
	list_append(&r->accountl, &a->le, a);

	return a;
}


/* what an older secret opened is closed */
static bool is_another(const struct account *a, const struct store_phone *row)
{
	return strcmp(a->row.user, row->user) ||
	       sodium_memcmp(a->row.sha256, row->sha256,
			     sizeof(row->sha256)) ||
	       sodium_memcmp(a->row.md5, row->md5, sizeof(row->md5));
}


static bool row_load(const struct store_phone *row, void *arg)
{
	struct registrar *r = arg;
	struct account *a = account_of(r, row->person);

	if (!a)
		a = account_new(r, row->person);
	if (!a)
		return true;
	if (is_another(a, row))
		bindings_forget(a);
	a->row = *row;
	a->seen = true;

	return false;
}


static bool row_restore(const struct store_binding *row, void *arg)
{
	struct account *a = account_of(arg, row->person);

	if (a && row->place < STORE_PLACES)
		binding_restore(a, row);

	return false;
}


static void unseen_remove(struct registrar *r)
{
	struct le *le;

	for (le = list_head(&r->accountl); le;) {
		struct account *a = le->data;

		le = le->next;
		if (a->seen)
			continue;
		/* the store may hold it while it writes: it must not be found
		 * by who is told */
		bindings_forget(a);
		mem_deref(a);
	}
}


int registrar_load(struct registrar *r)
{
	struct le *le;
	int err;

	LIST_FOREACH(&r->accountl, le)
		((struct account *)le->data)->seen = false;
	err = store_phone_each(r->store, row_load, r);
	if (err)
		return err;

	unseen_remove(r);
	if (r->loaded)
		return 0;
	r->loaded = true;

	return store_binding_each(r->store, row_restore, r);
}


/* ---- what is asked ------------------------------------------------------- */

static bool require_print(const struct sip_hdr *hdr, const struct sip_msg *msg,
			  void *arg)
{
	(void)msg;

	return re_hprintf(arg, "Unsupported: %r\r\n", &hdr->val) != 0;
}


static int unsupported_print(struct re_printf *pf, const struct sip_msg *msg)
{
	return sip_msg_hdr_apply(msg, true, SIP_HDR_REQUIRE, require_print, pf)
		       ? ENOMEM
		       : 0;
}


/* of extensions of REGISTER (Path, outbound, GRUU) we have none */
static bool wants_too_much(struct registrar *r, const struct sip_msg *msg)
{
	if (!sip_msg_hdr(msg, SIP_HDR_REQUIRE))
		return false;

	(void)sip_treplyf(NULL, NULL, r->sip, msg, false, 420, "Bad Extension",
			  "%HContent-Length: 0\r\n\r\n", unsupported_print,
			  msg);
	return true;
}


static void refuse(struct registrar *r, const struct sip_msg *msg,
		   const struct message_fault *fault)
{
	if (fault->scode == 423)
		(void)sip_treplyf(NULL, NULL, r->sip, msg, false, 423,
				  fault->reason,
				  "Min-Expires: %d\r\n"
				  "Content-Length: 0\r\n\r\n", CONTACT_MIN_S);
	else
		(void)sip_treply(NULL, r->sip, msg, fault->scode,
				 fault->reason);
}


void registrar_request(struct registrar *r, const struct sip_msg *msg)
{
	struct message_fault fault = {500, "CSeq Out Of Order"};
	struct contacts contacts;
	struct account *a;

	if (wants_too_much(r, msg))
		return;
	a = prove(r, msg);
	if (!a)
		return;
	if (contacts_read(&contacts, msg, &fault) ||
	    bindings_are_late(a, &contacts, msg)) {
		refuse(r, msg, &fault);
		return;
	}

	bindings_take(a, &contacts, msg);
	(void)sip_treplyf(NULL, NULL, r->sip, msg, false, 200, "OK",
			  "%HContent-Length: 0\r\n\r\n", bindings_print, a);
}


bool registrar_knows(const struct registrar *r, uint32_t person)
{
	return r && account_of(r, person);
}


bool registrar_has(const struct registrar *r, uint32_t person)
{
	const struct account *a = r ? account_of(r, person) : NULL;

	return a && account_is_bound(a);
}


bool registrar_is_at(const struct registrar *r, const struct sa *addr)
{
	struct le *le;

	LIST_FOREACH(&r->accountl, le)
	{
		if (account_is_at(le->data, addr))
			return true;
	}

	return false;
}


size_t registrar_places(const struct registrar *r, uint32_t person,
			struct secret_text *uri, size_t n)
{
	const struct account *a = r ? account_of(r, person) : NULL;
	size_t k = 0;

	for (size_t i = 0; a && i < STORE_PLACES && k < n; i++) {
		if (a->binding[i].set && !binding_target(&uri[k],
							 &a->binding[i]))
			++k;
	}

	return k;
}
