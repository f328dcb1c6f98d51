/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * registrar.c  A stack with trunks, and what a provider of one of them says.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "clock.h"
#include "registrar.h"


static void request(const struct sip_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
}


int registrar_begin(void **state)
{
	struct fixture *f = mem_zalloc(sizeof(*f), NULL);

	assert_non_null(f);
	clock_reset();
	sip_bench_open(&f->bench, request, NULL, f);
	sip_peer_open(&f->registrar, "127.0.0.1", &f->bench.laddr);
	sip_trunks_open(&f->trunks, f->bench.sip);
	sip_trunks_secret(&f->trunks, "open sesame\n");
	*state = f;

	return 0;
}


int registrar_end(void **state)
{
	struct fixture *f = *state;

	sip_trunks_close(&f->trunks);
	sip_peer_close(&f->registrar);
	sip_bench_close(&f->bench);
	mem_deref(f);

	return 0;
}


void registrar_add(struct fixture *f)
{
	sip_trunks_register(&f->trunks, "provider", "line",
			    &f->registrar.laddr);
}


const struct sip_msg *registrar_next(struct fixture *f)
{
	return sip_peer_await(&f->registrar, "REGISTER");
}


static bool is_wanted(void *arg)
{
	const struct fixture *f = arg;

	return sip_trunks_state(&f->trunks, "provider") == f->wanted;
}


void registrar_await(struct fixture *f, enum wire_trunk_state wanted)
{
	f->wanted = (int)wanted;
	sip_loop(is_wanted, f, "the trunk's state");
}


void registrar_reply(struct fixture *f, const struct sip_msg *msg,
		     unsigned scode, const char *headers)
{
	sip_peer_reply(&f->registrar, msg, scode, "registrar", headers, NULL);
}
