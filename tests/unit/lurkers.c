/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lurkers.c  Tests of connections that bring nothing: each way to be slow, and
 * each way to be too many. The sockets are real, the clock is not.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <re.h>

#include "line/lurkers.h"
#include "clock.h"
#include "loopback.h"
#include "sip_peer.h"


enum { MOST = 40 };

struct fixture {
	struct sip *sip;
	struct sip_lsnr *lsnr;
	struct sa laddr;
	struct lurkers *lurkers;
	int fd[MOST];
	unsigned n;
	size_t wanted;
	unsigned n_heard;
	bool known;
	bool proves;
};


static bool is_known(const struct sa *addr, void *arg)
{
	const struct fixture *f = arg;
	(void)addr;

	return f->known;
}


static bool heard(const struct sip_msg *msg, void *arg)
{
	struct fixture *f = arg;

	++f->n_heard;
	lurkers_heard(f->lurkers, msg, f->proves);
	return true;
}


static int begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);
	char host[32];

	assert_non_null(f);
	clock_reset();
	loopback_own(host, sizeof(host));
	assert_int_equal(sa_set_str(&f->laddr, host, 0), 0);
	assert_int_equal(sip_alloc(&f->sip, NULL, 32, 32, 32, NULL, NULL,
				   NULL), 0);
	assert_int_equal(sip_transp_add(f->sip, SIP_TRANSP_TCP, &f->laddr), 0);
	assert_int_equal(sip_transp_laddr(f->sip, &f->laddr, SIP_TRANSP_TCP,
					  &f->laddr), 0);
	assert_int_equal(sip_listen(&f->lsnr, f->sip, true, heard, f), 0);
	assert_int_equal(lurkers_alloc(&f->lurkers, &f->laddr, 1, 1, is_known,
				       f), 0);
	clock_get()->stopped = tmr_jiffies() + 1000000;
	*state = f;

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < f->n; i++)
		(void)close(f->fd[i]);
	mem_deref(f->lurkers);
	mem_deref(f->lsnr);
	sip_close(f->sip, true);
	mem_deref(f->sip);
	mem_deref(f);

	return 0;
}


static bool are_there(void *arg)
{
	struct fixture *f = arg;

	return lurkers_sweep(f->lurkers) == f->wanted;
}


static void connects(struct fixture *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		assert_true(fd >= 0);
		assert_int_equal(connect(fd, &f->laddr.u.sa, f->laddr.len), 0);
		f->fd[f->n++] = fd;
	}
}


static void until_there(struct fixture *f, size_t n)
{
	f->wanted = n;
	sip_loop(are_there, f, "connections to be accepted");
}


static void sends(const struct fixture *f, const char *text)
{
	assert_int_equal(send(f->fd[0], text, strlen(text), MSG_NOSIGNAL),
			 (ssize_t)strlen(text));
}


static bool has_ended(void *arg)
{
	const struct fixture *f = arg;
	char c;

	return recv(f->fd[0], &c, 1, MSG_DONTWAIT) == 0 ||
	       (errno != EAGAIN && errno != EINTR);
}


static void later(unsigned ms)
{
	clock_get()->stopped += ms;
}


static void whoever_says_nothing(void **state)
{
	struct fixture *f = *state;

	connects(f, 1);
	until_there(f, 1);
	later(LURKERS_SILENT_MS - 1);
	assert_int_equal(lurkers_sweep(f->lurkers), 1);
	assert_int_equal(lurkers_cut(f->lurkers), 0);
	later(1);
	assert_int_equal(lurkers_sweep(f->lurkers), 0);
	assert_int_equal(lurkers_cut(f->lurkers), 1);
	sip_loop(has_ended, f, "the end of it");
}


/* the clock runs from the first byte on, however many follow */
static void whoever_drips(void **state, const char *drop)
{
	struct fixture *f = *state;

	connects(f, 1);
	until_there(f, 1);
	sends(f, drop);
	for (unsigned ms = 0; ms < LURKERS_MESSAGE_MS; ms += 1000) {
		while (!lurkers_sweep(f->lurkers))
			fail_msg("cut after %u ms", ms);
		later(1000);
		sends(f, drop);
	}
	/* the first drop may have been seen a look later */
	later(1000);
	(void)lurkers_sweep(f->lurkers);
	assert_int_equal(lurkers_cut(f->lurkers), 1);
	sip_loop(has_ended, f, "the end of it");
}


static void whoever_drips_a_message(void **state)
{
	whoever_drips(state, "INVITE");
}


