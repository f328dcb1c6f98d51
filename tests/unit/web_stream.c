/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_stream.c  A stream of events to one page: how much it may be behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "web/stream.h"


enum { MOST = 65536 };

/* a page, without a server */
struct page {
	struct peer peer;
	struct stream s;
	unsigned n_woken;
};


/* in place of the server's own: only who waits for something is woken */
void http_resume(struct http *h, struct MHD_Connection *conn)
{
	(void)h;
	++*(unsigned *)(void *)conn;
}


static int page_open(void **state)
{
	struct page *p = mem_zalloc(sizeof(*p), NULL);

	assert_non_null(p);
	p->s.peer = &p->peer;
	p->s.conn = (void *)&p->n_woken;
	p->s.fd = -1;
	p->s.mb = mbuf_alloc(16);
	assert_non_null(p->s.mb);
	p->peer.until = UINT64_MAX;
	*state = p;

	return 0;
}


static int page_close(void **state)
{
	struct page *p = *state;

	mem_deref(p->s.mb);
	mem_deref(p);

	return 0;
}


static void test_in_order(void **state)
{
	struct page *p = *state;
	char buf[8];

	stream_write(&p->s, "abc", 3);
	stream_write(&p->s, "def", 3);
	assert_int_equal(stream_read(&p->s, 0, buf, 4), 4);
	assert_memory_equal(buf, "abcd", 4);
	stream_write(&p->s, "ghi", 3);
	assert_int_equal(stream_read(&p->s, 4, buf, sizeof(buf)), 5);
	assert_memory_equal(buf, "efghi", 5);
}


/* however much it was told before: what counts is what it has not read */
static void test_behind(void **state)
{
	static char text[MOST];
	static char buf[MOST];
	struct page *p = *state;

	memset(text, 'x', sizeof(text));
	for (unsigned i = 0; i < 3; i++) {
		stream_write(&p->s, text, MOST);
		assert_false(p->s.cut);
		assert_int_equal(stream_read(&p->s, 0, buf, MOST), MOST);
	}

	stream_write(&p->s, text, MOST - 1);
	stream_write(&p->s, "y", 1);
	assert_false(p->s.cut);
	assert_int_equal(p->peer.until, UINT64_MAX);
	stream_write(&p->s, "z", 1);
	assert_true(p->s.cut);
	assert_int_equal(p->peer.until, 0); /* the server ends it at once */
	assert_int_equal(stream_read(&p->s, 0, buf, MOST),
			 MHD_CONTENT_READER_END_WITH_ERROR);
	stream_write(&p->s, "a", 1);
	assert_int_equal(mbuf_get_left(p->s.mb), MOST);
}


static void test_woken(void **state)
{
	struct page *p = *state;

	stream_write(&p->s, "a", 1);
	assert_int_equal(p->n_woken, 0);
	p->s.suspended = true;
	stream_write(&p->s, "b", 1);
	stream_write(&p->s, "c", 1);
	assert_int_equal(p->n_woken, 1);
	p->s.suspended = true;
	stream_cut(&p->s);
	assert_int_equal(p->n_woken, 2);
}


static void test_over(void **state)
{
	struct page *p = *state;
	char buf[8];

	stream_write(&p->s, "abc", 3);
	p->s.over = true;
	stream_write(&p->s, "d", 1);
	assert_int_equal(stream_read(&p->s, 0, buf, sizeof(buf)), 3);
	assert_int_equal(stream_read(&p->s, 3, buf, sizeof(buf)),
			 MHD_CONTENT_READER_END_OF_STREAM);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, page_open, page_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_in_order),
		CASE(test_behind),
		CASE(test_woken),
		CASE(test_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
