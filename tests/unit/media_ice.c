/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_ice.c  Checks of a browser, of strangers, and of who recorded one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/ice.h"


/* RFC 5769, 2.1: its sender thinks that it is the controlled side */
static const char rfc5769[] =
	"000100582112a442b7e7a701bc34d686fa87dfae"
	"802200105354554e207465737420636c69656e74"
	"002400046e0001ff"
	"80290008932ff9b151263b36"
	"000600096576746a3a68367659202020"
	"000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
	"80280004e57a3bcf";
static const char rfc5769_pwd[] = "VOkJxbRl1RmTxUk/WvJxBt";

struct fixture {
	struct ice ice;
	struct sa src, other;
	struct mbuf *reply;
};


static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	ice_init(&f->ice, "h6vY");
	assert_int_equal(sa_set_str(&f->src, "192.0.2.1", 32853), 0);
	assert_int_equal(sa_set_str(&f->other, "192.0.2.2", 32853), 0);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->reply);
	free(f);

	return 0;
}


static int take(struct fixture *f, const struct sa *src, struct mbuf *in)
{
	int err;

	mem_deref(f->reply);
	f->reply = mbuf_alloc(64);
	in->pos = 0;
	err = ice_take(&f->ice, src, in, f->reply);
	f->reply->pos = 0;
	mem_deref(in);

	return err;
}


static struct mbuf *bytes(const char *hex)
{
	struct mbuf *mb = mbuf_alloc(strlen(hex) / 2);

	assert_int_equal(str_hex(mb->buf, strlen(hex) / 2, hex), 0);
	mb->end = strlen(hex) / 2;

	return mb;
}


/* a check as browsers send them */
static struct mbuf *check_with(const struct fixture *f, const char *pwd,
			       const char *user, bool chosen, uint16_t method,
			       uint8_t cls)
{
	const uint8_t tid[STUN_TID_SIZE] = {1, 2, 3};
	const uint64_t tie = 1;
	struct mbuf *mb = mbuf_alloc(128);
	char name[64];

	(void)f;
	str_ncpy(name, user, sizeof(name));
	assert_int_equal(stun_msg_encode(
		mb, method, cls, tid, NULL, (const uint8_t *)pwd,
		pwd ? strlen(pwd) : 0, true, 0, 3, STUN_ATTR_USERNAME, name,
		STUN_ATTR_CONTROLLING, &tie, STUN_ATTR_USE_CAND,
		chosen ? &tie : NULL), 0);

	return mb;
}


static struct mbuf *check(const struct fixture *f, bool chosen)
{
	char user[64];

	(void)re_snprintf(user, sizeof(user), "%s:h6vY", f->ice.ufrag);

	return check_with(f, f->ice.pwd, user, chosen, STUN_METHOD_BINDING,
			  STUN_CLASS_REQUEST);
}


static struct stun_msg *reply_read(struct fixture *f, uint16_t cls)
{
	struct stun_msg *msg;
	struct stun_unknown_attr ua;

	assert_int_equal(stun_msg_decode(&msg, f->reply, &ua), 0);
	assert_int_equal(stun_msg_class(msg), cls);
	assert_int_equal(stun_msg_chk_fingerprint(msg), 0);
	assert_int_equal(stun_msg_chk_mi(msg, (uint8_t *)f->ice.pwd,
					 strlen(f->ice.pwd)), 0);

	return msg;
}


static void test_known_answer(void **state)
{
	struct fixture *f = *state;
	const struct stun_attr *a;
	struct stun_msg *msg;

	str_ncpy(f->ice.ufrag, "evtj", sizeof(f->ice.ufrag));
	str_ncpy(f->ice.pwd, rfc5769_pwd, sizeof(f->ice.pwd));
	assert_int_equal(take(f, &f->src, bytes(rfc5769)), 0);

	msg = reply_read(f, STUN_CLASS_ERROR_RESP);
	a = stun_msg_attr(msg, STUN_ATTR_ERR_CODE);
	assert_non_null(a);
	assert_int_equal(a->v.err_code.code, 487);
	assert_false(sa_isset(&f->ice.peer, SA_ALL));
	mem_deref(msg);
}


