/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk_tls.c  What trunks mean for TLS: whose certificate belongs where, and
 * whether keys of sound may be told. Must not look at a certificate.
 */
#include <sodium.h>

#include "tlspeer.h"
#include "trunk_parts.h"


/* without a host of its own, a trunk by address is known by its pin alone */
static void want_set(struct tlspeer_want *want, const struct trunk *t,
		     const struct pl *host)
{
	size_t n;

	memset(want, 0, sizeof(*want));
	if (pl_strcpy(host, want->host, sizeof(want->host)))
		want->host[0] = '\0';
	str_ncpy(want->label, t ? t->row.name : "", sizeof(want->label));
	want->pinned = t && t->row.certificate[0] &&
		       !sodium_hex2bin(want->pin, sizeof(want->pin),
				       t->row.certificate,
				       strlen(t->row.certificate), NULL, &n,
				       NULL) &&
		       n == sizeof(want->pin);
}


/* of the account, or of the way out; a name for the pin if there is neither */
static int host_of(struct pl *host, const struct trunk *t)
{
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, secret_reveal(&t->row.uri));
	if (!pl.l) {
		pl_set_str(host, t->row.name);
		return t->row.certificate[0] ? 0 : ENOENT;
	}
	if (uri_decode(&uri, &pl))
		return EINVAL;
	*host = uri.host;

	return 0;
}


static const struct trunk *trunk_at(const struct trunks *all,
				    const struct sa *addr)
{
	struct le *le;

	LIST_FOREACH(&all->trunkl, le)
	{
		const struct trunk *t = le->data;

		if (net_has(&t->net, addr))
			return t;
	}

	return NULL;
}


static const struct trunk *trunk_called(const struct trunks *all,
					const struct pl *host)
{
	struct le *le;
	struct pl pl;

	LIST_FOREACH(&all->trunkl, le)
	{
		const struct trunk *t = le->data;

		if (!host_of(&pl, t) && !pl_casecmp(&pl, host))
			return t;
	}

	return NULL;
}


static bool wanted_at(struct tlspeer_want *want, const struct sa *addr,
		      void *arg)
{
	const struct trunk *t = trunk_at(arg, addr);
	struct pl host;

	if (!t || host_of(&host, t))
		return false;
	want_set(want, t, &host);

	return true;
}


void trunks_secure(struct trunks *t, struct tlspeers *tls, enum wire_srtp use)
{
	t->srtp = use;
	t->tls = mem_ref(tls);
	if (tls)
		tlspeers_handler(tls, wanted_at, t);
}


void trunk_expect(const struct trunk *t, const struct sa *dst)
{
	struct tlspeer_want want;

	want_set(&want, t, &t->uri.host);
	tlspeers_expect(t->all->tls, dst, &want);
}


void trunk_why(char *why, size_t size, const struct trunk *t)
{
	const char *words = tlspeers_why(t->all->tls, t->row.name);

	str_ncpy(why, words ? words : "", size);
}


void trunks_expect(const struct sa *dst, const char *uri, void *arg)
{
	const struct trunks *all = arg;
	struct tlspeer_want want;
	struct uri parts;
	struct pl pl;

	pl_set_str(&pl, uri);
	if (uri_decode(&parts, &pl))
		return;
	want_set(&want, trunk_called(all, &parts.host), &parts.host);
	tlspeers_expect(all->tls, dst, &want);
}


enum wire_srtp trunks_srtp(bool tls, const struct sa *src, const char *uri,
			   void *arg)
{
	const struct trunks *all = arg;
	const struct trunk *t = NULL;
	struct uri parts;
	struct pl pl;

	pl_set_str(&pl, uri);
	if (src)
		t = trunk_at(all, src);
	else if (!uri_decode(&parts, &pl))
		t = trunk_called(all, &parts.host);

	if (t && t->row.srtp == STORE_SRTP_REQUIRE)
		return WIRE_SRTP_MUST;
	if (!tls || (t && t->row.srtp == STORE_SRTP_OFF))
		return WIRE_SRTP_NEVER;

	return t && t->row.srtp == STORE_SRTP_OFFER ? WIRE_SRTP_MAY
						     : all->srtp;
}
