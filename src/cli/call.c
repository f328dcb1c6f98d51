/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * call.c  `ringback call`: a caller. Says what happens, never whom it calls.
 */
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <re.h>

#include "base/step.h"
#include "phone/call.h"
#include "phone/phone.h"
#include "command.h"
#include "exit.h"
#include "handset.h"
#include "loop.h"
#include "opts.h"
#include "sipuri.h"


struct settings {
	const char *data;
	const char *uri;
	const char *wav;
	const char *record;
	const char *dtmf;
	const char *keys;
	const char *from;
	uint32_t for_ms;
	int transport;
	int codec;
	bool quiet;
};

struct caller {
	struct settings set;
	struct handset hs;
	uint64_t dialled; /* jiffies */
	bool ringing;
};

static const struct opt rows[] = {
	{OPT_PLACE, "URI", NULL, offsetof(struct settings, uri),
	 "whom to call: sip:USER@HOST[:PORT]", 0, 0, NULL},
	HANDSET_FILES(settings, "write what is heard, from the answer on"),
	{OPT_TEXT, "--dtmf", "KEYS", offsetof(struct settings, dtmf),
	 "press keys soon after the answer: 0-9 * # A-D, \",\" waits a"
	 " second", 0, 0, NULL},
	HANDSET_KEYS(settings),
	{OPT_SECONDS, "--for", "SECONDS", offsetof(struct settings, for_ms),
	 "hang up so long after the answer, or give up without one", 0, 0,
	 NULL},
	{OPT_TEXT, "--from", "USER", offsetof(struct settings, from),
	 "user part to call as", 0, 0, NULL},
	HANDSET_MANNERS(settings, "how to send (udp)"),
};

static const struct opts options = {
	"ringback call URI [--wav FILE] [--record FILE] [--dtmf KEYS]"
	" [--keys WAIT:KEYS,..] [--for SECONDS] [--from USER] [--transport udp|tcp]"
	" [--codec pcmu|pcma] [--quiet]",
	"Calls a SIP address, to try a line. Exits 0 if it was answered."
	" WAV files: 8000 Hz,\nmono, 16 bit.",
	rows, STEP_COUNT(rows),
};


static void say(const struct caller *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct caller *c, const char *fmt, ...)
{
	va_list ap;

	if (c->set.quiet)
		return;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}


/* how many, not which: they may be a number */
static void say_keys(const struct caller *c)
{
	if (c->hs.answered && c->hs.keys)
		say(c, "Pressed %zu of %zu keys.",
		    phone_call_count(c->hs.call).n_keys, c->hs.keys->n);
}


static void finish(struct caller *c)
{
	tmr_cancel(&c->hs.tmr);
	say_keys(c);
	if (c->hs.answered && handset_save(&c->hs, c->set.record) == EXIT_DONE)
		c->hs.code = EXIT_DONE;
	handset_stop(&c->hs);
}


static void hang_up(struct caller *c)
{
	if (c->hs.answered)
		say(c, "Hung up after %.1f s.", handset_since(c->hs.answered));
	else
		fprintf(stderr, "ringback: not answered within %.1f s; gave"
				" up\n", handset_since(c->dialled));

	phone_call_hang_up(c->hs.call);
	finish(c);
}


static void enough_handler(void *arg)
{
	hang_up(arg);
}


static void signal_handler(void *arg)
{
	hang_up(arg);
}


static void on_ringing(struct caller *c)
{
	if (!c->ringing)
		say(c, "It rings.");
	c->ringing = true;
}


static void on_answered(struct caller *c)
{
	c->hs.answered = tmr_jiffies();
	say(c, "Answered after %u ms.",
	    (unsigned)(c->hs.answered - c->dialled));

	if (phone_call_keys_lost(c->hs.call))
		fprintf(stderr, "ringback: the other side takes no keys\n");
	if (c->set.for_ms)
		tmr_start(&c->hs.tmr, c->set.for_ms, enough_handler, c);
}


static void on_sound(struct caller *c)
{
	say(c, "Sound arrives, %u ms after the answer.",
	    (unsigned)phone_call_first_ms(c->hs.call));
}


static void on_ended(struct caller *c)
{
	const struct phone_end end = phone_call_end(c->hs.call);

	if (end.answered)
		say(c, "The other side hung up after %.1f s.",
		    handset_since(c->hs.answered));
	else if (end.scode)
		fprintf(stderr, "ringback: not answered: %s (%u)\n",
			loop_why(&end), end.scode);
	else
		fprintf(stderr, "ringback: not answered: %s\n",
			loop_why(&end));

	finish(c);
}


