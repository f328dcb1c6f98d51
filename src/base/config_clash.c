/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_clash.c  Addresses, ports and certificates that do not go together.
 * Must not open any.
 */
#include <inttypes.h>
#include <string.h>

#include "config_media.h"
#include "config_option.h"


static bool media_has(const struct config_media *m,
		      const struct config_addr *a)
{
	return strcmp(m->host, a->host) == 0 && a->port >= m->low &&
	       a->port <= m->high;
}


static bool is_loopback(const char *host)
{
	return strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}


static bool is_any(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}


/* what is said over the network is said by TLS, and has an address */
static const char *http_clash(const struct config *c, struct config_why *why)
{
	if (!*c->http_certificate != !*c->http_key) {
		(void)config_because(why, "http_certificate and http_key go "
					  "together; write both, or \"\" for "
					  "both");
		return *c->http_key ? "http_key" : "http_certificate";
	}
	if (!*c->http_certificate && !is_loopback(c->http.host)) {
		(void)config_because(
			why, "whoever is between could listen in; write a "
			     "certificate (http_certificate, http_key), or "
			     "an address of this machine alone, for example "
			     "\"127.0.0.1:8080\", and let a web server pass "
			     "requests on to it");
		return "http";
	}
	if (is_any(c->http.host) && !*c->http_origin) {
		(void)config_because(
			why, "browsers need one address; write it as "
			     "http_origin, for example "
			     "\"https://hotline.example\"");
		return "http";
	}

	return NULL;
}


/* an address to be told that leads to no port of ours */
static bool public_clash(const struct config *c, uint32_t *indexp,
			 struct config_why *why)
{
	for (uint32_t i = 0; i < c->n_media_public; i++) {
		const bool six = strchr(c->media_public[i], ':');
		bool found = false;

		for (uint32_t k = 0; k < c->n_media; k++)
			found |= six == (strchr(c->media[k].host, ':') != NULL);
		if (found)
			continue;
		(void)config_because(why, "no address of the option media is "
					  "IPv%d, so it leads nowhere; add one "
					  "there or take this one out",
				     six ? 6 : 4);
		*indexp = i;
		return true;
	}

	return false;
}


/* each process has two legs, of one call, at least */
static bool ports_clash(const struct config *c, uint32_t *indexp,
			struct config_why *why)
{
	struct config_media part;

	for (uint32_t k = 0; k < c->n_media; k++) {
		if (!config_media_part(&part, &c->media[k], 0,
				       2 * c->media_processes))
			continue;
		(void)config_because(why,
				     "these ports are too few for %" PRIu32
				     " media_processes, each of which needs "
				     "four from an even one on; write for "
				     "example 20000-29999",
				     c->media_processes);
		*indexp = k;
		return true;
	}

	return false;
}


static bool same_place(const struct config_addr *a,
		       const struct config_addr *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port;
}


/* a port and a certificate of its own */
static const char *tls_clash(const struct config *c, uint32_t *indexp,
			     struct config_why *why)
{
	if (!*c->sip_certificate != !*c->sip_key) {
		(void)config_because(why, "sip_certificate and sip_key go "
					  "together; write both, or \"\" for "
					  "both");
		return *c->sip_key ? "sip_key" : "sip_certificate";
	}
	if (c->n_sip_tls && !*c->sip_certificate && !*c->http_certificate) {
		(void)config_because(why, "there is no certificate; write "
					  "sip_certificate and sip_key, or "
					  "take this out");
		return "sip_tls";
	}
	for (uint32_t k = 0; k < c->n_sip_tls * c->n_sip; k++) {
		if (!same_place(&c->sip_tls[k / c->n_sip],
				&c->sip[k % c->n_sip]))
			continue;
		(void)config_because(why, "SIP is spoken there without TLS; "
					  "move one of the two, as in sip "
					  "127.0.0.1:5060 and sip_tls "
					  "127.0.0.1:5061");
		*indexp = k / c->n_sip;
		return "sip_tls";
	}
	for (uint32_t k = 0; k < c->n_sip_tls; k++) {
		if (!same_place(&c->sip_tls[k], &c->http))
			continue;
		(void)config_because(why, "the page is served there; move one "
					  "of the two");
		*indexp = k;
		return "sip_tls";
	}

	return NULL;
}


const struct config_option *config_clash(const struct config *c,
					 uint32_t *indexp,
					 struct config_why *why)
{
	const char *name;

	for (uint32_t k = 0; k < c->n_media * c->n_sip; k++) {
		const struct config_media *m = &c->media[k / c->n_sip];
		const struct config_addr *a = &c->sip[k % c->n_sip];

		if (!media_has(m, a))
			continue;
		(void)config_because(why,
				     "the ports from %d to %d include "
				     "%d, where SIP is spoken; move one of "
				     "the two, as in sip 127.0.0.1:5060 and "
				     "media 127.0.0.1:20000-29999",
				     m->low, m->high, a->port);
		*indexp = k / c->n_sip;
		return config_option_find(&config_root, "media");
	}

	if (ports_clash(c, indexp, why))
		return config_option_find(&config_root, "media");

	for (uint32_t k = 0; k < c->n_sip; k++) {
		if (!same_place(&c->sip[k], &c->http))
			continue;
		(void)config_because(why,
				     "SIP is spoken there; move one of "
				     "the two, as in sip 127.0.0.1:5060 and "
				     "http 127.0.0.1:8080");
		*indexp = 0;
		return config_option_find(&config_root, "http");
	}

	if (public_clash(c, indexp, why))
		return config_option_find(&config_root, "media_public");

	*indexp = 0;
	name = tls_clash(c, indexp, why);
	if (!name)
		name = http_clash(c, why);

	return name ? config_option_find(&config_root, name) : NULL;
}
