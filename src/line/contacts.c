/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * contacts.c  Reads and writes Contacts of telephones. Must not know accounts.
 */
#include <string.h>

#include "contacts.h"


struct reading {
	struct contacts *c;
	struct message_fault fault;
};


/* what can stand in a URI, and in the angle brackets around it */
static bool is_plain(const struct pl *pl)
{
	for (size_t i = 0; i < pl->l; i++) {
		if (pl->p[i] <= ' ' || pl->p[i] > '~' ||
		    strchr("<>\"\\^`{|}", pl->p[i]))
			return false;
	}

	return pl->l > 0 && pl->l < LIMIT_URI;
}


static uint32_t most_s(const struct sip_msg *msg)
{
	return msg->tp == SIP_TRANSP_UDP ? CONTACT_MAX_S : CONTACT_FLOW_S;
}


/* RFC 3261, 10.3, 7: its own parameter, else the header, else our choice */
static int expires_find(uint32_t *sp, const struct sip_msg *msg,
			const struct pl *params)
{
	struct pl pl;

	if (params && !msg_param_decode(params, "expires", &pl))
		return message_number(sp, &pl, UINT32_MAX);
	if (pl_isset(&msg->expires))
		return message_number(sp, &msg->expires, UINT32_MAX);

	*sp = CONTACT_MAX_S;
	return 0;
}


static bool refuse(struct reading *r, uint16_t scode, const char *reason)
{
	r->fault = (struct message_fault){scode, reason};

	return true;
}


static bool read_all(struct reading *r, const struct sip_msg *msg)
{
	uint32_t s;

	if (expires_find(&s, msg, NULL) || s ||
	    sip_msg_hdr_count(msg, SIP_HDR_CONTACT) != 1)
		return refuse(r, 400, "Bad Contact");

	r->c->all = true;
	return false;
}


static bool read_one(const struct sip_hdr *hdr, const struct sip_msg *msg,
		     void *arg)
{
	struct reading *r = arg;
	struct contact one;
	struct sip_addr addr;

	if (!pl_strcmp(&hdr->val, "*"))
		return read_all(r, msg);
	if (sip_addr_decode(&addr, &hdr->val) || !is_plain(&addr.auri) ||
	    pl_strcasecmp(&addr.uri.scheme, "sip") ||
	    pl_isset(&addr.uri.headers) ||
	    expires_find(&one.expires_s, msg, &addr.params))
		return refuse(r, 400, "Bad Contact");
	if (one.expires_s && one.expires_s < CONTACT_MIN_S)
		return refuse(r, 423, "Interval Too Brief");
	if (r->c->n == STORE_PLACES)
		return refuse(r, 403, "Too Many Contacts");

	one.uri = addr.auri;
	one.expires_s = MIN(one.expires_s, most_s(msg));
	r->c->v[r->c->n++] = one;

	return false;
}


int contacts_read(struct contacts *c, const struct sip_msg *msg,
		  struct message_fault *fault)
{
	struct reading r = {.c = c};

	memset(c, 0, sizeof(*c));
	if (!sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, read_one, &r))
		return 0;

	*fault = r.fault;
	return EBADMSG;
}


/* ---- the way there ------------------------------------------------------- */

/* these say where, and that is known better */
static bool is_ours(const struct pl *name)
{
	static const char *const ours[] = {"transport", "maddr", "lr",
					   "method", "ttl", "received"};

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (!pl_strcasecmp(name, ours[i]))
			return true;
	}

	return false;
}


static int params_print(struct re_printf *pf, const struct pl *params)
{
	struct pl left = *params, param, name;
	int err = 0;

	while (!err && !re_regex(left.p, left.l, ";[^;]+", &param)) {
		if (re_regex(param.p, param.l, "[^=]+", &name) ||
		    !is_ours(&name))
			err = re_hprintf(pf, ";%r", &param);
		pl_advance(&left, param.p + param.l - left.p);
	}

	return err;
}


int contact_target(struct secret_text *target, const struct contact_at *at)
{
	static const char *const transports[STORE_TRANSPORTS] = {
		[STORE_UDP] = ";transport=udp",
		[STORE_TCP] = ";transport=tcp",
		[STORE_TLS] = ";transport=tls",
	};
	struct sa own;
	struct uri uri;
	struct pl pl;

	memset(target, 0, sizeof(*target));
	pl_set_str(&pl, at->uri);
	if (uri_decode(&uri, &pl))
		return EINVAL;
	if (!at->addr && sa_set(&own, &uri.host,
				uri.port ? uri.port : SIP_PORT))
		return EINVAL;

	return re_snprintf(target->hidden, sizeof(target->hidden),
			   "sip:%r%s%J%s%H", &uri.user,
			   pl_isset(&uri.user) ? "@" : "",
			   at->addr ? at->addr : &own,
			   transports[at->transport], params_print,
			   &uri.params) < 0
		       ? ENAMETOOLONG
		       : 0;
}


bool contact_is_at(const char *text, const struct sa *addr)
{
	struct sa own;
	struct uri uri;
	struct pl pl;

	pl_set_str(&pl, text);

	return !uri_decode(&uri, &pl) && !sa_set(&own, &uri.host, 0) &&
	       sa_cmp(&own, addr, SA_ADDR);
}
