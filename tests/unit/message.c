/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  Tests of the strict reading of SIP requests: a table of requests
 * (many after RFC 4475) and what is wrong with each.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "base/limits.h"
#include "line/message.h"
#include "sip_text.h"


enum {
	SOUND = 1, /* no fault                              */
	DROPPED,   /* libre's parser already wants none of it */
	SILENT = 0,
};

#define VIA "Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK1;rport\r\n"
#define FROM "From: <sip:a@b.invalid>;tag=1\r\n"
#define TO "To: <sip:c@d.invalid>\r\n"
#define ID "Call-ID: one@b.invalid\r\n"
#define CSEQ "CSeq: 7 INVITE\r\n"
#define CONTACT "Contact: <sip:a@127.0.0.1:5062>\r\n"
#define MAXFWD "Max-Forwards: 70\r\n"
#define LENGTH0 "Content-Length: 0\r\n"
#define LINE "INVITE sip:c@d.invalid SIP/2.0\r\n"
#define MOST LINE VIA FROM TO ID
#define ALL MOST CSEQ CONTACT MAXFWD
#define OPTIONS "OPTIONS sip:c@d.invalid SIP/2.0\r\n" VIA FROM TO ID \
		"CSeq: 7 OPTIONS\r\n"
#define END "\r\n"

#define LETTERS32 "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF"
#define X10(a) a a a a a a a a a a
#define X100(a) X10(X10(a))

