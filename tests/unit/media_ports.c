/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media_ports.c  Ports are given out, rest, and run out.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "media/ports.h"
#include "loopback.h"
#include "oom.h"


enum { LOW = 23001, N = 8, ROUNDS = 50 };


static struct config_media range(void)
{
	struct config_media m = {.low = LOW, .high = LOW + 2 * N};

	loopback_own(m.host, sizeof(m.host));
	return m;
}


static struct ports *open_range(void)
{
	const struct config_media m = range();
	struct ports *p;

	assert_int_equal(ports_alloc(&p, &m, 1), 0);
	return p;
}


static void test_even_and_in_range(void **state)
{
	struct ports *p = open_range();
	struct port *port[N];
	(void)state;

	for (unsigned i = 0; i < N; i++) {
		const struct sa *local;

		assert_int_equal(ports_open(p, &port[i], AF_INET), 0);
		local = &port[i]->local;
		assert_int_equal(sa_port(local) % 2, 0);
		assert_in_range(sa_port(local), LOW, LOW + 2 * N);
		assert_true(ports_is_ours(p, local));
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(sa_port(local),
					     sa_port(&port[k]->local));
	}
	for (unsigned i = 0; i < N; i++)
		mem_deref(port[i]);
	mem_deref(p);
}


static void test_none_left(void **state)
{
	struct ports *p = open_range();
	struct port *port[N], *more;
	struct sa was;
	(void)state;

	for (unsigned i = 0; i < N; i++)
		assert_int_equal(ports_open(p, &port[i], AF_INET), 0);
	assert_int_equal(ports_open(p, &more, AF_INET), ENOSPC);

	/* one that has not rested is better than none */
	was = port[3]->local;
	port[3] = mem_deref(port[3]);
	assert_false(ports_is_ours(p, &was));
	assert_int_equal(ports_open(p, &port[3], AF_INET), 0);
	assert_true(sa_cmp(&was, &port[3]->local, SA_ALL));

	for (unsigned i = 0; i < N; i++)
		mem_deref(port[i]);
	mem_deref(p);
}


static void test_rest(void **state)
{
	struct ports *p = open_range();
	uint16_t used[N];
	(void)state;

	/* one after the other, and none twice */
	for (unsigned i = 0; i < N; i++) {
		struct port *port;

		assert_int_equal(ports_open(p, &port, AF_INET), 0);
		used[i] = sa_port(&port->local);
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(used[k], used[i]);
		mem_deref(port);
	}
	mem_deref(p);
}


static void test_not_in_order(void **state)
{
	unsigned in_order = 0;
	(void)state;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct ports *p = open_range();
		struct port *a, *b;

		assert_int_equal(ports_open(p, &a, AF_INET), 0);
		assert_int_equal(ports_open(p, &b, AF_INET), 0);
		in_order += sa_port(&b->local) == sa_port(&a->local) + 2;
		mem_deref(a);
		mem_deref(b);
		mem_deref(p);
	}
	assert_true(in_order < ROUNDS / 2);
}


static void test_port_of_another_program(void **state)
{
	struct ports *p = open_range(), *q = open_range();
	struct port *theirs, *port[N];
	(void)state;

	assert_int_equal(ports_open(q, &theirs, AF_INET), 0);
	for (unsigned i = 0; i < N - 1; i++)
		assert_int_equal(ports_open(p, &port[i], AF_INET), 0);
	assert_int_equal(ports_open(p, &port[N - 1], AF_INET), ENOSPC);

	for (unsigned i = 0; i < N - 1; i++)
		mem_deref(port[i]);
	mem_deref(theirs);
	mem_deref(p);
	mem_deref(q);
}


static void test_families(void **state)
{
	const struct config_media both[] = {
		range(), {.host = "::1", .low = LOW, .high = LOW + 99},
	};
	struct ports *p = open_range();
	struct port *port;
	(void)state;

	assert_int_equal(ports_open(p, &port, AF_INET6), EAFNOSUPPORT);
	mem_deref(p);

	assert_int_equal(ports_alloc(&p, both, 2), 0);
	assert_int_equal(ports_open(p, &port, AF_INET6), 0);
	assert_int_equal(sa_af(&port->local), AF_INET6);
	/* lives on without them */
	mem_deref(p);
	mem_deref(port);
}


static void test_wrong_addresses(void **state)
{
	static const char *const hosts[] = {
		"192.0.2.1", "0.0.0.0", "::", "224.0.0.1", "localhost", "",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		struct config_media m = range();
		struct ports *p;

		str_ncpy(m.host, hosts[i], sizeof(m.host));
		if (ports_alloc(&p, &m, 1) == 0)
			fail_msg("%s", hosts[i]);
	}
}


static int open_one(void *arg)
{
	const struct config_media m = range();
	struct ports *p;
	struct port *port;
	int err;
	(void)arg;

	err = ports_alloc(&p, &m, 1);
	if (err)
		return err;
	err = ports_open(p, &port, AF_INET);
	if (!err)
		mem_deref(port);
	mem_deref(p);

	return err;
}


static void test_oom(void **state)
{
	(void)state;

	assert_true(oom_loop(open_one, NULL) >= 3);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_even_and_in_range),
		cmocka_unit_test(test_none_left),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_not_in_order),
		cmocka_unit_test(test_port_of_another_program),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_wrong_addresses),
		cmocka_unit_test(test_oom),
	};
	int n;

	if (libre_init())
		return 1;
	n = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return n;
}
