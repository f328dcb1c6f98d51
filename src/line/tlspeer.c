/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tlspeer.c  Looks at certificates, with OpenSSL. Must not connect, nor read a
 * key of ours.
 */
#include <dlfcn.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "tlspeer.h"

#define LOG_MODULE "tls"
#include "base/log.h"


enum { MOST = 64, ID_SIZE = 24 };

/* what OpenSSL keeps with a connection that came to us; its address follows */
#define CAME "from-"

struct peer {
	struct le le;
	struct sa addr;
	struct tlspeer_want want;
	char id[ID_SIZE];  /* what OpenSSL keeps with the connection */
	const char *why;
};

struct tlspeers {
	X509_STORE *store;   /* NULL: nobody may vouch for a name */
	struct list peerl;   /* the last told of first            */
	struct sa laddrs[LIMIT_LISTEN];
	size_t n_laddrs;
	uint64_t last_id;
	tlspeer_h *h;
	void *arg;
	tlspeer_shook_h *shookh;
	void *shook_arg;
};

typedef int(start_h)(struct tls_conn **ptc, struct tls *tls,
		     struct tcp_conn *tcp, int layer);


static void peer_destructor(void *data)
{
	struct peer *p = data;

	list_unlink(&p->le);
}


static void tlspeers_destructor(void *data)
{
	struct tlspeers *p = data;

	list_flush(&p->peerl);
	X509_STORE_free(p->store);
}


static int store_read(X509_STORE **storep, const char *ca)
{
	X509_STORE *store;

	if (access(ca, R_OK))
		return errno;
	store = X509_STORE_new();
	if (!store)
		return ENOMEM;
	if (X509_STORE_load_file(store, ca) != 1) {
		ERR_clear_error();
		X509_STORE_free(store);
		return ENOTSUP;
	}
	*storep = store;

	return 0;
}


int tlspeers_alloc(struct tlspeers **pp, const char *ca,
		   const struct sa *laddrs, size_t n_laddrs)
{
	struct tlspeers *p;
	int err = 0;

	if (!pp || !ca || n_laddrs > LIMIT_LISTEN)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), tlspeers_destructor);
	if (!p)
		return ENOMEM;
	if (*ca)
		err = store_read(&p->store, ca);
	for (; p->n_laddrs < n_laddrs; p->n_laddrs++)
		p->laddrs[p->n_laddrs] = laddrs[p->n_laddrs];

	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


void tlspeers_handler(struct tlspeers *p, tlspeer_h *h, void *arg)
{
	p->h = h;
	p->arg = arg;
}


void tlspeers_shook_handler(struct tlspeers *p, tlspeer_shook_h *h, void *arg)
{
	if (!p)
		return;
	p->shookh = h;
	p->shook_arg = arg;
}


/* ---- who is expected where ------------------------------------------------ */

static struct peer *peer_at(const struct tlspeers *p, const struct sa *addr)
{
	struct le *le;

	LIST_FOREACH(&p->peerl, le)
	{
		struct peer *peer = le->data;

		if (sa_cmp(&peer->addr, addr, SA_ALL))
			return peer;
	}

	return NULL;
}


static struct peer *peer_with(const struct tlspeers *p, const char *id)
{
	struct le *le;

	LIST_FOREACH(&p->peerl, le)
	{
		struct peer *peer = le->data;

		if (!strcmp(peer->id, id))
			return peer;
	}

	return NULL;
}


void tlspeers_expect(struct tlspeers *p, const struct sa *addr,
		     const struct tlspeer_want *want)
{
	struct peer *peer;

	if (!p || !want->host[0])
		return;
	peer = peer_at(p, addr);
	if (!peer) {
		peer = mem_zalloc(sizeof(*peer), peer_destructor);
		if (!peer)
			return; /* nobody is expected: nothing connects */
		if (list_count(&p->peerl) >= MOST)
			mem_deref(list_ledata(list_tail(&p->peerl)));
		(void)re_snprintf(peer->id, sizeof(peer->id), "peer-%llu",
				  ++p->last_id);
	}
	list_unlink(&peer->le);
	list_prepend(&p->peerl, &peer->le, peer);
	peer->addr = *addr;
	peer->want = *want;
}


const char *tlspeers_why(const struct tlspeers *p, const char *label)
{
	struct le *le;

	LIST_FOREACH(p ? &p->peerl : NULL, le)
	{
		const struct peer *peer = le->data;

		if (!strcmp(peer->want.label, label))
			return peer->why;
	}

	return NULL;
}