/* no bit of it may differ */
static void test_every_bit_counts(void **state)
{
	struct fixture *f = *state;

	str_ncpy(f->ice.ufrag, "evtj", sizeof(f->ice.ufrag));
	str_ncpy(f->ice.pwd, rfc5769_pwd, sizeof(f->ice.pwd));
	for (size_t i = 0; i < (sizeof(rfc5769) - 1) * 4; i++) {
		struct mbuf *mb = bytes(rfc5769);

		mb->buf[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_equal(take(f, &f->src, mb), EBADMSG);
		assert_int_equal(f->reply->end, 0);
	}
	for (size_t n = 0; n < (sizeof(rfc5769) - 1) / 2; n++) {
		struct mbuf *mb = bytes(rfc5769);

		mb->end = n;
		assert_int_equal(take(f, &f->src, mb), EBADMSG);
	}
}


static void test_success(void **state)
{
	struct fixture *f = *state;
	const struct stun_attr *a;
	struct stun_msg *msg;

	assert_false(ice_allows(&f->ice, &f->src));
	assert_int_equal(take(f, &f->src, check(f, false)), 0);
	msg = reply_read(f, STUN_CLASS_SUCCESS_RESP);
	a = stun_msg_attr(msg, STUN_ATTR_XOR_MAPPED_ADDR);
	assert_non_null(a);
	assert_true(sa_cmp(&a->v.xor_mapped_addr, &f->src, SA_ALL));
	assert_true(ice_allows(&f->ice, &f->src));
	assert_false(ice_allows(&f->ice, &f->other));
	mem_deref(msg);
}


static void test_strangers(void **state)
{
	struct fixture *f = *state;
	char user[64];

	(void)re_snprintf(user, sizeof(user), "%s:h6vY", f->ice.ufrag);
	const struct {
		const char *pwd, *user;
		uint16_t method;
		uint8_t cls;
	} rows[] = {
		{"wrongwrongwrongwrongwron", user, STUN_METHOD_BINDING,
		 STUN_CLASS_REQUEST},
		{NULL, user, STUN_METHOD_BINDING, STUN_CLASS_REQUEST},
		{f->ice.pwd, f->ice.ufrag, STUN_METHOD_BINDING,
		 STUN_CLASS_REQUEST},
		{f->ice.pwd, "abcdefgh:h6vY", STUN_METHOD_BINDING,
		 STUN_CLASS_REQUEST},
		{f->ice.pwd, "h6vY", STUN_METHOD_BINDING, STUN_CLASS_REQUEST},
		{f->ice.pwd, ":", STUN_METHOD_BINDING, STUN_CLASS_REQUEST},
		{f->ice.pwd, user, STUN_METHOD_ALLOCATE, STUN_CLASS_REQUEST},
		{f->ice.pwd, user, STUN_METHOD_BINDING,
		 STUN_CLASS_INDICATION},
		{f->ice.pwd, user, STUN_METHOD_BINDING,
		 STUN_CLASS_SUCCESS_RESP},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(take(f, &f->src, check_with(
			f, rows[i].pwd, rows[i].user, true, rows[i].method,
			rows[i].cls)), EBADMSG);
		assert_int_equal(f->reply->end, 0);
		assert_false(sa_isset(&f->ice.peer, SA_ALL));
	}
}


static void test_choice(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, &f->src, check(f, false)), 0);
	assert_int_equal(take(f, &f->other, check(f, false)), 0);
	assert_true(sa_cmp(&f->ice.peer, &f->src, SA_ALL));
	assert_int_equal(take(f, &f->other, check(f, true)), 0);
	assert_true(sa_cmp(&f->ice.peer, &f->other, SA_ALL));
}


/* a recorded check from elsewhere moves nothing; sound from there does */
static void test_settled(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, &f->src, check(f, true)), 0);
	ice_settle(&f->ice);
	assert_int_equal(take(f, &f->other, check(f, true)), 0);
	assert_true(sa_cmp(&f->ice.peer, &f->src, SA_ALL));
	assert_true(ice_allows(&f->ice, &f->src));
	assert_true(ice_allows(&f->ice, &f->other));

	assert_false(ice_heard(&f->ice, &f->src));
	assert_true(sa_cmp(&f->ice.peer, &f->src, SA_ALL));
	assert_true(ice_heard(&f->ice, &f->other));
	assert_true(sa_cmp(&f->ice.peer, &f->other, SA_ALL));
	assert_false(ice_allows(&f->ice, &f->src));
	assert_false(ice_heard(&f->ice, &f->other));
}


/* it chose its old place again before anything came from the new one */
static void test_changes_its_mind(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, &f->src, check(f, true)), 0);
	ice_settle(&f->ice);
	assert_int_equal(take(f, &f->other, check(f, true)), 0);
	assert_int_equal(take(f, &f->src, check(f, true)), 0);
	assert_false(ice_allows(&f->ice, &f->other));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_known_answer),
		T(test_every_bit_counts),
		T(test_success),
		T(test_strangers),
		T(test_choice),
		T(test_settled),
		T(test_changes_its_mind),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
