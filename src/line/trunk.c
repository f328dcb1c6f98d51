/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk.c  The list of trunks, and the way out. Must not let anybody in: door.c
 * does. The secret is read from its file when needed and wiped at once.
 */
#include <fcntl.h>
#include <unistd.h>
#include <sodium.h>

#include "plan/plan.h"
#include "digest.h"
#include "tlspeer.h"
#include "trunk_parts.h"

#define LOG_MODULE "trunk"
#include "base/log.h"


/* what a command told us of a secret file */
struct told {
	struct le le;
	char file[LIMIT_PATH];
	struct secret_text secret;
};


static void trunk_destructor(void *data)
{
	struct trunk *t = data;

	tmr_cancel(&t->tmr);
	list_unlink(&t->le);
	mem_deref(t->req);
	secret_wipe(&t->row.uri);
}


static void trunks_destructor(void *data)
{
	struct trunks *t = data;

	list_flush(&t->trunkl);
	list_flush(&t->leavingl);
	list_flush(&t->toldl);
	if (t->tls)
		tlspeers_handler(t->tls, NULL, NULL);
	mem_deref(t->tls);
}


static void told_destructor(void *data)
{
	struct told *told = data;

	list_unlink(&told->le);
	secret_wipe(&told->secret);
}


static struct told *told_find(const struct trunks *t, const char *file)
{
	struct le *le;

	LIST_FOREACH(&t->toldl, le)
	{
		struct told *told = le->data;

		if (strcmp(told->file, file) == 0)
			return told;
	}

	return NULL;
}


int trunks_secret_told(struct trunks *t, const char *file,
		       const struct secret_text *secret)
{
	struct told *told;

	if (!t || !file || !secret)
		return EINVAL;

	told = told_find(t, file);
	if (!told) {
		if (list_count(&t->toldl) >= LIMIT_TRUNK_SECRETS)
			return ENOSPC;
		told = mem_zalloc(sizeof(*told), told_destructor);
		if (!told)
			return ENOMEM;
		str_ncpy(told->file, file, sizeof(told->file));
		list_append(&t->toldl, &told->le, told);
	}
	told->secret = *secret;

	return 0;
}


/* the sandbox keeps us from a file that was named after our start */
static int secret_recall(const struct trunk *t, struct secret_text *secret)
{
	const struct told *told = told_find(t->all, t->row.secret_file);

	if (!told)
		return EACCES;
	*secret = told->secret;

	return 0;
}


