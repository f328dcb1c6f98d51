/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * trunk.c  Trunks and their registrations. Must not let anybody in: door.c
 * does. The secret is read from its file when needed and wiped at once.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include <sodium.h>

#include "plan/plan.h"
#include "digest.h"
#include "message.h"
#include "net.h"
#include "trunk.h"

#define LOG_MODULE "trunk"
#include "base/log.h"


enum {
	EXPIRES_S     = 300,
	EXPIRES_MIN_S = 2,
	EXPIRES_MAX_S = 3600,
	RETRY_MIN_MS  = 2000,
	RETRY_MAX_MS  = 120000,
};

enum trunk_state {
	TRUNK_STATIC = 0,
	TRUNK_TRYING,     /* the first REGISTER is out                     */
	TRUNK_PROVING,    /* the same again with credentials               */
	TRUNK_WAITING,    /* it failed; tried again later                  */
	TRUNK_REFUSED,    /* credentials refused; tried again much later   */
	TRUNK_REGISTERED,
	TRUNK_LEAVING,    /* REGISTER with Expires 0 is out                */
	TRUNK_LEAVING_PROVING,
	TRUNK_GONE,
	TRUNK_STATES
};

enum trunk_event {
	TRUNK_EV_TRY = 0,
	TRUNK_EV_CHALLENGED,
	TRUNK_EV_OK,
	TRUNK_EV_FAILED,
	TRUNK_EV_REFUSED,
	TRUNK_EV_LEAVE,
	TRUNK_EVENTS
};

struct trunk {
	struct le le;
	struct trunks *all; /* borrow */
	struct store_trunk row;
	struct net net;     /* STATIC: who; else who answered REGISTER */
	struct uri uri;     /* into row.uri */
	struct sip_request *req;
	struct tmr tmr;
	char host[LIMIT_URI]; /* "sip:HOST[:PORT]" */
	char callid[33];
	char token[17];     /* user part of our Contact */
	char tag[17];
	uint32_t cseq;
	uint32_t expires_s; /* asked for */
	uint32_t granted_s;
	uint32_t retry_ms;
	uint8_t state;
	bool seen;          /* by the load that is going on */
};

struct trunks {
	struct list trunkl;
	struct list leavingl; /* no trunks any more */
	struct sip *sip;
	struct step_trace trace;
};


static void trunk_step(struct trunk *t, enum trunk_event event);
static int register_send(struct trunk *t, const struct mbuf *credentials);


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
}


static int secret_read(const struct trunk *t, struct secret_text *secret)
{
	char text[LIMIT_URI];
	ssize_t n;
	int fd;

	fd = open(t->row.secret_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	n = read(fd, text, sizeof(text));
	(void)close(fd);

	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		--n;
	if (n <= 0 || secret_set(secret, text, (size_t)n))
		n = 0;
	sodium_memzero(text, sizeof(text));

	return n ? 0 : EINVAL;
}


/* ---- registering -------------------------------------------------------- */

static void try_again(void *arg)
{
	trunk_step(arg, TRUNK_EV_TRY);
}


static int credentials_make(struct mbuf *mb, const struct trunk *t,
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


/* is this our Contact, with a number of seconds in its parameters? */
static bool contact_expires(const struct sip_hdr *hdr,
			    const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;
	struct sip_addr addr;
	struct pl pl;
	(void)msg;

	return !sip_addr_decode(&addr, &hdr->val) &&
	       !pl_strcmp(&addr.uri.user, t->token) &&
	       !msg_param_decode(&addr.params, "expires", &pl) &&
	       !message_number(&t->granted_s, &pl, UINT32_MAX);
}


/* RFC 3261, 10.2.4: Contact's expires, else Expires, else what we asked */
static void granted_find(struct trunk *t, const struct sip_msg *msg)
{
	t->granted_s = t->expires_s;

	if (!sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, contact_expires,
			       t) && pl_isset(&msg->expires))
		(void)message_number(&t->granted_s, &msg->expires,
				     UINT32_MAX);
	if (t->granted_s < EXPIRES_MIN_S)
		t->granted_s = EXPIRES_MIN_S;
	if (t->granted_s > EXPIRES_MAX_S)
		t->granted_s = EXPIRES_MAX_S;
}


static void registered(struct trunk *t, const struct sip_msg *msg)
{
	if (t->state == TRUNK_LEAVING || t->state == TRUNK_LEAVING_PROVING) {
		trunk_step(t, TRUNK_EV_OK);
		return;
	}

	granted_find(t, msg);
	net_of(&t->net, &msg->src);
	t->retry_ms = RETRY_MIN_MS;
	trunk_step(t, TRUNK_EV_OK);
	tmr_start(&t->tmr, (uint64_t)t->granted_s * 900, try_again, t);
}


static void challenged(struct trunk *t, const struct sip_msg *msg)
{
	struct digest_challenge ch;
	struct mbuf *mb;
	int err;

	/* a nonce that aged on the way says nothing about the password */
	if (t->state != TRUNK_TRYING && t->state != TRUNK_LEAVING) {
		trunk_step(t, !digest_challenge_find(&ch, msg) && ch.stale
				      ? TRUNK_EV_FAILED
				      : TRUNK_EV_REFUSED);
		return;
	}

	mb = mbuf_alloc(256);
	err = mb ? credentials_make(mb, t, msg, "REGISTER", t->host) : ENOMEM;
	if (!err)
		err = register_send(t, mb);
	mem_deref(mb);
	trunk_step(t, err ? TRUNK_EV_FAILED : TRUNK_EV_CHALLENGED);
}


/* RFC 3261, 10.2.8: it wants longer registrations */
static bool interval_raised(struct trunk *t, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_MIN_EXPIRES);
	uint32_t n;

	if (!hdr || message_number(&n, &hdr->val, 86400) || n <= t->expires_s)
		return false;

	t->expires_s = n;
	return true;
}


