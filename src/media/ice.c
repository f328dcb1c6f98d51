/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ice.c  Judges connectivity checks with libre's STUN messages. Must not send.
 * Allocates: checks come a few times a second, they are not sound.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#include "ice.h"


enum { UNKNOWN_ATTRIBUTE = 420, ROLE_CONFLICT = 487 };


void ice_init(struct ice *ice, const char *peer_ufrag)
{
	memset(ice, 0, sizeof(*ice));
	rand_str(ice->ufrag, sizeof(ice->ufrag));
	rand_str(ice->pwd, sizeof(ice->pwd));
	str_ncpy(ice->peer_ufrag, peer_ufrag, sizeof(ice->peer_ufrag));
	sa_init(&ice->peer, AF_UNSPEC);
	sa_init(&ice->next, AF_UNSPEC);
}


/* "OURS:THEIRS" */
static bool username_fits(const struct ice *ice, const struct stun_msg *msg)
{
	const struct stun_attr *a = stun_msg_attr(msg, STUN_ATTR_USERNAME);
	const size_t n = strlen(ice->ufrag);

	return a && strncmp(a->v.username, ice->ufrag, n) == 0 &&
	       a->v.username[n] == ':' &&
	       strcmp(a->v.username + n + 1, ice->peer_ufrag) == 0;
}


static bool is_check(const struct ice *ice, const struct stun_msg *msg)
{
	return stun_msg_mcookie(msg) &&
	       stun_msg_method(msg) == STUN_METHOD_BINDING &&
	       stun_msg_class(msg) == STUN_CLASS_REQUEST &&
	       !stun_msg_chk_fingerprint(msg) && username_fits(ice, msg) &&
	       !stun_msg_chk_mi(msg, (const uint8_t *)ice->pwd,
				strlen(ice->pwd));
}


static int reply_error(const struct ice *ice, const struct stun_msg *msg,
		       struct mbuf *reply, uint16_t code, const char *reason,
		       const struct stun_unknown_attr *ua)
{
	const struct stun_errcode ec = {code, (char *)reason};

	return stun_msg_encode(reply, STUN_METHOD_BINDING,
			       STUN_CLASS_ERROR_RESP, stun_msg_tid(msg), &ec,
			       (const uint8_t *)ice->pwd, strlen(ice->pwd),
			       true, 0, 1, STUN_ATTR_UNKNOWN_ATTR,
			       ua->typec ? ua : NULL);
}


static int reply_success(const struct ice *ice, const struct stun_msg *msg,
			 struct mbuf *reply, const struct sa *src)
{
	return stun_msg_encode(reply, STUN_METHOD_BINDING,
			       STUN_CLASS_SUCCESS_RESP, stun_msg_tid(msg),
			       NULL, (const uint8_t *)ice->pwd,
			       strlen(ice->pwd), true, 0, 1,
			       STUN_ATTR_XOR_MAPPED_ADDR, src);
}


/* the first address that works is good enough until the peer chooses one */
static void checked(struct ice *ice, const struct sa *src, bool chosen)
{
	const bool known = sa_isset(&ice->peer, SA_ALL);

	if (known && !chosen)
		return;
	if (!ice->settled)
		ice->peer = *src;
	else if (sa_cmp(&ice->peer, src, SA_ALL))
		sa_init(&ice->next, AF_UNSPEC);
	else
		ice->next = *src;
}


int ice_take(struct ice *ice, const struct sa *src, struct mbuf *in,
	     struct mbuf *reply)
{
	struct stun_unknown_attr ua = {.typec = 0};
	struct stun_msg *msg;
	bool controlled;
	int err;

	err = stun_msg_decode(&msg, in, &ua);
	if (err)
		return err == ENOMEM ? err : EBADMSG;
	if (!is_check(ice, msg)) {
		err = EBADMSG;
		goto out;
	}

	/* a full agent controls a lite one (RFC 8445, 6.1.1) */
	controlled = stun_msg_attr(msg, STUN_ATTR_CONTROLLED) != NULL;
	if (ua.typec)
		err = reply_error(ice, msg, reply, UNKNOWN_ATTRIBUTE,
				  "Unknown Attribute", &ua);
	else if (controlled)
		err = reply_error(ice, msg, reply, ROLE_CONFLICT,
				  "Role Conflict", &ua);
	else
		err = reply_success(ice, msg, reply, src);
	if (!err && !ua.typec && !controlled)
		checked(ice, src,
			stun_msg_attr(msg, STUN_ATTR_USE_CAND) != NULL);

out:
	mem_deref(msg);

	return err;
}


void ice_settle(struct ice *ice)
{
	ice->settled = true;
}


static bool is_next(const struct ice *ice, const struct sa *src)
{
	return sa_isset(&ice->next, SA_ALL) && sa_cmp(&ice->next, src, SA_ALL);
}


bool ice_allows(const struct ice *ice, const struct sa *src)
{
	return (sa_isset(&ice->peer, SA_ALL) &&
		sa_cmp(&ice->peer, src, SA_ALL)) || is_next(ice, src);
}


bool ice_heard(struct ice *ice, const struct sa *src)
{
	if (!is_next(ice, src))
		return false;
	ice->peer = *src;
	sa_init(&ice->next, AF_UNSPEC);

	return true;
}
