/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * garbled.c  Tests of answers to requests that libre drops without a word.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "line/garbled.h"
#include "oom.h"


#define VIA "Via: SIP/2.0/UDP 127.0.0.1:5062;branch=z9hG4bK1;rport\r\n"
#define REST "From: <sip:a@b.invalid>;tag=1\r\nTo: <sip:c@d.invalid>\r\n" \
	     "Call-ID: one@b.invalid\r\nCSeq: 7 OPTIONS\r\n"
#define FILL "Subject: as long as the answer is at most, and more\r\n"
#define REPEATED VIA REST "Content-Length: 0\r\n\r\n"
#define BAD "SIP/2.0 400 Bad Request\r\n"
#define OTHER "SIP/2.0 505 Version Not Supported\r\n"
#define END "\r\n"

static const struct {
	const char *what;
	const char *question;
	const char *answer; /* NULL: none */
} rows[] = {
	{"spaces in the URI", "OPTIONS sip:c@d.invalid; lr SIP/2.0\r\n" VIA
	 REST FILL END, BAD REPEATED},
	{"two spaces", "OPTIONS  sip:c@d.invalid  SIP/2.0\r\n" VIA REST FILL
	 END, BAD REPEATED},
	{"a space at the end", "OPTIONS sip:c@d.invalid SIP/2.0 \r\n" VIA REST
	 FILL END, BAD REPEATED},
	{"another version", "OPTIONS sip:c@d.invalid SIP/7.0\r\n" VIA REST
	 FILL END, OTHER REPEATED},
	{"no branch", "OPTIONS sip:c@d.invalid SIP/2.0\r\n"
	 "Via: SIP/2.0/UDP 127.0.0.1\r\n" REST FILL END,
	 BAD "Via: SIP/2.0/UDP 127.0.0.1\r\n" REST
	 "Content-Length: 0\r\n\r\n"},
	{"folded, compact, in any case",
	 "OPTIONS  sip:c@d.invalid SIP/2.0\r\nv : SIP/2.0/UDP\r\n 127.0.0.1\r\n"
	 "F: <sip:a@b.invalid>\r\n\t;tag=1\r\nt:<sip:c@d.invalid>\r\nI: 1\r\n"
	 "cseq  : 7 OPTIONS\r\n" FILL END,
	 BAD "v : SIP/2.0/UDP\r\n 127.0.0.1\r\n"
	 "F: <sip:a@b.invalid>\r\n\t;tag=1\r\nt:<sip:c@d.invalid>\r\nI: 1\r\n"
	 "cseq  : 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"},
	{"two Vias, then a body that looks like headers",
	 "OPTIONS  sip:c@d.invalid SIP/2.0\r\n" VIA VIA REST FILL END
	 "To: x\r\n", BAD VIA REPEATED},

	{"an ACK is never answered", "ACK  sip:c@d.invalid SIP/2.0\r\n" VIA
	 REST FILL END, NULL},
	{"nor a response", "SIP/2.0  200 OK\r\n" VIA REST FILL END, NULL},
	{"nor HTTP", "GET / HTTP/1.1\r\n" VIA REST FILL END, NULL},
	{"nor nothing", "\r\n\r\n", NULL},
	{"nobody to tell", "OPTIONS  sip:c@d.invalid SIP/2.0\r\n" REST FILL
	 END, NULL},
	{"no Call-ID", "OPTIONS  sip:c@d.invalid SIP/2.0\r\n" VIA
	 "From: a\r\nTo: b\r\nCSeq: 1 OPTIONS\r\n" FILL END, NULL},
	{"two To", "OPTIONS  sip:c@d.invalid SIP/2.0\r\n" VIA REST
	 "To: x\r\n" FILL END, NULL},
	{"a control character", "OPTIONS  sip:c@d.invalid SIP/2.0\r\n" VIA
	 "From: \x1b\r\nTo: b\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n" FILL END,
	 NULL},
	{"bare LF", "OPTIONS  sip:c@d.invalid SIP/2.0\r\n" VIA
	 "From: a\nTo: b\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n" FILL END, NULL},
	{"the answer would be longer", "OPTIONS  sip:c@d SIP/2.0\r\n" VIA REST
	 END, NULL},
};


static struct mbuf *text(const char *s)
{
	struct mbuf *mb = mbuf_alloc(strlen(s) + 1);

	assert_non_null(mb);
	assert_int_equal(mbuf_write_str(mb, s), 0);
	mb->pos = 0;

	return mb;
}


static void each_question_has_its_answer(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mbuf *question = text(rows[i].question), *answer;

		answer = garbled_answer(question);
		if (!answer != !rows[i].answer)
			fail_msg("%s: %s", rows[i].what,
				 answer ? "answered" : "no answer");
		if (answer &&
		    (answer->end != strlen(rows[i].answer) ||
		     memcmp(answer->buf, rows[i].answer, answer->end) != 0))
			fail_msg("%s: %.*s", rows[i].what, (int)answer->end,
				 answer->buf);
		mem_deref(answer);
		mem_deref(question);
	}
}


static int answer_oom(void *arg)
{
	struct mbuf *answer = garbled_answer(arg);

	if (!answer)
		return ENOMEM;
	mem_deref(answer);

	return 0;
}


static void without_memory_it_is_silent(void **state)
{
	struct mbuf *question = text(rows[0].question);
	(void)state;

	assert_true(oom_loop(answer_oom, question) > 0);
	mem_deref(question);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_has_its_answer),
		cmocka_unit_test(without_memory_it_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
