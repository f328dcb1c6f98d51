/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lurkers.c  Looks over the connections to the SIP ports. Must not read from
 * one, nor close any: their descriptors are libre's.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/limits.h"
#include "lurkers.h"

#define LOG_MODULE "lurkers"
#include "base/log.h"


enum {
	ADDRESSES = 2 * LIMIT_LISTEN, /* with those of TLS                 */
	GAP = 1024,      /* no descriptor beyond so many that are not open */
	SPARE = 32,      /* descriptors for all else that we do            */
	MANY = 32,
	QUIET_MS = 60000,
};

/* a connection that somebody made */
struct lurker {
	struct le le;
	struct sa peer;
	int fd;
	uint64_t since;
	uint64_t byte_at;  /* first byte of a message that is not whole; 0 */
	uint64_t n_bytes;  /* when a message was whole last                */
	uint64_t n_now;
	bool whole;        /* a message was, since the last look           */
	bool tls;          /* to an address of TLS ...              */
	bool shook;        /* ... and its handshake is over         */
	bool proven;
	bool cut;          /* libre has yet to find out                    */
	bool seen;         /* in this look                                 */
};

struct lurkers {
	struct list lurkerl; /* the oldest first */
	struct sa laddrs[ADDRESSES];
	size_t n_laddrs;
	size_t n_tcp;        /* of these, the first so many without TLS */
	lurkers_known_h *h;
	void *arg;
	struct tmr tmr;
	uint64_t n_cut;
	uint64_t told_at;
	uint64_t n_told;
	size_t n_files;      /* open, at the last look                  */
	uint64_t short_at;   /* when their want was told last           */
};


static void lurker_destructor(void *data)
{
	struct lurker *k = data;

	list_unlink(&k->le);
}


static void destructor(void *data)
{
	struct lurkers *l = data;

	tmr_cancel(&l->tmr);
	list_flush(&l->lurkerl);
}


/* ---- what is there ------------------------------------------------------- */

/* @return which, n_laddrs: none */
static size_t which_of_ours(const struct lurkers *l, const struct sa *addr)
{
	size_t i;

	for (i = 0; i < l->n_laddrs; i++) {
		if (sa_cmp(&l->laddrs[i], addr, SA_ALL))
			break;
	}

	return i;
}


/* @return 0; EBADF no such descriptor; ENOTCONN it is something else */
static int peer_of(const struct lurkers *l, int fd, struct sa *peer, bool *tls)
{
	struct sa local;
	int type = 0;
	socklen_t len = sizeof(type);
	size_t which;

	local.len = sizeof(local.u);
	if (getsockname(fd, &local.u.sa, &local.len))
		return errno == EBADF ? EBADF : ENOTCONN;
	if (local.u.sa.sa_family != AF_INET &&
	    local.u.sa.sa_family != AF_INET6)
		return ENOTCONN;
	which = which_of_ours(l, &local);
	if (which == l->n_laddrs)
		return ENOTCONN;
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    type != SOCK_STREAM)
		return ENOTCONN;
	*tls = which >= l->n_tcp;
	peer->len = sizeof(peer->u);

	return getpeername(fd, &peer->u.sa, &peer->len) ? ENOTCONN : 0;
}


static uint64_t bytes_of(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	(void)getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);

	return info.tcpi_bytes_received;
}


static struct lurker *lurker_get(struct lurkers *l, const struct sa *peer)
{
	struct lurker *k;
	struct le *le;

	LIST_FOREACH(&l->lurkerl, le)
	{
		k = le->data;
		if (sa_cmp(&k->peer, peer, SA_ALL))
			return k;
	}

	k = mem_zalloc(sizeof(*k), lurker_destructor);
	if (!k)
		return NULL;
	k->peer = *peer;
	k->fd = -1;
	k->since = tmr_jiffies();
	list_append(&l->lurkerl, &k->le, k);

	return k;
}


static void look_at(struct lurkers *l, int fd, const struct sa *peer, bool tls)
{
	struct lurker *k = lurker_get(l, peer);

	if (!k)
		return;
	k->seen = true;
	k->fd = fd;
	k->tls = tls;
	k->n_now = bytes_of(fd);
	if (k->whole) {
		k->whole = false;
		k->n_bytes = k->n_now;
		k->byte_at = 0;
	}
	else if (k->n_now > k->n_bytes && !k->byte_at) {
		k->byte_at = tmr_jiffies();
	}
}


static void look_around(struct lurkers *l)
{
	struct le *le;
	unsigned gap = 0;

	l->n_files = 0;
	LIST_FOREACH(&l->lurkerl, le)
		((struct lurker *)le->data)->seen = false;
	for (int fd = 0; gap < GAP; fd++) {
		struct sa peer;
		bool tls = false;
		const int err = peer_of(l, fd, &peer, &tls);

		gap = err == EBADF ? gap + 1 : 0;
		l->n_files += err != EBADF;
		if (!err)
			look_at(l, fd, &peer, tls);
	}
	for (le = list_head(&l->lurkerl); le;) {
		struct lurker *k = le->data;

		le = le->next;
		if (!k->seen)
			mem_deref(k);
	}
}


/* ---- what is cut --------------------------------------------------------- */