/* ---- certificates ---------------------------------------------------------- */

static const struct {
	int code;
	const char *words;
} troubles[] = {
	{X509_V_ERR_CERT_HAS_EXPIRED, "it has expired"},
	{X509_V_ERR_CERT_NOT_YET_VALID, "it is not valid yet; is the clock of "
					"this machine right?"},
	{X509_V_ERR_HOSTNAME_MISMATCH, "it is for another name"},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, "it is for another name"},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
	 "it is self-made: nobody in sip_ca vouches for it"},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
	 "nobody in sip_ca vouches for it"},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
	 "nobody in sip_ca vouches for it"},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
	 "nobody in sip_ca vouches for it"},
	{X509_V_ERR_INVALID_PURPOSE, "it is not for servers"},
	{X509_V_ERR_CERT_REVOKED, "it was revoked"},
};


static const char *trouble(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++) {
		if (troubles[i].code == code)
			return troubles[i].words;
	}

	return X509_verify_cert_error_string(code);
}


/* exactly this one: then neither its name nor who vouches for it matters */
static const char *pin_trouble(const struct tlspeer_want *want, X509 *cert)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (X509_digest(cert, EVP_sha256(), md, &n) != 1 ||
	    n != TLSPEER_PIN || sodium_memcmp(md, want->pin, n))
		return "it is not the one that was written down for this "
		       "trunk";
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0)
		return trouble(X509_V_ERR_CERT_HAS_EXPIRED);
	if (X509_cmp_current_time(X509_get0_notBefore(cert)) >= 0)
		return trouble(X509_V_ERR_CERT_NOT_YET_VALID);

	return NULL;
}


/* the library compares names: one with a NUL in it is not cut there */
static bool name_wanted(X509_STORE_CTX *v, const char *host)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(v);
	struct sa addr;

	X509_VERIFY_PARAM_set_hostflags(
		param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
			       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (!sa_set_str(&addr, host, 0))
		return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;

	return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}


static const char *name_trouble(const struct tlspeers *p,
				const struct tlspeer_want *want, X509 *cert,
				STACK_OF(X509) *chain)
{
	const char *why = "there is no memory to look at it";
	X509_STORE_CTX *v;

	if (!p->store)
		return "sip_ca names nobody who could vouch for it";
	v = X509_STORE_CTX_new();
	if (v && X509_STORE_CTX_init(v, p->store, cert, chain) == 1 &&
	    X509_STORE_CTX_set_default(v, "ssl_server") == 1 &&
	    name_wanted(v, want->host))
		why = X509_verify_cert(v) == 1
			      ? NULL
			      : trouble(X509_STORE_CTX_get_error(v));
	X509_STORE_CTX_free(v);
	ERR_clear_error();

	return why;
}


bool tlspeers_fit(const struct tlspeers *p, const struct tlspeer_want *want,
		  X509 *cert, STACK_OF(X509) *chain, const char **whyp)
{
	*whyp = !cert          ? "it has none"
		: want->pinned ? pin_trouble(want, cert)
			       : name_trouble(p, want, cert, chain);

	return !*whyp;
}


/* ---- connections ----------------------------------------------------------- */

static void refused(struct peer *peer, const char *why)
{
	/* a registration is tried again and again: once is enough */
	if (!peer->why || strcmp(peer->why, why) != 0)
		log_error("%s%s%sTLS: the certificate at %s is refused: %s",
			  *peer->want.label ? "trunk " : "", peer->want.label,
			  *peer->want.label ? ": " : "", peer->want.host, why);
	peer->why = why;
}


/* Whom this connection was begun for: where OpenSSL keeps the name that it would
 * compare by itself stands which peer it is. */
static struct peer *peer_of(const struct tlspeers *p, SSL *ssl)
{
	const char *id = X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0);

	return id ? peer_with(p, id) : NULL;
}


/* in place of OpenSSL's own look at the chain */
static int chain_check(X509_STORE_CTX *ctx, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct peer *peer = peer_of(arg, ssl);
	const char *why;

	if (peer && tlspeers_fit(arg, &peer->want,
				 X509_STORE_CTX_get0_cert(ctx),
				 X509_STORE_CTX_get0_untrusted(ctx), &why)) {
		peer->why = NULL;
		X509_STORE_CTX_set_error(ctx, X509_V_OK);
		return 1;
	}
	if (peer)
		refused(peer, why);
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);

	return 0;
}


/* Before a server says what it wants to see: telephones prove who they are by
 * digest. OpenSSL asks a client for this, too. */