static const struct row {
	const char *what;
	const char *text;
	unsigned scode;     /* of the fault, or SOUND, DROPPED, SILENT */
	const char *reason; /* of the fault                            */
} rows[] = {
	{"plain", ALL LENGTH0 END, SOUND, NULL},
	{"no Content-Length", ALL END, SOUND, NULL},
	{"no Max-Forwards", MOST CSEQ CONTACT END, SOUND, NULL},
	{"compact names", LINE "v: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
	 "f: <sip:a@b.invalid>;tag=1\r\nt: <sip:c@d.invalid>\r\ni: one\r\n"
	 CSEQ "m: <sip:a@127.0.0.1>\r\nl: 0\r\n" END, SOUND, NULL},
	{"folded headers", LINE
	 "Via: SIP/2.0/UDP\r\n 127.0.0.1:5062\r\n\t;branch=z9hG4bK1\r\n"
	 "From: \"A\"\r\n <sip:a@b.invalid>\r\n ;tag=1\r\n" TO ID
	 "CSeq: 7\r\n INVITE\r\n" CONTACT END, SOUND, NULL},
	{"names in any case", LINE VIA FROM TO "cAlL-iD: one\r\n"
	 "cseq: 7 INVITE\r\nCONTACT: <sip:a@127.0.0.1>\r\n" END, SOUND, NULL},
	{"unknown headers", ALL "X-Fancy: 1\r\nX-Fancy: 2\r\n" END, SOUND,
	 NULL},
	{"two Vias", LINE VIA "Via: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bK2\r\n"
	 FROM TO ID CSEQ CONTACT END, SOUND, NULL},

	/* nobody to answer */
	{"no Via", LINE FROM TO ID CSEQ CONTACT END, SILENT, NULL},
	{"no branch", LINE "Via: SIP/2.0/UDP 127.0.0.1\r\n" FROM TO ID CSEQ
	 CONTACT END, DROPPED, NULL},
	{"empty branch", LINE "Via: SIP/2.0/UDP 127.0.0.1;branch=\r\n" FROM TO
	 ID CSEQ CONTACT END, DROPPED, NULL},
	{"broken Via", LINE "Via: nonsense\r\n" FROM TO ID CSEQ CONTACT END,
	 DROPPED, NULL},
	{"method of 64", LETTERS32 LETTERS32 " sip:c@d.invalid "
	 "SIP/2.0\r\n" VIA FROM TO ID
	 "CSeq: 1 " LETTERS32 LETTERS32 "\r\n" END, SOUND, NULL},
	{"method of 65", LETTERS32 LETTERS32 "G sip:c@d.invalid "
	 "SIP/2.0\r\n" VIA FROM TO ID
	 "CSeq: 1 " LETTERS32 LETTERS32 "G\r\n" END, SILENT, NULL},
	{"128 headers", MOST CSEQ CONTACT
	 X100("X-A: 1\r\n") X10("X-A: 1\r\n") X10("X-A: 1\r\n")
	 "X-A: 1\r\nX-A: 1\r\n" END, SOUND, NULL},
	{"129 headers", MOST CSEQ CONTACT
	 X100("X-A: 1\r\n") X10("X-A: 1\r\n") X10("X-A: 1\r\n")
	 "X-A: 1\r\nX-A: 1\r\nX-A: 1\r\n" END, SILENT, NULL},

	{"maddr in Via", LINE "Via: SIP/2.0/UDP 127.0.0.1:5062;maddr=127.0.0.4"
	 ";branch=z9hG4bK1\r\n" FROM TO ID CSEQ CONTACT END, SILENT, NULL},
	{"MADDR in Via", LINE "Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK1"
	 "; MADDR = 127.0.0.4\r\n" FROM TO ID CSEQ CONTACT END, SILENT, NULL},
	{"maddr and much else is wrong", LINE "Via: SIP/2.0/UDP 127.0.0.1"
	 ";branch=z9hG4bK1;maddr=127.0.0.4\r\n" END, SILENT, NULL},
	{"maddr in the second Via", LINE VIA "Via: SIP/2.0/UDP 127.0.0.2"
	 ";maddr=127.0.0.4;branch=z9hG4bK2\r\n" FROM TO ID CSEQ CONTACT END,
	 SOUND, NULL},
	{"maddr in the Contact", MOST CSEQ "Contact: <sip:a@127.0.0.1;"
	 "maddr=127.0.0.4>\r\n" END, SOUND, NULL},

	/* control characters */
	{"bell in a header", ALL "Subject: a\ab\r\n" END, 400,
	 "Control Character In Header"},
	{"escape in From", LINE VIA "From: \"\x1b[2J\" <sip:a@b.invalid>;"
	 "tag=1\r\n" TO ID CSEQ CONTACT END, 400,
	 "Control Character In Header"},
	{"delete", ALL "Subject: a\x7f\r\n" END, 400,
	 "Control Character In Header"},
	{"control character in the method", "INV\x01TE sip:c@d.invalid "
	 "SIP/2.0\r\n" VIA FROM TO ID "CSeq: 7 INV\x01TE\r\n" END, 400,
	 "Control Character In Header"},
	{"control character in the URI", "INVITE sip:c\x02@d.invalid "
	 "SIP/2.0\r\n" VIA FROM TO ID CSEQ CONTACT END, 400,
	 "Control Character In Header"},
	{"escaped in quotes", LINE VIA "From: \"a\\\x07\\\"\\\x7f\" "
	 "<sip:a@b.invalid>;tag=1\r\n" TO ID CSEQ CONTACT END, SOUND, NULL},
	{"escaped, not in quotes", ALL "Subject: a\\\x07\r\n" END, 400,
	 "Control Character In Header"},
	{"behind an escaped backslash", ALL "Subject: \"a\\\\\x07\"\r\n" END,
	 400, "Control Character In Header"},
	{"quotes end with the line", ALL "Subject: \"a\r\nX: \\\x07\r\n" END,
	 400, "Control Character In Header"},
	{"quotes that do not end", LINE VIA FROM
	 "To: \"c <sip:c@d.invalid>\r\n" ID CSEQ CONTACT END, 400,
	 "Bad From Or To"},
	{"a quote in quotes", LINE VIA FROM
	 "To: \"c \\\" d\" <sip:c@d.invalid>\r\n" ID CSEQ CONTACT END, SOUND,
	 NULL},

	/* Request-URI */
	{"IPv6", "INVITE sip:c@[2001:db8::1]:5070;lr SIP/2.0\r\n" VIA FROM TO
	 ID CSEQ CONTACT END, SOUND, NULL},
	{"IPv6 with IPv4", "INVITE sip:c@[::ffff:192.0.2.1]:5070 SIP/2.0\r\n"
	 VIA FROM TO ID CSEQ CONTACT END, SOUND, NULL},
	{"IPv6 bare", "INVITE sip:c@2001:db8::1 SIP/2.0\r\n" VIA FROM TO ID
	 CSEQ CONTACT END, 400, "Bad Request-URI"},
	{"headers in the URI", "INVITE sip:c@d.invalid?Route=%3Csip:e%3E "
	 "SIP/2.0\r\n" VIA FROM TO ID CSEQ CONTACT END, 400,
	 "Bad Request-URI"},

	{"tab", ALL "Subject: a\tb\r\n" END, SOUND, NULL},
	{"UTF-8", ALL "Subject: gr\xc3\xbc\xc3\x9f\r\n" END, SOUND, NULL},

	/* missing and doubled */
	{"no From", LINE VIA TO ID CSEQ CONTACT END, 400,
	 "Missing Or Doubled Header"},
	{"no To", LINE VIA FROM ID CSEQ CONTACT END, 400,
	 "Missing Or Doubled Header"},
	{"no Call-ID", LINE VIA FROM TO CSEQ CONTACT END, 400,
	 "Missing Or Doubled Header"},
	{"no CSeq", LINE VIA FROM TO ID CONTACT END, 400,
	 "Missing Or Doubled Header"},
	{"two From", ALL FROM END, 400, "Missing Or Doubled Header"},
	{"two To", ALL TO END, 400, "Missing Or Doubled Header"},
	{"two Call-ID", ALL "Call-ID: two@b.invalid\r\n" END, 400,
	 "Missing Or Doubled Header"},
	{"one Call-ID twice", ALL "i: one@b.invalid\r\n" END, 400,
	 "Missing Or Doubled Header"},
	{"two CSeq", ALL "CSeq: 8 INVITE\r\n" END, 400,
	 "Missing Or Doubled Header"},
	{"two Max-Forwards", ALL MAXFWD END, 400,
	 "Missing Or Doubled Header"},
	{"two Content-Length", ALL LENGTH0 "l: 4\r\n" END "body", 400,
	 "Missing Or Doubled Header"},
	{"two Content-Type", ALL "Content-Type: application/sdp\r\n"
	 "Content-Type: text/plain\r\n" END, 400,
	 "Missing Or Doubled Header"},
	{"two Session-Expires", ALL "Session-Expires: 90\r\nx: 1800\r\n" END,
	 400, "Missing Or Doubled Header"},
	{"two Min-SE", ALL "Min-SE: 90\r\nMin-SE: 91\r\n" END, 400,
	 "Missing Or Doubled Header"},

	/* Call-ID */
	{"empty Call-ID", LINE VIA FROM TO "Call-ID:\r\n" CSEQ CONTACT END,
	 400, "Bad Call-ID"},
	{"two words of Call-ID", LINE VIA FROM TO "Call-ID: a b\r\n" CSEQ
	 CONTACT END, 400, "Bad Call-ID"},
	{"folded Call-ID", LINE VIA FROM TO "Call-ID: a\r\n b\r\n" CSEQ
	 CONTACT END, 400, "Bad Call-ID"},
	{"Call-ID of 300", LINE VIA FROM TO "Call-ID: " X100("abc") "\r\n"
	 CSEQ CONTACT END, 400, "Bad Call-ID"},

	/* tags */
	{"no From tag", LINE VIA "From: <sip:a@b.invalid>\r\n" TO ID CSEQ
	 CONTACT END, 400, "Bad From Or To"},
	{"From tag of 300", LINE VIA "From: <sip:a@b.invalid>;tag="
	 X100("abc") "\r\n" TO ID CSEQ CONTACT END, 400, "Bad From Or To"},
	{"To tag of 300", LINE VIA FROM "To: <sip:c@d.invalid>;tag="
	 X100("abc") "\r\n" ID CSEQ CONTACT END, 400, "Bad From Or To"},
	{"To tag", LINE VIA FROM "To: <sip:c@d.invalid>;tag=2\r\n" ID CSEQ
	 CONTACT END, SOUND, NULL},
	{"tel: in From", LINE VIA "From: <tel:+15551230000>;tag=1\r\n" TO ID
	 CSEQ CONTACT END, SOUND, NULL},

	/* CSeq */
	{"CSeq 0", MOST "CSeq: 0 INVITE\r\n" CONTACT END, SOUND, NULL},
	{"CSeq 2^31-1", MOST "CSeq: 2147483647 INVITE\r\n" CONTACT END, SOUND,
	 NULL},
	{"CSeq 2^31", MOST "CSeq: 2147483648 INVITE\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq 2^32", MOST "CSeq: 4294967296 INVITE\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq 2^32+7", MOST "CSeq: 4294967303 INVITE\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq of 30 digits", MOST "CSeq: 000000000000000000000000000007 "
	 "INVITE\r\n" CONTACT END, SOUND, NULL},
	{"CSeq 2^64", MOST "CSeq: 18446744073709551616 INVITE\r\n" CONTACT
	 END, 400, "Bad CSeq"},
	{"negative CSeq", MOST "CSeq: -7 INVITE\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq with a plus", MOST "CSeq: +7 INVITE\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"hexadecimal CSeq", MOST "CSeq: 0x7 INVITE\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq of another method", MOST "CSeq: 7 OPTIONS\r\n" CONTACT END,
	 400, "Bad CSeq"},
	{"CSeq in small letters", MOST "CSeq: 7 invite\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq and more", MOST "CSeq: 7 INVITE again\r\n" CONTACT END, 400,
	 "Bad CSeq"},
	{"CSeq with many spaces", MOST "CSeq:    7  \t INVITE  \r\n" CONTACT
	 END, SOUND, NULL},
	{"CSeq without a method", MOST "CSeq: 7\r\n" CONTACT END, DROPPED,
	 NULL},

	/* Max-Forwards */
	{"Max-Forwards 1", MOST CSEQ CONTACT "Max-Forwards: 1\r\n" END, SOUND,
	 NULL},
	{"Max-Forwards 255", MOST CSEQ CONTACT "Max-Forwards: 255\r\n" END,
	 SOUND, NULL},
	{"Max-Forwards 256", MOST CSEQ CONTACT "Max-Forwards: 256\r\n" END,
	 400, "Bad Max-Forwards"},
	{"Max-Forwards abc", MOST CSEQ CONTACT "Max-Forwards: abc\r\n" END,
	 400, "Bad Max-Forwards"},
	{"Max-Forwards -1", MOST CSEQ CONTACT "Max-Forwards: -1\r\n" END, 400,
	 "Bad Max-Forwards"},
	{"Max-Forwards 7 0", MOST CSEQ CONTACT "Max-Forwards: 7 0\r\n" END,
	 400, "Bad Max-Forwards"},
	{"Max-Forwards 0", MOST CSEQ CONTACT "Max-Forwards: 0\r\n" END, 483,
	 "Too Many Hops"},
	{"Max-Forwards 0, ACK", "ACK sip:c@d.invalid SIP/2.0\r\n" VIA FROM TO
	 ID "CSeq: 7 ACK\r\nMax-Forwards: 0\r\n" END, SOUND, NULL},

	/* Content-Length */
	{"Content-Length 4", ALL "Content-Length: 4\r\n" END "body", SOUND,
	 NULL},
	{"Content-Length too small", ALL "Content-Length: 3\r\n" END "body",
	 SOUND, NULL},
	{"Content-Length too large", ALL "Content-Length: 5\r\n" END "body",
	 400, "Bad Content-Length"},
	{"Content-Length -4", ALL "Content-Length: -4\r\n" END "body", 400,
	 "Bad Content-Length"},
	{"Content-Length +4", ALL "Content-Length: +4\r\n" END "body", 400,
	 "Bad Content-Length"},
	{"Content-Length 4 4", ALL "Content-Length: 4 4\r\n" END "body", 400,
	 "Bad Content-Length"},
	{"Content-Length 4x", ALL "Content-Length: 4x\r\n" END "body", 400,
	 "Bad Content-Length"},
	{"Content-Length 2^32", ALL "Content-Length: 4294967296\r\n" END, 400,
	 "Bad Content-Length"},
	{"Content-Length 2^32+4", ALL "Content-Length: 4294967300\r\n" END
	 "body", 400, "Bad Content-Length"},

	/* Request-URI */
	{"sips:", "INVITE sips:c@d.invalid SIP/2.0\r\n" VIA FROM TO ID CSEQ
	 CONTACT END, SOUND, NULL},
	{"SIP:", "INVITE SIP:c@d.invalid SIP/2.0\r\n" VIA FROM TO ID CSEQ
	 CONTACT END, SOUND, NULL},
	{"tel:", "INVITE tel:+15551230000 SIP/2.0\r\n" VIA FROM TO ID CSEQ
	 CONTACT END, 416, "Unsupported URI Scheme"},
	{"http:", "INVITE http://d.invalid SIP/2.0\r\n" VIA FROM TO ID CSEQ
	 CONTACT END, DROPPED, NULL},
	{"nobody:", "INVITE nobody:c@d.invalid SIP/2.0\r\n" VIA FROM TO ID
	 CSEQ CONTACT END, 416, "Unsupported URI Scheme"},
	{"no scheme", "INVITE c SIP/2.0\r\n" VIA FROM TO ID CSEQ CONTACT END,
	 DROPPED, NULL},

	/* Contact */
	{"no Contact", MOST CSEQ END, 400, "Missing Or Bad Contact"},
	{"two Contacts", ALL CONTACT END, 400, "Missing Or Bad Contact"},
	{"two Contacts in a line", MOST CSEQ "Contact: <sip:a@127.0.0.1>, "
	 "<sip:b@127.0.0.1>\r\n" END, 400, "Missing Or Bad Contact"},
	{"Contact *", MOST CSEQ "Contact: *\r\n" END, 400,
	 "Missing Or Bad Contact"},
	{"Contact tel:", MOST CSEQ "Contact: <tel:+15551230000>\r\n" END, 400,
	 "Missing Or Bad Contact"},
	{"Contact of 300", MOST CSEQ "Contact: <sip:" X100("abc")
	 "@127.0.0.1>\r\n" END, 400, "Missing Or Bad Contact"},
	{"Contact without <>", MOST CSEQ "Contact: sip:a@127.0.0.1\r\n" END,
	 SOUND, NULL},
	{"OPTIONS without Contact", OPTIONS END, SOUND, NULL},
	{"OPTIONS with two Contacts", OPTIONS CONTACT CONTACT END, SOUND,
	 NULL},

	/* Record-Route */
	{"Record-Route", ALL "Record-Route: <sip:127.0.0.1;lr>\r\n" END, SOUND,
	 NULL},
	{"two Record-Routes in a line", ALL "Record-Route: <sip:a@127.0.0.1>,"
	 " <sip:127.0.0.2;lr>\r\n" END, SOUND, NULL},
	{"Record-Route nonsense", ALL "Record-Route: nonsense\r\n" END, 400,
	 "Bad Record-Route"},
	{"second Record-Route nonsense", ALL "Record-Route: <sip:127.0.0.1;lr>"
	 "\r\nRecord-Route: <<<>>>\r\n" END, 400, "Bad Record-Route"},
	{"Record-Route tel:", ALL "Record-Route: <tel:+15551230000>\r\n" END,
	 400, "Bad Record-Route"},
	{"the first fault counts", LINE VIA FROM TO ID "CSeq: 7 BYE\r\n"
	 "Max-Forwards: 0\r\n" END, 400, "Bad CSeq"},
};