/* or not to be looked at any more */
static bool is_known(const struct lurkers *l, const struct lurker *k)
{
	return k->cut || k->proven || (l->h && l->h(&k->peer, l->arg));
}


/* whoever it is: a handshake that does not end is of use to nobody */
static bool shakes_slowly(const struct lurker *k, uint64_t now)
{
	return k->tls && !k->shook && !k->cut &&
	       now - k->since >= LURKERS_SHAKE_MS;
}


static bool is_slow(const struct lurker *k, uint64_t now)
{
	if (!k->n_now)
		return now - k->since >= LURKERS_SILENT_MS;
	if (k->byte_at && now - k->byte_at >= LURKERS_MESSAGE_MS)
		return true;

	return now - k->since >= LURKERS_PROOF_MS;
}


/* libre finds it at its end, and forgets it; so do we at the next look */
static void cut(struct lurkers *l, struct lurker *k)
{
	(void)shutdown(k->fd, SHUT_RDWR);
	k->cut = true;
	++l->n_cut;
}


/* IPv6: by /64, which is one customer */
static bool is_same_host(const struct sa *a, const struct sa *b)
{
	if (sa_af(a) == AF_INET6 && sa_af(b) == AF_INET6)
		return !memcmp(a->u.in6.sin6_addr.s6_addr,
			       b->u.in6.sin6_addr.s6_addr, 8);

	return sa_cmp(a, b, SA_ADDR);
}


static size_t count_of(const struct lurkers *l, const struct sa *peer)
{
	struct le *le;
	size_t n = 0;

	LIST_FOREACH(&l->lurkerl, le)
	{
		const struct lurker *k = le->data;

		n += !is_known(l, k) && (!peer ||
					 is_same_host(&k->peer, peer));
	}

	return n;
}


static void mention(struct lurkers *l)
{
	const uint64_t now = tmr_jiffies();

	if (l->n_cut == l->n_told ||
	    (l->told_at && now - l->told_at < QUIET_MS))
		return;

	log_warn("connections that brought nothing, or were too many: %llu "
		 "cut since last told",
		 (unsigned long long)(l->n_cut - l->n_told));
	l->told_at = now;
	l->n_told = l->n_cut;
}


/* Without a descriptor a connection cannot even be refused, and libre tries
 * again and again. @return how many too many are open */
static size_t files_missing(struct lurkers *l, uint64_t now)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) ||
	    l->n_files + SPARE <= files.rlim_cur)
		return 0;

	if (!l->short_at || now - l->short_at >= QUIET_MS) {
		log_error("%zu of %llu files are open (LimitNOFILE): "
			  "connections that have proven nothing are cut",
			  l->n_files, (unsigned long long)files.rlim_cur);
		l->short_at = now;
	}

	return l->n_files + SPARE - (size_t)files.rlim_cur;
}


size_t lurkers_sweep(struct lurkers *l)
{
	const uint64_t now = tmr_jiffies();
	size_t n, missing;

	look_around(l);
	missing = files_missing(l, now);
	n = count_of(l, NULL);
	for (struct le *le = list_head(&l->lurkerl); le;) {
		struct lurker *k = le->data;

		le = le->next;
		if (shakes_slowly(k, now)) {
			n -= !is_known(l, k);
			cut(l, k);
			continue;
		}
		if (is_known(l, k))
			continue;
		if (is_slow(k, now) || n > LURKERS || missing ||
		    (n > LURKERS_OF_ONE &&
		     count_of(l, &k->peer) > LURKERS_OF_ONE)) {
			cut(l, k);
			--n;
			missing -= missing > 0;
		}
	}
	mention(l);

	return n;
}


static void due(void *arg)
{
	struct lurkers *l = arg;
	const size_t n = lurkers_sweep(l);

	tmr_start(&l->tmr, n > MANY ? LURKERS_BUSY_MS : LURKERS_SWEEP_MS, due,
		  l);
}


/* ---- outside ------------------------------------------------------------- */

int lurkers_alloc(struct lurkers **lp, const struct sa *laddrs, size_t n,
		  size_t n_tcp, lurkers_known_h *h, void *arg)
{
	struct lurkers *l;

	if (!lp || !laddrs || n > ADDRESSES || n_tcp > n)
		return EINVAL;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;
	memcpy(l->laddrs, laddrs, n * sizeof(*laddrs));
	l->n_laddrs = n;
	l->n_tcp = n_tcp;
	l->h = h;
	l->arg = arg;
	tmr_start(&l->tmr, LURKERS_SWEEP_MS, due, l);
	*lp = l;

	return 0;
}


void lurkers_shook(struct lurkers *l, const struct sa *peer)
{
	struct lurker *k = l ? lurker_get(l, peer) : NULL;

	if (k)
		k->shook = true;
}


void lurkers_heard(struct lurkers *l, const struct sip_msg *msg, bool proven)
{
	struct lurker *k;

	if (!l || msg->tp == SIP_TRANSP_UDP)
		return;
	k = lurker_get(l, &msg->src);
	if (!k)
		return;
	k->whole = true;
	k->proven = k->proven || proven;
}


uint64_t lurkers_cut(const struct lurkers *l)
{
	return l->n_cut;
}