/* libre takes them for keepalives, for ever */
static void whoever_drips_empty_lines(void **state)
{
	whoever_drips(state, "\r\n");
}


static bool has_heard(void *arg)
{
	return ((struct fixture *)arg)->n_heard > 0;
}


#define WHOLE "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\n"                           \
	      "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK1\r\n"              \
	      "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:a@127.0.0.1>\r\n"    \
	      "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"

static void whoever_proves_nothing(void **state)
{
	struct fixture *f = *state;

	connects(f, 1);
	until_there(f, 1);
	sends(f, WHOLE);
	sip_loop(has_heard, f, "a message");
	assert_int_equal(lurkers_sweep(f->lurkers), 1);
	later(LURKERS_MESSAGE_MS + 1);
	assert_int_equal(lurkers_sweep(f->lurkers), 1);
	later(LURKERS_PROOF_MS);
	assert_int_equal(lurkers_sweep(f->lurkers), 0);
	assert_int_equal(lurkers_cut(f->lurkers), 1);
}


static void who_is_known_or_proven_stays(void **state)
{
	struct fixture *f = *state;

	f->proves = true;
	connects(f, 1);
	until_there(f, 1);
	sends(f, WHOLE);
	sip_loop(has_heard, f, "a message");
	later(10 * LURKERS_PROOF_MS);
	assert_int_equal(lurkers_sweep(f->lurkers), 0);
	assert_int_equal(lurkers_cut(f->lurkers), 0);

	connects(f, 1);
	until_there(f, 1);
	f->known = true;
	later(10 * LURKERS_PROOF_MS);
	assert_int_equal(lurkers_sweep(f->lurkers), 0);
	assert_int_equal(lurkers_cut(f->lurkers), 0);
}


static bool are_met(void *arg)
{
	struct fixture *f = arg;
	const size_t n = lurkers_sweep(f->lurkers);

	return n + lurkers_cut(f->lurkers) == f->wanted;
}


/* the oldest goes first */
static void of_one_address_there_are_so_many(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < MOST; i++) {
		connects(f, 1);
		f->wanted = i + 1;
		sip_loop(are_met, f, "one more");
	}
	assert_int_equal(lurkers_cut(f->lurkers), MOST - LURKERS_OF_ONE);
	assert_int_equal(lurkers_sweep(f->lurkers), LURKERS_OF_ONE);
	sip_loop(has_ended, f, "the end of the oldest");
}


/* as if the address were one of TLS */
static void behind_tls(struct fixture *f)
{
	mem_deref(f->lurkers);
	assert_int_equal(lurkers_alloc(&f->lurkers, &f->laddr, 1, 2, is_known,
				       f), EINVAL);
	assert_int_equal(lurkers_alloc(&f->lurkers, &f->laddr, 1, 0, is_known,
				       f), 0);
}


static void whoever_does_not_end_a_handshake(void **state)
{
	struct fixture *f = *state;

	behind_tls(f);
	connects(f, 1);
	until_there(f, 1);
	sends(f, "\x16");
	f->known = true;
	later(LURKERS_SHAKE_MS - 1);
	(void)lurkers_sweep(f->lurkers);
	assert_int_equal(lurkers_cut(f->lurkers), 0);
	later(1);
	(void)lurkers_sweep(f->lurkers);
	assert_int_equal(lurkers_cut(f->lurkers), 1);
	sip_loop(has_ended, f, "the end of it");
}


static void whoever_ends_it_goes_on(void **state)
{
	struct fixture *f = *state;
	struct sa here;

	behind_tls(f);
	connects(f, 1);
	until_there(f, 1);
	sends(f, "\x16");
	here.len = sizeof(here.u);
	assert_int_equal(getsockname(f->fd[0], &here.u.sa, &here.len), 0);
	lurkers_shook(f->lurkers, &here);
	later(LURKERS_SHAKE_MS);
	assert_int_equal(lurkers_sweep(f->lurkers), 1);
	f->known = true;
	later(10 * LURKERS_PROOF_MS);
	(void)lurkers_sweep(f->lurkers);
	assert_int_equal(lurkers_cut(f->lurkers), 0);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)
		T(whoever_says_nothing),
		T(whoever_drips_a_message),
		T(whoever_drips_empty_lines),
		T(whoever_proves_nothing),
		T(who_is_known_or_proven_stays),
		T(of_one_address_there_are_so_many),
		T(whoever_does_not_end_a_handshake),
		T(whoever_ends_it_goes_on),
	};
	int err = libre_init();

	if (!err)
		err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