static int secret_read(const struct trunk *t, struct secret_text *secret)
{
	char text[LIMIT_URI];
	ssize_t n;
	int fd;

	fd = open(t->row.secret_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES ? secret_recall(t, secret) : errno;
	n = read(fd, text, sizeof(text));
	(void)close(fd);

	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		--n;
	if (n <= 0 || secret_set(secret, text, (size_t)n))
		n = 0;
	sodium_memzero(text, sizeof(text));

	return n ? 0 : EINVAL;
}


int trunk_authorize(struct mbuf *mb, const struct trunk *t,
		    const struct sip_msg *msg, const char *method,
		    const char *uri)
{
	struct digest_challenge ch;
	struct secret_text secret;
	char user[LIMIT_URI];
	int err;

	err = digest_challenge_find(&ch, msg);
	if (err)
		return err;
	err = secret_read(t, &secret);
	if (err) {
		log_error("trunk %s: its secret file cannot be read: %s",
			  t->row.name, strerror(err));
		return err;
	}
	(void)pl_strcpy(&t->uri.user, user, sizeof(user));
	err = digest_authorize(mb, &ch, user, secret_reveal(&secret), method,
			       uri);
	secret_wipe(&secret);

	return err;
}


/* ---- the list ----------------------------------------------------------- */

int trunks_alloc(struct trunks **tp, struct sip *sip,
		 const struct step_trace *trace)
{
	struct trunks *t;

	if (!tp || !sip || !trace)
		return EINVAL;

	t = mem_zalloc(sizeof(*t), trunks_destructor);
	if (!t)
		return ENOMEM;
	t->sip = sip;
	t->trace = *trace;
	*tp = t;

	return 0;
}


static int trunk_add(struct trunks *all, const struct store_trunk *row)
{
	struct trunk *t;
	int err;

	t = mem_zalloc(sizeof(*t), trunk_destructor);
	if (!t)
		return ENOMEM;
	t->all = all;
	t->row = *row;
	t->seen = true;

	err = row->kind == STORE_TRUNK_STATIC ? net_decode(&t->net, row->from)
					      : trunk_register(t);
	if (err) {
		log_error("trunk %s: its address is not usable", row->name);
		mem_deref(t);
		return err;
	}
	list_append(&all->trunkl, &t->le, t);

	return 0;
}


static bool row_same(const struct store_trunk *a, const struct store_trunk *b)
{
	return a->kind == b->kind && !strcmp(a->name, b->name) &&
	       !strcmp(a->from, b->from) &&
	       !strcmp(secret_reveal(&a->uri), secret_reveal(&b->uri)) &&
	       !strcmp(a->secret_file, b->secret_file) &&
	       !strcmp(a->certificate, b->certificate) && a->srtp == b->srtp;
}


static bool row_load(const struct store_trunk *row, void *arg)
{
	struct trunks *all = arg;
	struct le *le;

	LIST_FOREACH(&all->trunkl, le)
	{
		struct trunk *t = le->data;

		if (t->row.id == row->id && row_same(&t->row, row)) {
			t->seen = true;
			return false;
		}
	}

	/* one that is not usable has been named in the log; others go on */
	(void)trunk_add(all, row);
	return false;
}


int trunks_load(struct trunks *t, struct store *store)
{
	struct le *le;
	int err;

	LIST_FOREACH(&t->trunkl, le)
		((struct trunk *)le->data)->seen = false;

	err = store_trunk_each(store, row_load, t);
	if (err)
		return err;

	for (le = list_head(&t->trunkl); le;) {
		struct trunk *trunk = le->data;

		le = le->next;
		if (!trunk->seen)
			trunk_step(trunk, TRUNK_EV_LEAVE);
	}

	return 0;
}


void trunks_leave(struct trunks *t)
{
	struct le *le;

	for (le = list_head(&t->trunkl); le;) {
		struct trunk *trunk = le->data;

		le = le->next;
		trunk_step(trunk, TRUNK_EV_LEAVE);
	}
}


bool trunks_are_idle(const struct trunks *t)
{
	return list_isempty(&t->leavingl);
}


static bool is_peer(struct le *le, void *arg)
{
	const struct trunk *t = le->data;

	return net_has(&t->net, arg);
}


bool trunks_has(const struct trunks *t, const struct sa *addr)
{
	return list_apply(&t->trunkl, true, is_peer, (void *)addr) != NULL;
}


static bool has_secret(struct le *le, void *arg)
{
	const struct trunk *t = le->data;
	(void)arg;

	return t->row.kind == STORE_TRUNK_REGISTER;
}


static bool has_user(struct le *le, void *arg)
{
	const struct trunk *t = le->data;

	return has_secret(le, NULL) && !pl_cmp(&t->uri.user, arg);
}


int trunks_secret(const struct trunks *t, const struct pl *user,
		  struct secret_text *secret)
{
	const struct trunk *trunk = list_ledata(
		list_apply(&t->trunkl, true, has_user, (void *)user));

	return trunk ? secret_read(trunk, secret) : ENOENT;
}


static bool has_host(struct le *le, void *arg)
{
	const struct trunk *t = le->data;
	const struct uri *uri = arg;

	return has_secret(le, NULL) &&
	       !pl_casecmp(&t->uri.host, &uri->host) &&
	       t->uri.port == uri->port;
}


int trunks_credentials(struct mbuf *mb, const struct sip_msg *msg,
		       const char *method, const char *uri, void *arg)
{
	const struct trunks *all = arg;
	const struct trunk *t;
	struct uri parts;
	struct pl pl;

	pl_set_str(&pl, uri);
	if (uri_decode(&parts, &pl))
		return EACCES;
	t = list_ledata(list_apply(&all->trunkl, true, has_host, &parts));
	if (!t)
		return EACCES;

	return trunk_authorize(mb, t, msg, method, uri);
}


/* is one more promising than the other? */
static bool goes_before(const struct trunk *a, const struct trunk *b)
{
	static const bool down[TRUNK_STATES] = {
		[TRUNK_WAITING] = true, [TRUNK_REFUSED] = true};

	if (!b || down[a->state] != down[b->state])
		return !b || down[b->state];

	return strcmp(a->row.name, b->row.name) < 0;
}


static int way_of(const struct trunk *t, struct trunk_way *way)
{
	struct uri uri;
	struct pl pl;
	int err;

	pl_set_str(&pl, secret_reveal(&t->row.uri));
	err = uri_decode(&uri, &pl);
	if (err)
		return err;

	memset(way, 0, sizeof(*way));
	(void)pl_strcpy(&uri.host, way->domain, sizeof(way->domain));
	if (uri.af == AF_INET6)
		(void)re_snprintf(way->domain, sizeof(way->domain), "[%r]",
				  &uri.host);
	if (t->row.kind == STORE_TRUNK_REGISTER &&
	    re_snprintf(way->account, sizeof(way->account), "sip:%r@%s",
			&uri.user, way->domain) < 0)
		return ENAMETOOLONG;

	uri.user = uri.password = uri.headers = pl_null;
	if (re_snprintf(way->target, sizeof(way->target), "%H", uri_encode,
			&uri) < 0)
		return ENAMETOOLONG;
	/* without "sip:" */
	memmove(way->target, way->target + uri.scheme.l + 1,
		strlen(way->target + uri.scheme.l + 1) + 1);

	return 0;
}


int trunks_way(const struct trunks *t, const struct config_line *line,
	       struct trunk_way *way)
{
	const struct trunk *best = NULL;
	struct le *le;

	LIST_FOREACH(&t->trunkl, le)
	{
		const struct trunk *trunk = le->data;

		if (plan_trunk_fits(line, &trunk->row) &&
		    goes_before(trunk, best))
			best = trunk;
	}

	return best ? way_of(best, way) : ENOENT;
}


size_t trunks_state(const struct trunks *t, struct wire_trunk *v, size_t n)
{
	static const uint32_t told[TRUNK_STATES] = {
		[TRUNK_STATIC]     = WIRE_TRUNK_STATIC,
		[TRUNK_TRYING]     = WIRE_TRUNK_TRYING,
		[TRUNK_PROVING]    = WIRE_TRUNK_TRYING,
		[TRUNK_WAITING]    = WIRE_TRUNK_TRYING,
		[TRUNK_REFUSED]    = WIRE_TRUNK_REFUSED,
		[TRUNK_REGISTERED] = WIRE_TRUNK_REGISTERED,
		/* the others are on no list of trunks any more */
	};
	size_t k = 0;
	struct le *le;

	LIST_FOREACH(&t->trunkl, le)
	{
		const struct trunk *trunk = le->data;

		if (k < n) {
			memset(&v[k], 0, sizeof(v[k]));
			str_ncpy(v[k].name, trunk->row.name,
				 sizeof(v[k].name));
			v[k].state = told[trunk->state];
			trunk_why(v[k].why, sizeof(v[k].why), trunk);
		}
		++k;
	}

	return k;
}