static void check_row(const struct row *row)
{
	struct message_fault fault = {1, "untouched"};
	struct sip_msg *msg;
	int err;

	err = sip_text_decode(&msg, row->text, strlen(row->text));
	if (err || row->scode == DROPPED) {
		if (!err || row->scode != DROPPED)
			fail_msg("%s: libre says %d", row->what, err);
		return;
	}

	err = message_check(msg, &fault);
	if (err != (row->scode == SOUND ? 0 : EBADMSG))
		fail_msg("%s: %d, %u %s", row->what, err, fault.scode,
			 fault.reason);
	if (!err)
		assert_string_equal(fault.reason, "untouched");
	else if (fault.scode != row->scode)
		fail_msg("%s: %u %s", row->what, fault.scode, fault.reason);
	else if (!row->reason)
		assert_null(fault.reason);
	else
		assert_string_equal(fault.reason, row->reason);
	mem_deref(msg);
}


static void each_request_has_its_fault(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}


static struct sip_msg *decode(const char *text)
{
	struct message_fault fault;
	struct sip_msg *msg;

	assert_int_equal(sip_text_decode(&msg, text, strlen(text)), 0);
	assert_int_equal(message_check(msg, &fault), 0);

	return msg;
}


static void a_nul_is_a_control_character(void **state)
{
	static const char text[] = ALL "Subject: a\0b\r\n" END;
	struct message_fault fault;
	struct sip_msg *msg;

	(void)state;
	assert_int_equal(sip_text_decode(&msg, text, sizeof(text) - 1), 0);
	assert_int_equal(message_check(msg, &fault), EBADMSG);
	assert_int_equal(fault.scode, 400);
	assert_string_equal(fault.reason, "Control Character In Header");
	mem_deref(msg);
}


