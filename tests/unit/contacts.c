/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * contacts.c  Tests of what a REGISTER may want, and of where it leads.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/contacts.h"
#include "sip_text.h"


#define X10(a) a a a a a a a a a a
#define HEAD "REGISTER sip:h.invalid SIP/2.0\r\n"                              \
	"Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK1;rport\r\n"           \
	"From: <sip:a@h.invalid>;tag=1\r\nTo: <sip:a@h.invalid>\r\n"          \
	"Call-ID: one\r\nCSeq: 7 REGISTER\r\n"
#define M "Contact: "
#define A "<sip:a@192.0.2.1:5062>"
#define B "<sip:b@192.0.2.2>"
#define C "<sip:c@192.0.2.3>"
#define E(s) "Expires: " s "\r\n"

static const struct row {
	const char *headers;
	uint16_t scode; /* 0: sound */
	size_t n;
	uint32_t expires_s[STORE_PLACES];
	bool all;
	bool flow;
} rows[] = {
	{"", 0, 0, {0}, false, false},
	{M A "\r\n", 0, 1, {3600}, false, false},
	{M A "\r\n", 0, 1, {120}, false, true},
	{M A "\r\n" E("60"), 0, 1, {60}, false, false},
	{M A "\r\n" E("0"), 0, 1, {0}, false, false},
	{M A "\r\n" E("99999"), 0, 1, {3600}, false, false},
	{M A ";expires=90\r\n" E("600"), 0, 1, {90}, false, true},
	{M A ";expires=600\r\n", 0, 1, {120}, false, true},
	{M A ", " B ";expires=0\r\n" E("300"), 0, 2, {300, 0}, false, false},
	{M A "\r\n" M B "\r\n", 0, 2, {3600, 3600}, false, false},
	{M "sip:a@192.0.2.1;expires=70\r\n", 0, 1, {70}, false, false},
	{M "\"Ana\" " A ";q=0.5\r\n", 0, 1, {3600}, false, false},
	{M A ";expires=\r\n", 0, 1, {3600}, false, false},
	{M "*\r\n" E("0"), 0, 0, {0}, true, false},

	{M "*\r\n", 400, 0, {0}, false, false},
	{M "*\r\n" E("300"), 400, 0, {0}, false, false},
	{M "*, " A "\r\n" E("0"), 400, 0, {0}, false, false},
	{M A "\r\n" E("59"), 423, 0, {0}, false, false},
	{M A ";expires=1\r\n", 423, 0, {0}, false, true},
	{M A "," B "," C "\r\n", 403, 0, {0}, false, false},
	{M A ";expires=-1\r\n", 400, 0, {0}, false, false},
	{M A ";expires=4294967296\r\n", 400, 0, {0}, false, false},
	{M A "\r\n" E("soon"), 400, 0, {0}, false, false},
	{M "<sips:a@192.0.2.1>\r\n", 400, 0, {0}, false, false},
	{M "<tel:+4930123>\r\n", 400, 0, {0}, false, false},
	{M "<sip:a@192.0.2.1?Subject=x>\r\n", 400, 0, {0}, false, false},
	{M "<sip:a b@192.0.2.1>\r\n", 400, 0, {0}, false, false},
	{M "<sip:a\r\n b@192.0.2.1>\r\n", 400, 0, {0}, false, false},
	{M "<sip:a\"b@192.0.2.1>\r\n", 400, 0, {0}, false, false},
	{M "<sip:" X10(X10("abc")) "@192.0.2.1>\r\n", 400, 0, {0}, false,
	 false},
	{M "nothing\r\n", 400, 0, {0}, false, false},
	{M "<>\r\n", 400, 0, {0}, false, false},
};


static struct sip_msg *message(const struct row *row)
{
	char text[2048];
	struct sip_msg *msg;
	int n;

	n = re_snprintf(text, sizeof(text), HEAD "%s\r\n", row->headers);
	assert_true(n > 0);
	assert_int_equal(sip_text_decode(&msg, text, (size_t)n), 0);
	if (row->flow)
		msg->tp = SIP_TRANSP_TCP;