static void response(int err, const struct sip_msg *msg, void *arg)
{
	struct trunk *t = arg;

	if (err) {
		trunk_step(t, TRUNK_EV_FAILED);
		return;
	}

	if (msg->scode < 200)
		return;
	if (msg->scode < 300)
		registered(t, msg);
	else if (msg->scode == 401 || msg->scode == 407)
		challenged(t, msg);
	else if (msg->scode == 403 || msg->scode == 404)
		trunk_step(t, TRUNK_EV_REFUSED);
	else {
		if (msg->scode == 423 && interval_raised(t, msg))
			t->retry_ms = 1;
		trunk_step(t, TRUNK_EV_FAILED);
	}
}


static int contact_send(enum sip_transp tp, const struct sa *src,
			const struct sa *dst, struct mbuf *mb, void *arg)
{
	const struct trunk *t = arg;
	struct sip_contact contact;
	(void)dst;

	sip_contact_set(&contact, t->token, src, tp);

	return mbuf_printf(mb, "%H", sip_contact_print, &contact);
}


static int register_send(struct trunk *t, const struct mbuf *credentials)
{
	const char *aor = secret_reveal(&t->row.uri);

	return sip_requestf(
		&t->req, t->all->sip, true, "REGISTER", t->host, NULL, NULL,
		contact_send, response, t,
		"To: <%s>\r\n"
		"From: <%s>;tag=%s\r\n"
		"Call-ID: %s\r\n"
		"CSeq: %u REGISTER\r\n"
		"Expires: %u\r\n"
		"%bContent-Length: 0\r\n\r\n",
		aor, aor, t->tag, t->callid, ++t->cseq, t->expires_s,
		credentials ? credentials->buf : NULL,
		credentials ? credentials->end : (size_t)0);
}


static void act_try(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	if (register_send(t, NULL))
		trunk_step(t, TRUNK_EV_FAILED);
}


static void act_wait(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	log_warn("trunk %s: registration failed; tried again in %" PRIu32
		 " ms", t->row.name, t->retry_ms);
	tmr_start(&t->tmr, t->retry_ms, try_again, t);
	t->retry_ms = MAX(t->retry_ms * 2, RETRY_MIN_MS);
	if (t->retry_ms > RETRY_MAX_MS)
		t->retry_ms = RETRY_MAX_MS;
}


static void act_refused(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	log_error("trunk %s: the provider refuses the account; check the "
		  "user and the secret file", t->row.name);
	tmr_start(&t->tmr, RETRY_MAX_MS, try_again, t);
}


static void act_leave(void *obj, void *arg)
{
	struct trunk *t = obj;
	(void)arg;

	tmr_cancel(&t->tmr);
	t->req = mem_deref(t->req);
	t->expires_s = 0;
	list_unlink(&t->le);
	list_append(&t->all->leavingl, &t->le, t);
	if (register_send(t, NULL))
		trunk_step(t, TRUNK_EV_FAILED);
}


/* told, or not: that was all we can do */
static void act_gone(void *obj, void *arg)
{
	(void)arg;

	mem_deref(obj);
}


static const char *const state_names[TRUNK_STATES] = {
	"static", "trying", "proving", "waiting", "refused", "registered",
	"leaving", "leaving_proving", "gone"};

