/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ports.c  Hands out ports. Must not send or receive.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <re.h>

#include "ports.h"
#include "addr.h"

#define LOG_MODULE "ports"
#include "base/log.h"


enum {
	REST_MS = 5000,
	TOS     = IPTOS_DSCP_EF, /* voice (RFC 4594) */
};

#define TAKEN UINT64_MAX

struct range {
	struct sa addr;      /* port: the lowest even one */
	uint32_t n;          /* even ports */
	uint64_t *rested_at; /* milliseconds; 0: never used; TAKEN */
};

struct ports {
	struct range ranges[LIMIT_LISTEN];
	uint32_t n;
};


static void ports_destructor(void *data)
{
	struct ports *p = data;

	for (uint32_t i = 0; i < p->n; i++)
		mem_deref(p->ranges[i].rested_at);
}


static uint64_t now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static void port_destructor(void *data)
{
	struct port *port = data;

	if (port->fd >= 0)
		(void)close(port->fd);
	if (port->ports)
		port->ports->ranges[port->range].rested_at[port->i] =
			now_ms() + REST_MS;
	mem_deref(port->ports);
}


/* @return 0 with *fdp bound */
static int socket_open(int *fdp, const struct sa *addr)
{
	const int af = sa_af(addr), one = 1, tos = TOS;
	int err = 0, fd;

	fd = socket(af, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno;

	if (af == AF_INET6) {
		if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
			       sizeof(one)) < 0)
			err = errno;
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos,
				 sizeof(tos));
	}
	else {
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	}
	if (!err && bind(fd, &addr->u.sa, addr->len) < 0)
		err = errno;

	if (err)
		(void)close(fd);
	else
		*fdp = fd;

	return err;
}


static int address_try(const struct config_media *m, struct sa *sa)
{
	int err, fd;

	err = sa_set_str(sa, m->host, 0);
	if (!err && !addr_is_host(sa))
		err = EINVAL;
	if (!err)
		err = socket_open(&fd, sa);
	if (!err)
		(void)close(fd);
	if (err)
		log_error("cannot send sound from the address %s: %s; the "
			  "option \"media\" must name an address of this "
			  "machine, and not all of them", m->host,
			  strerror(err));

	return err;
}


static int range_init(struct range *r, const struct config_media *m)
{
	const uint32_t low = (m->low + 1u) & ~1u;
	int err;

	if (m->high < low || !low)
		return EINVAL;
	err = address_try(m, &r->addr);
	if (err)
		return err;

	sa_set_port(&r->addr, (uint16_t)low);
	r->n = (m->high - low) / 2 + 1;
	r->rested_at = mem_zalloc(r->n * sizeof(*r->rested_at), NULL);

	return r->rested_at ? 0 : ENOMEM;
}


int ports_alloc(struct ports **pp, const struct config_media *media,
		uint32_t n)
{
	struct ports *p;
	int err = 0;

	if (!pp || !media || n > LIMIT_LISTEN)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), ports_destructor);
	if (!p)
		return ENOMEM;
	for (; p->n < n && !err; p->n++)
		err = range_init(&p->ranges[p->n], &media[p->n]);

	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


static uint16_t port_number(const struct range *r, uint32_t i)
{
	return (uint16_t)(sa_port(&r->addr) + 2 * i);
}


static int port_bind(struct port *port, struct ports *p, uint32_t range,
		     uint32_t i)
{
	struct range *r = &p->ranges[range];
	struct sa local = r->addr;
	int err, fd;

	sa_set_port(&local, port_number(r, i));
	err = socket_open(&fd, &local);
	if (err)
		return err;

	r->rested_at[i] = TAKEN;
	port->fd = fd;
	port->local = local;
	port->range = range;
	port->i = i;
	port->ports = mem_ref(p);

	return 0;
}


/*
 * From a random place on, in steps of a random odd number, so that every
 * port is tried once when the range is a power of two, and nearly so
 * otherwise; the last round takes what is left, in order.
 */
static int range_take(struct port *port, struct ports *p, uint32_t range,
		      uint64_t rested_before)
{
	struct range *r = &p->ranges[range];
	const uint32_t n = r->n;
	uint32_t i = rand_u32() % n;
	const uint32_t stride = rand_u32() % n | 1;

	for (uint32_t k = 0; k < 2 * n; k++) {
		int err;

		i = (i + (k < n ? stride : 1)) % n;
		if (r->rested_at[i] > rested_before)
			continue;
		err = port_bind(port, p, range, i);
		/* another program has that port: it is not ours to complain */
		if (err != EADDRINUSE && err != EACCES)
			return err;
	}

	return ENOSPC;
}


int ports_open(struct ports *p, struct port **portp, int af)
{
	const uint64_t rested[] = {now_ms(), TAKEN - 1};
	struct port *port;
	int err = EAFNOSUPPORT;

	if (!p || !portp)
		return EINVAL;

	port = mem_zalloc(sizeof(*port), port_destructor);
	if (!port)
		return ENOMEM;
	port->fd = -1;

	for (unsigned k = 0; k < ARRAY_SIZE(rested) && !port->ports; k++) {
		for (uint32_t i = 0; i < p->n && !port->ports; i++) {
			if (sa_af(&p->ranges[i].addr) == af)
				err = range_take(port, p, i, rested[k]);
		}
	}

	if (port->ports) {
		*portp = port;
		return 0;
	}
	mem_deref(port);

	return err;
}


bool ports_is_ours(const struct ports *p, const struct sa *sa)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct range *r = &p->ranges[i];
		const uint32_t d = (uint32_t)sa_port(sa) - sa_port(&r->addr);

		if (sa_cmp(&r->addr, sa, SA_ADDR) && !(d & 1) &&
		    d / 2 < r->n && r->rested_at[d / 2] == TAKEN)
			return true;
	}

	return false;
}