	return msg;
}


static void what_is_wanted(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct sip_msg *msg = message(row);
		struct message_fault fault = {0, NULL};
		struct contacts c;

		print_message("%s", row->headers);
		assert_int_equal(contacts_read(&c, msg, &fault),
				 row->scode ? EBADMSG : 0);
		assert_int_equal(fault.scode, row->scode);
		if (!row->scode) {
			assert_int_equal(c.n, row->n);
			assert_int_equal(c.all, row->all);
		}
		for (size_t k = 0; k < row->n; k++)
			assert_int_equal(c.v[k].expires_s, row->expires_s[k]);
		mem_deref(msg);
	}
}


static void where_it_leads(void **state)
{
	static const struct {
		const char *uri, *addr, *target;
		enum store_transport transport;
	} ways[] = {
		{"sip:a@10.0.0.1:5062", "192.0.2.7:1024",
		 "sip:a@192.0.2.7:1024;transport=udp", STORE_UDP},
		{"sip:10.0.0.1", "192.0.2.7:1024",
		 "sip:192.0.2.7:1024;transport=tcp", STORE_TCP},
		{"sip:a@h.invalid;transport=udp;line=x1;ob;maddr=1.2.3.4",
		 "[2001:db8::7]:5060",
		 "sip:a@[2001:db8::7]:5060;transport=tls;line=x1;ob",
		 STORE_TLS},
		{"sip:a@10.0.0.1;lr;Received=x;LINE=y", "192.0.2.7:9",
		 "sip:a@192.0.2.7:9;transport=udp;LINE=y", STORE_UDP},
		{"sip:a@192.0.2.1", NULL, "sip:a@192.0.2.1:5060;transport=tcp",
		 STORE_TCP},
		{"sip:a@192.0.2.1:5070;x", NULL,
		 "sip:a@192.0.2.1:5070;transport=tcp;x", STORE_TCP},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct contact_at at = {.uri = ways[i].uri,
					.transport = ways[i].transport};
		struct secret_text target;
		struct sa addr;

		if (ways[i].addr) {
			assert_int_equal(sa_decode(&addr, ways[i].addr,
						   strlen(ways[i].addr)), 0);
			at.addr = &addr;
		}
		assert_int_equal(contact_target(&target, &at), 0);
		assert_string_equal(secret_reveal(&target), ways[i].target);
	}
}


static void where_none_leads(void **state)
{
	char uri[LIMIT_URI];
	struct contact_at at = {.uri = "sip:a@h.invalid"};
	struct secret_text target;
	struct sa addr;
	(void)state;

	/* whose name would have to be asked for */
	assert_int_equal(contact_target(&target, &at), EINVAL);
	at.uri = "nothing";
	assert_int_equal(contact_target(&target, &at), EINVAL);

	memset(uri, 'x', sizeof(uri));
	memcpy(uri, "sip:", 4);
	memcpy(uri + sizeof(uri) - 4, "@h", 3);
	assert_int_equal(sa_set_str(&addr, "192.0.2.111", 10000), 0);
	at.uri = uri;
	at.addr = &addr;
	assert_int_equal(contact_target(&target, &at), ENAMETOOLONG);
}


static void who_is_behind_nat(void **state)
{
	struct sa addr;
	(void)state;

	assert_int_equal(sa_set_str(&addr, "192.0.2.7", 1234), 0);
	assert_true(contact_is_at("sip:a@192.0.2.7:5060", &addr));
	assert_false(contact_is_at("sip:a@192.0.2.8:1234", &addr));
	assert_false(contact_is_at("sip:a@h.invalid", &addr));
	assert_false(contact_is_at("nothing", &addr));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wanted),
		cmocka_unit_test(where_it_leads),
		cmocka_unit_test(where_none_leads),
		cmocka_unit_test(who_is_behind_nat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