static void a_body_may_hold_anything(void **state)
{
	static const char text[] = ALL "Content-Length: 4\r\n" END
				       "\0\x01\x7f\xff";
	struct message_fault fault;
	struct sip_msg *msg;

	(void)state;
	assert_int_equal(sip_text_decode(&msg, text, sizeof(text) - 1), 0);
	assert_int_equal(message_check(msg, &fault), 0);
	assert_int_equal(mbuf_get_left(msg->mb), 4);
	mem_deref(msg);
}


static void the_body_is_cut_to_its_length(void **state)
{
	struct sip_msg *msg = decode(ALL "Content-Length: 3\r\n" END "body");

	(void)state;
	assert_int_equal(mbuf_get_left(msg->mb), 3);
	assert_memory_equal(mbuf_buf(msg->mb), "bod", 3);
	mem_deref(msg);

	msg = decode(ALL "Content-Length: 0\r\n" END "body");
	assert_false(message_has_body(msg));
	mem_deref(msg);

	msg = decode(ALL END "body");
	assert_int_equal(mbuf_get_left(msg->mb), 4);
	mem_deref(msg);
}


static void only_sdp_is_sdp(void **state)
{
	static const struct {
		const char *text;
		bool body, sdp;
	} bodies[] = {
		{ALL "Content-Type: application/sdp\r\n" END "v=0\r\n", true,
		 true},
		{ALL "c: Application/SDP;charset=utf-8\r\n" END "v=0\r\n",
		 true, true},
		{ALL "Content-Type: text/plain\r\n" END "v=0\r\n", true,
		 false},
		{ALL "Content-Type: application/sdpx\r\n" END "v=0\r\n", true,
		 false},
		{ALL END "v=0\r\n", true, false},
		{ALL "Content-Type: application/sdp\r\n" END, false, false},
		{ALL "Content-Type: application/sdp\r\n" LENGTH0 END "v=0",
		 false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct sip_msg *msg = decode(bodies[i].text);

		assert_int_equal(message_has_body(msg), bodies[i].body);
		assert_int_equal(message_has_sdp(msg), bodies[i].sdp);
		mem_deref(msg);
	}
}


static void lists_are_searched_word_by_word(void **state)
{
	struct sip_msg *msg = decode(ALL "Allow: INVITE, ACK,UPDATE\r\n"
				     "Supported: 100rel\r\nk: Timer\r\n" END);

	(void)state;
	assert_true(message_lists(msg, SIP_HDR_ALLOW, "UPDATE"));
	assert_true(message_lists(msg, SIP_HDR_ALLOW, "INVITE"));
	assert_false(message_lists(msg, SIP_HDR_ALLOW, "UP"));
	assert_false(message_lists(msg, SIP_HDR_ALLOW, "BYE"));
	assert_true(message_lists(msg, SIP_HDR_SUPPORTED, "timer"));
	assert_false(message_lists(msg, SIP_HDR_REQUIRE, "timer"));
	mem_deref(msg);
}


static void numbers_are_digits_up_to_a_maximum(void **state)
{
	static const struct {
		const char *text;
		uint32_t max;
		int err;
		uint32_t n;
	} numbers[] = {
		{"0", 0, 0, 0},
		{"7", 7, 0, 7},
		{"007", 7, 0, 7},
		{"8", 7, EINVAL, 0},
		{"4294967295", UINT32_MAX, 0, UINT32_MAX},
		{"4294967296", UINT32_MAX, EINVAL, 0},
		{"18446744073709551616", UINT32_MAX, EINVAL, 0},
		{"18446744073709551623", UINT32_MAX, EINVAL, 0},
		{"", 7, EINVAL, 0},
		{" 7", 7, EINVAL, 0},
		{"7 ", 7, EINVAL, 0},
		{"+7", 7, EINVAL, 0},
		{"-7", 7, EINVAL, 0},
		{"7.0", 70, EINVAL, 0},
		{"1e1", 70, EINVAL, 0},
		{"a", 70, EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		uint32_t n = 4711;
		struct pl pl;

		pl_set_str(&pl, numbers[i].text);
		assert_int_equal(message_number(&n, &pl, numbers[i].max),
				 numbers[i].err);
		assert_int_equal(n, numbers[i].err ? 4711 : numbers[i].n);
	}
	assert_int_equal(message_number(&(uint32_t){0}, NULL, 1), EINVAL);
	assert_int_equal(message_number(&(uint32_t){0}, &pl_null, 1), EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_has_its_fault),
		cmocka_unit_test(a_nul_is_a_control_character),
		cmocka_unit_test(a_body_may_hold_anything),
		cmocka_unit_test(the_body_is_cut_to_its_length),
		cmocka_unit_test(only_sdp_is_sdp),
		cmocka_unit_test(lists_are_searched_word_by_word),
		cmocka_unit_test(numbers_are_digits_up_to_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