static void (*const handlers[])(struct caller *c) = {
	[PHONE_RINGING] = on_ringing,
	[PHONE_ANSWERED] = on_answered,
	[PHONE_SOUND] = on_sound,
	[PHONE_ENDED] = on_ended,
};


static void call_handler(struct phone_call *call, enum phone_event event,
			 void *arg)
{
	(void)call;
	handlers[event](arg);
}


/* names are looked up here: libre would need a DNS client of its own */
static int host_find(struct sa *sa, const struct uri *uri)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	struct addrinfo *ai;
	char host[256];
	int err;

	if (!sa_set(sa, &uri->host, uri->port ? uri->port : SIP_PORT))
		return 0;

	(void)pl_strcpy(&uri->host, host, sizeof(host));
	if (getaddrinfo(host, NULL, &hints, &ai)) {
		fprintf(stderr, "ringback: that host is not known\n");
		return EHOSTUNREACH;
	}
	err = sa_set_sa(sa, ai->ai_addr);
	freeaddrinfo(ai);
	sa_set_port(sa, uri->port ? uri->port : SIP_PORT);

	return err;
}


static int dial(struct caller *c, const struct uri *uri)
{
	const struct phone_call_prm prm = {
		.user = c->set.from,
		.tcp = c->set.transport == 1,
		.codecs = handset_codec(c->set.codec),
		.wav = c->hs.wav,
		.keys = c->hs.keys,
		.record = c->set.record != NULL,
		.callh = call_handler,
		.arg = c,
	};
	struct phone_prm pprm = {
		.transports = handset_transport(prm.tcp),
		.closedh = loop_closed,
	};
	char *to = NULL;
	struct sa dst;
	int err;

	err = host_find(&dst, uri);
	if (err)
		return err;
	err = phone_route(&pprm.laddr, &dst);
	if (err)
		return err;
	err = phone_alloc(&c->hs.phone, &pprm);
	if (err)
		return err;

	err = re_sdprintf(&to, "sip:%r@%J", &uri->user, &dst);
	if (err)
		return err;

	c->dialled = tmr_jiffies();
	err = phone_call_out(&c->hs.call, c->hs.phone, to, &prm);
	mem_deref(to);

	return err;
}


static int run(struct caller *c, const struct uri *uri)
{
	int err;

	err = dial(c, uri);
	if (err) {
		fprintf(stderr, "ringback: cannot call: %s\n", strerror(err));
		return err;
	}

	say(c, "Calling.");
	if (c->set.for_ms)
		tmr_start(&c->hs.tmr, c->set.for_ms, enough_handler, c);

	return loop_run(&c->hs.loop);
}


/* "sip:...;transport=tcp" says it as well */
static void transport_take(struct settings *set, const struct uri *uri)
{
	struct pl pl, transport = PL("transport");

	if (set->transport == HANDSET_ANY &&
	    !uri_param_get(&uri->params, &transport, &pl))
		set->transport = pl_strcasecmp(&pl, "tcp") == 0;
	if (set->transport == HANDSET_ANY)
		set->transport = 0;
}


static int settings_check(struct settings *set, struct uri *uri)
{
	const char *why = sipuri_wrong(uri, set->uri);

	if (why)
		return opts_wrong(&options, "URI: %s", why);
	if (strpbrk(set->from, "@<>\" \r\n:;"))
		return opts_wrong(&options, "--from takes a user part only");

	if (set->dtmf && set->keys)
		return opts_wrong(&options, "give either --dtmf or --keys");

	transport_take(set, uri);
	return 0;
}


static int keys_take(struct keys **kp, const struct settings *set)
{
	if (set->keys)
		return handset_keys(kp, &options, set->keys);
	if (set->dtmf && keys_plain(kp, set->dtmf))
		return opts_wrong(&options, "--dtmf takes the keys 0-9 * #"
					    " A-D, and \",\" to wait");
	return 0;
}


int call_main(int argc, char *argv[])
{
	struct caller c = {
		.set = {.from = "caller", .transport = HANDSET_ANY,
			.codec = HANDSET_ANY},
		.hs = {.code = EXIT_FAILED},
	};
	struct uri uri;
	int err;

	err = opts_read(&options, argc, argv, &c.set);
	if (err)
		return opts_exit(err);
	if (settings_check(&c.set, &uri) || keys_take(&c.hs.keys, &c.set))
		return EXIT_USAGE;
	if (handset_open(&c.hs, c.set.wav, c.set.record, signal_handler, &c))
		return EXIT_FAILED;

	err = run(&c, &uri);
	handset_close(&c.hs);

	return err ? EXIT_FAILED : c.hs.code;
}