static const char *const event_names[TRUNK_EVENTS] = {
	"try", "challenged", "ok", "failed", "refused", "leave"};

static const struct step_rule rules[] = {
	{TRUNK_WAITING,    TRUNK_EV_TRY,        act_try,     TRUNK_TRYING},
	{TRUNK_REGISTERED, TRUNK_EV_TRY,        act_try,     TRUNK_TRYING},
	{TRUNK_REFUSED,    TRUNK_EV_TRY,        act_try,     TRUNK_TRYING},

	{TRUNK_TRYING,     TRUNK_EV_CHALLENGED, NULL,        TRUNK_PROVING},
	{TRUNK_TRYING,     TRUNK_EV_OK,         NULL,        TRUNK_REGISTERED},
	{TRUNK_TRYING,     TRUNK_EV_FAILED,     act_wait,    TRUNK_WAITING},
	{TRUNK_TRYING,     TRUNK_EV_REFUSED,    act_refused, TRUNK_REFUSED},

	{TRUNK_PROVING,    TRUNK_EV_OK,         NULL,        TRUNK_REGISTERED},
	{TRUNK_PROVING,    TRUNK_EV_FAILED,     act_wait,    TRUNK_WAITING},
	{TRUNK_PROVING,    TRUNK_EV_REFUSED,    act_refused, TRUNK_REFUSED},

	/* the provider knows us, or may: take it back */
	{TRUNK_REGISTERED, TRUNK_EV_LEAVE,      act_leave,   TRUNK_LEAVING},
	{TRUNK_TRYING,     TRUNK_EV_LEAVE,      act_leave,   TRUNK_LEAVING},
	{TRUNK_PROVING,    TRUNK_EV_LEAVE,      act_leave,   TRUNK_LEAVING},
	{TRUNK_STATIC,     TRUNK_EV_LEAVE,      act_gone,    TRUNK_GONE},
	{TRUNK_WAITING,    TRUNK_EV_LEAVE,      act_gone,    TRUNK_GONE},
	{TRUNK_REFUSED,    TRUNK_EV_LEAVE,      act_gone,    TRUNK_GONE},

	{TRUNK_LEAVING,    TRUNK_EV_CHALLENGED, NULL,  TRUNK_LEAVING_PROVING},
	{TRUNK_LEAVING,    TRUNK_EV_OK,         act_gone,    TRUNK_GONE},
	{TRUNK_LEAVING,    TRUNK_EV_FAILED,     act_gone,    TRUNK_GONE},
	{TRUNK_LEAVING,    TRUNK_EV_REFUSED,    act_gone,    TRUNK_GONE},
	{TRUNK_LEAVING_PROVING, TRUNK_EV_OK,      act_gone,  TRUNK_GONE},
	{TRUNK_LEAVING_PROVING, TRUNK_EV_FAILED,  act_gone,  TRUNK_GONE},
	{TRUNK_LEAVING_PROVING, TRUNK_EV_REFUSED, act_gone,  TRUNK_GONE},
};

const struct step_machine trunk_machine = {
	.noun = "trunk",
	.states = state_names,
	.events = event_names,
	.rules = rules,
	.n_states = TRUNK_STATES,
	.n_events = TRUNK_EVENTS,
	.n_rules = STEP_COUNT(rules),
};


static void trunk_step(struct trunk *t, enum trunk_event event)
{
	(void)step(&trunk_machine, &t->state, t->row.id, event,
		   &t->all->trace, t, NULL);
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


static int register_begin(struct trunk *t)
{
	struct uri host;
	struct pl pl;
	int err;

	pl_set_str(&pl, secret_reveal(&t->row.uri));
	err = uri_decode(&t->uri, &pl);
	if (err)
		return err;

	host = t->uri;
	host.user = host.password = host.headers = pl_null;
	if (re_snprintf(t->host, sizeof(t->host), "%H", uri_encode, &host) < 0)
		return ENAMETOOLONG;

	(void)re_snprintf(t->callid, sizeof(t->callid), "%016llx%016llx",
			  rand_u64(), rand_u64());
	(void)re_snprintf(t->token, sizeof(t->token), "%016llx", rand_u64());
	(void)re_snprintf(t->tag, sizeof(t->tag), "%016llx", rand_u64());
	t->expires_s = EXPIRES_S;
	t->retry_ms = RETRY_MIN_MS;
	t->state = TRUNK_WAITING;
	trunk_step(t, TRUNK_EV_TRY);

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
					      : register_begin(t);
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
	       !strcmp(a->secret_file, b->secret_file);
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

	return credentials_make(mb, t, msg, method, uri);
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
		}
		++k;
	}

	return k;
}