static int certificate_wanted(SSL *ssl, void *arg)
{
	if (!SSL_is_server(ssl))
		return 1;

	SSL_set_verify(ssl,
		       peer_of(arg, ssl) ? SSL_VERIFY_PEER |
					   SSL_VERIFY_FAIL_IF_NO_PEER_CERT
					 : SSL_VERIFY_NONE,
		       NULL);

	return 1;
}


/* With a certificate that is written down it has a peer of its own, which has
 * its address; else the address stands where that would be named. */
static bool addr_of(struct sa *addr, const struct tlspeers *p, const SSL *ssl)
{
	const char *id = X509_VERIFY_PARAM_get0_host(
		SSL_get0_param((SSL *)ssl), 0);
	const size_t n = strlen(CAME);
	const struct peer *peer;

	if (!id)
		return false;
	if (!strncmp(id, CAME, n))
		return sa_decode(addr, id + n, strlen(id + n)) == 0;
	peer = peer_with(p, id);
	if (peer)
		*addr = peer->addr;

	return peer != NULL;
}


static void on_info(const SSL *ssl, int where, int ret)
{
	const struct tlspeers *p;
	struct sa addr;

	(void)ret;
	if (!(where & SSL_CB_HANDSHAKE_DONE) || !SSL_is_server(ssl))
		return;
	p = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	if (p && p->shookh && addr_of(&addr, p, ssl))
		p->shookh(&addr, p->shook_arg);
}


void tlspeers_guard(struct tlspeers *p, SSL_CTX *ctx)
{
	(void)SSL_CTX_set_app_data(ctx, p);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, chain_check, p);
	SSL_CTX_set_cert_cb(ctx, certificate_wanted, p);
	SSL_CTX_set_info_callback(ctx, on_info);
}


static bool came_to_us(const struct tlspeers *p, const struct tcp_conn *tcp)
{
	struct sa local;

	if (tcp_conn_local_get(tcp, &local))
		return false;
	for (size_t i = 0; i < p->n_laddrs; i++) {
		if (sa_cmp(&p->laddrs[i], &local, SA_ALL))
			return true;
	}

	return false;
}


/* whoever is expected there; told of, or known by its address */
static struct peer *peer_find(struct tlspeers *p, const struct sa *addr,
			      bool came)
{
	struct tlspeer_want want = {.host = ""};
	struct peer *peer = peer_at(p, addr);

	if (peer && !came)
		return peer;
	if (!p->h || !p->h(&want, addr, p->arg) || (came && !want.pinned))
		return NULL;
	tlspeers_expect(p, addr, &want);

	return peer_at(p, addr);
}


static int came(struct tls_conn *tc, const struct sa *addr)
{
	char id[80];

	if (re_snprintf(id, sizeof(id), CAME "%J", addr) < 0)
		return ENOMEM;

	return tls_set_verify_server(tc, id);
}


static int start(struct tlspeers *p, struct tls_conn *tc,
		 const struct tcp_conn *tcp)
{
	const bool to_us = came_to_us(p, tcp);
	struct peer *peer;
	struct sa addr, ip;
	int err;

	err = tcp_conn_peer_get(tcp, &addr);
	if (err)
		return err;
	peer = peer_find(p, &addr, to_us);
	if (!peer && to_us)
		return came(tc, &addr);
	if (!peer) {
		log_warn("no connection by TLS to where nobody is known by "
			 "name");
		return EACCES;
	}

	err = tls_set_verify_server(tc, peer->id);
	if (!err && !to_us && sa_set_str(&ip, peer->want.host, 0))
		err = tls_set_servername(tc, peer->want.host);

	return err;
}


/*
 * libre's own is called from within libre, which knows of no name to check. This
 * one takes its place there (the linker looks into programs first). Should it
 * not: a connection without a name is refused by chain_check().
 */
int tls_start_tcp(struct tls_conn **ptc, struct tls *tls, struct tcp_conn *tcp,
		  int layer)
{
	start_h *real;
	struct tlspeers *p;
	int err;

	*(void **)&real = dlsym(RTLD_NEXT, "tls_start_tcp");
	if (!real)
		return ENOSYS;
	err = real(ptc, tls, tcp, layer);
	if (err)
		return err;

	p = SSL_CTX_get_app_data(tls_openssl_context(tls));
	if (p)
		err = start(p, *ptc, tcp);
	if (err)
		*ptc = mem_deref(*ptc);

	return err;
}
