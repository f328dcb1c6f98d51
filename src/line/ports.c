/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ports.c  Opens the SIP ports. Must not handle messages.
 */
#include <string.h>
#include <unistd.h>

#include "ports.h"
#include "siptls.h"
#include "tlspeer.h"

#define LOG_MODULE "sip"
#include "base/log.h"


enum { HASH_SIZE = 2048, SOCKET_BUF = 1 << 20 };

static const struct {
	int err;
	const char *advice;
} advices[] = {
	{EADDRINUSE, "another program listens there (another Ringback, a PBX, "
		     "a softphone): stop it, or choose another port"},
	{EADDRNOTAVAIL, "this machine has no such address: name one of its "
			"own"},
	{EACCES, "ports below 1024 need a privilege: choose another port"},
};


static const char *advice(int err)
{
	for (size_t i = 0; i < ARRAY_SIZE(advices); i++) {
		if (advices[i].err == err)
			return advices[i].advice;
	}

	return "check the address";
}


/* libre's listening TCP sockets share ports silently: look first */
static int tcp_is_free(const struct sa *laddr)
{
	int err, fd, on = 1;

	fd = socket(sa_af(laddr), SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	err = bind(fd, &laddr->u.sa, laddr->len) < 0 ? errno : 0;
	(void)close(fd);

	return err;
}


static int address_open(struct ports *p, const struct config_addr *addr)
{
	struct sa *laddr = &p->laddrs[p->n_laddrs];
	int err;

	err = sa_set_str(laddr, addr->host, addr->port);
	if (!err)
		err = tcp_is_free(laddr);
	if (!err)
		err = sip_transp_add(p->sip, SIP_TRANSP_UDP, laddr);
	if (!err)
		err = sip_transp_add(p->sip, SIP_TRANSP_TCP, laddr);
	if (err) {
		log_error("ringback.conf: sip: cannot listen on %s port %u: "
			  "%s; %s", addr->host, addr->port, strerror(err),
			  advice(err));
		return err;
	}

	p->streams[p->n_streams++] = *laddr;
	++p->n_laddrs;
	return 0;
}


static int tls_open(struct ports *p, const struct config_addr *addr,
		    struct tls *tls)
{
	struct sa laddr;
	int err;

	err = sa_set_str(&laddr, addr->host, addr->port);
	if (!err)
		err = tcp_is_free(&laddr);
	if (!err)
		err = sip_transp_add(p->sip, SIP_TRANSP_TLS, &laddr, tls);
	if (!err)
		p->streams[p->n_streams++] = laddr;
	else
		log_error("ringback.conf: sip_tls: cannot listen on %s port "
			  "%u: %s; %s", addr->host, addr->port, strerror(err),
			  advice(err));

	return err;
}


/* who may vouch for the certificates of others */
static int peers_open(struct ports *p, const struct config *config)
{
	const bool usual = !strcmp(config->sip_ca, CONFIG_SIP_CA);
	struct sa laddrs[LIMIT_LISTEN];
	int err = 0;

	for (uint32_t i = 0; i < config->n_sip_tls && !err; i++)
		err = sa_set_str(&laddrs[i], config->sip_tls[i].host,
				 config->sip_tls[i].port);
	if (err)
		return err;
	err = tlspeers_alloc(&p->tls, config->sip_ca, laddrs,
			     config->n_sip_tls);
	if (err == ENOENT && usual) {
		log_note("there is no %s: nobody can vouch for a trunk that "
			 "is reached by TLS (install ca-certificates)",
			 config->sip_ca);
		return tlspeers_alloc(&p->tls, "", laddrs, config->n_sip_tls);
	}
	if (err)
		log_error("ringback.conf: sip_ca: %s: %s", config->sip_ca,
			  err == ENOTSUP ? "there is no certificate in it"
					 : strerror(err));

	return err;
}


static int tls_open_all(struct ports *p, const struct config *config)
{
	const bool own = config->sip_certificate[0] != '\0';
	struct tls *tls;
	int err;

	if (!config->n_sip_tls)
		return 0;
	err = peers_open(p, config);
	if (err)
		return err;

	err = siptls_alloc(&tls,
			   own ? config->sip_certificate
			       : config->http_certificate,
			   own ? config->sip_key : config->http_key);
	if (err)
		return err;
	tlspeers_guard(p->tls, tls_openssl_context(tls));
	for (uint32_t i = 0; i < config->n_sip_tls && !err; i++)
		err = tls_open(p, &config->sip_tls[i], tls);
	mem_deref(tls);

	return err;
}


/* host names of trunks and phones; without a resolver only addresses work */
static void resolver_find(struct dnsc **dnscp)
{
	struct sa srv[4];
	uint32_t n = ARRAY_SIZE(srv);

	if (dns_srv_get(NULL, 0, srv, &n) || !n ||
	    dnsc_alloc(dnscp, NULL, srv, n))
		log_warn("no name server found: write addresses, not names, "
			 "for trunks and phones");
}


int ports_open(struct ports *p, const struct config *config)
{
	struct dnsc *dnsc = NULL;
	int err;

	memset(p, 0, sizeof(*p));
	resolver_find(&dnsc);
	err = sip_alloc(&p->sip, dnsc, HASH_SIZE, HASH_SIZE, HASH_SIZE, NULL,
			NULL, NULL);
	mem_deref(dnsc);

	for (uint32_t i = 0; i < config->n_sip && !err; i++)
		err = address_open(p, &config->sip[i]);

	return err ? err : tls_open_all(p, config);
}


void ports_close(struct ports *p)
{
	sip_close(p->sip, true);
	p->sip = mem_deref(p->sip);
	p->tls = mem_deref(p->tls);
}
