/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * caller.c  Tests of who calls: rows of headers and the number they give.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <re.h>

#include "line/caller.h"
#include "sip_text.h"


/* headers besides the others, and the number; "" withheld or none */
static const struct {
	const char *headers;
	const char *number;
} rows[] = {
	/* From alone */
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n", "+49301234"},
	{"f: <sip:+49301234@p.invalid>;tag=1\r\n", "+49301234"},
	{"From: sip:00491234@p.invalid;tag=1\r\n", "00491234"},
	{"From: <tel:+49-30-1234>;tag=1\r\n", "+49301234"},
	{"From: <sips:%2B49301234;x=y@p.invalid:5061;user=phone>;tag=1\r\n",
	 "+49301234"},
	{"From: <sip:+49301234:secret@p.invalid>;tag=1\r\n", "+49301234"},
	{"From: \"Ana\" <sip:+49301234@p.invalid>;tag=1\r\n", "+49301234"},
	{"From: <sip:+49301234@p.invalid;user=phone>;tag=1\r\n", "+49301234"},
	{"From: <sip:+49301234;ext=9@p.invalid;user=phone>;tag=1\r\n",
	 "+49301234"},
	/* no escape ends a header, hides a host or adds a number */
	{"From: <sip:+49301234%0D%0ATo:911@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:+4930%001234@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:+49301234%40evil.invalid@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:911%2C+49301234@p.invalid>;tag=1\r\n", ""},
	{"From: <tel:+49301234>,<tel:911>;tag=1\r\n", ""},
	{"From: <sip:ana@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:+49301234.p.invalid>;tag=1\r\n", ""},
	{"From: <http:+49301234@p.invalid>;tag=1\r\n", ""},
	/* a name is not an address */
	{"From: \"<sip:911@x>\" <sip:+49301234@p.invalid>;tag=1\r\n",
	 "+49301234"},
	{"From: \"a \\\" <sip:911@x>\" <sip:+49301234@p.invalid>;tag=1\r\n",
	 "+49301234"},

	/* what the peer asserts goes before From */
	{"From: <sip:911@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>\r\n", "+49301234"},
	{"From: <sip:911@p.invalid>;tag=1\r\n"
	 "p-asserted-identity: tel:+49301234\r\n", "+49301234"},
	/* RFC 3325: a sip and a tel form of the same */
	{"From: <sip:911@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>, <tel:0049301234>\r\n",
	 "+49301234"},
	{"From: <sip:911@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: \"a, b\" <sip:+49301234@p.invalid>\r\n",
	 "+49301234"},
	/* two that differ: none, and not From either */
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>\r\n"
	 "P-Asserted-Identity: <sip:+49305678@p.invalid>\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>,<tel:911>\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:ana@p.invalid>\r\n", ""},
	/* not asserted, only like it */
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "P-Preferred-Identity: <sip:911@p.invalid>\r\n", "+49301234"},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "X-Asserted-Identity: <sip:911@p.invalid>\r\n", "+49301234"},

	/* withheld, RFC 3323 and 3325 */
	{"From: <sip:+49301234@p.invalid>;tag=1\r\nPrivacy: id\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\nPrivacy: user; critical\r\n",
	 ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\nprivacy: none;HEADER\r\n",
	 ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>\r\n"
	 "Privacy: none\r\nPrivacy: id\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\nPrivacy: none\r\n",
	 "+49301234"},
	{"From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>\r\n", ""},
	{"From: <sip:+49301234@anonymous.invalid>;tag=1\r\n", ""},
	{"From: \"anonymous\" <sip:+49301234@p.invalid>;tag=1\r\n", ""},
	{"From: Restricted <sip:+49301234@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:Unavailable@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:+49301234@p.invalid>\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "P-Asserted-Identity: <sip:anonymous@p.invalid>\r\n", ""},
	{"From: <sip:+266696687@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:266696687@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:0000000000@p.invalid>;tag=1\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "Remote-Party-ID: <sip:+49301234@p.invalid>;privacy=full\r\n", ""},
	{"From: <sip:+49301234@p.invalid>;tag=1\r\n"
	 "Remote-Party-ID: \"x\" <sip:1@p>;party=calling;privacy=off\r\n",
	 "+49301234"},
};


static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct secret_text number;
		struct sip_msg *msg;
		char text[1024];
		bool has;
		int n;

		n = re_snprintf(text, sizeof(text),
				"INVITE sip:line@l.invalid SIP/2.0\r\n"
				"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4b\r\n"
				"To: <sip:line@l.invalid>\r\n"
				"Call-ID: c\r\n"
				"CSeq: 1 INVITE\r\n"
				"%s\r\n", rows[i].headers);
		assert_true(n > 0);
		if (sip_text_decode(&msg, text, (size_t)n))
			fail_msg("row %zu is no message", i);

		memset(&number, 'x', sizeof(number));
		has = caller_number(&number, msg);
		if (strcmp(secret_reveal(&number), rows[i].number))
			fail_msg("row %zu gives \"%s\", not \"%s\"", i,
				 secret_reveal(&number), rows[i].number);
		assert_int_equal(has, rows[i].number[0] != '\0');
		mem_deref(msg);
	}
}


/* whatever the headers end with, nothing is read beyond them */
static void test_cut_short(void **state)
{
	static const char value[] =
		"\"a\\\"b\" <sip:+49301234@p.invalid;x>;privacy=full, <tel:1>";
	(void)state;

	for (size_t n = 0; n < sizeof(value); n++) {
		struct secret_text number;
		struct sip_msg *msg;
		char text[512];
		int len;

		len = re_snprintf(text, sizeof(text),
				  "INVITE sip:line@l.invalid SIP/2.0\r\n"
				  "Via: SIP/2.0/UDP 127.0.0.1;branch=z9h\r\n"
				  "To: <sip:line@l.invalid>\r\n"
				  "From: <sip:ana@p.invalid>;tag=1\r\n"
				  "Call-ID: c\r\n"
				  "CSeq: 1 INVITE\r\n"
				  "P-Asserted-Identity: %b\r\n\r\n",
				  value, n);
		assert_true(len > 0);
		if (sip_text_decode(&msg, text, (size_t)len))
			continue;
		(void)caller_number(&number, msg);
		mem_deref(msg);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
