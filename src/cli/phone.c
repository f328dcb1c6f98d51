/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone.c  `ringback phone`: a phone that answers, for the demo and for
 * tests. One call at a time; says what happens, and who rings only if it is
 * asked to.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <re.h>

#include "base/limits.h"
#include "base/step.h"
#include "phone/call.h"
#include "phone/phone.h"
#include "command.h"
#include "exit.h"
#include "handset.h"
#include "loop.h"
#include "opts.h"


enum {
	BUSY = 486,
	CALLS_MAX = 1000000,
	AFTER_MAX = 3600000,
};

struct settings {
	const char *data;
	const char *listen;
	const char *wav;
	const char *record;
	const char *keys;
	uint32_t after_ms;
	uint32_t talk_ms;
	uint32_t n_calls;
	uint32_t scode;
	int transport;
	int codec;
	bool quiet;
	bool show_caller;
};

struct answerer {
	struct settings set;
	struct handset hs;
	uint32_t n_calls;
};

static const struct opt rows[] = {
	{OPT_TEXT, "--listen", "ADDR:PORT", offsetof(struct settings, listen),
	 "where to be rung; port 0: any, it is said", 0, 0, NULL},
	{OPT_NUMBER, "--after", "MS", offsetof(struct settings, after_ms),
	 "let it ring so long (0)", 0, AFTER_MAX, NULL},
	{OPT_SECONDS, "--talk", "SECONDS", offsetof(struct settings, talk_ms),
	 "hang up so long after picking up (else never)", 0, 0, NULL},
	{OPT_NUMBER, "--answer", "CODE", offsetof(struct settings, scode),
	 "refuse with this SIP status (200: pick up)", 200, 699, NULL},
	{OPT_NUMBER, "--calls", "N", offsetof(struct settings, n_calls),
	 "stop after so many calls (else never)", 1, CALLS_MAX, NULL},
	HANDSET_FILES(settings, "write what is heard; heard.wav, then"
				" heard-2.wav and so on"),
	HANDSET_KEYS(settings),
	{OPT_FLAG, "--show-caller", NULL,
	 offsetof(struct settings, show_caller),
	 "print the caller's id as it is shown here", 0, 0, NULL},
	HANDSET_MANNERS(settings, "only that (both)"),
};

static const struct opts options = {
	"ringback phone --listen ADDR:PORT [--after MS] [--talk SECONDS]"
	" [--answer CODE] [--calls N] [--wav FILE] [--record FILE]"
	" [--keys WAIT:KEYS,..] [--show-caller] [--transport udp|tcp] [--codec pcmu|pcma] [--quiet]",
	"A phone that answers, to try a line. Takes one call at a time; runs"
	" until Ctrl-C.",
	rows, STEP_COUNT(rows),
};


static void say(const struct answerer *a, const char *what)
{
	if (!a->set.quiet)
		printf("%s\n", what);
}


static void say_after(const struct answerer *a, const char *what)
{
	if (!a->set.quiet)
		printf("%s after %.1f s.\n", what,
		       handset_since(a->hs.answered));
}


/* "heard.wav", then "heard-2.wav", "heard-3.wav" */
static void record_path(char *path, size_t size, const char *file, uint32_t n)
{
	const char *slash = strrchr(file, '/');
	const char *dot = strrchr(slash ? slash : file, '.');
	const int stem = (int)(dot ? dot - file : (ptrdiff_t)strlen(file));

	if (n > 1)
		(void)snprintf(path, size, "%.*s-%u%s", stem, file, n,
			       dot ? dot : "");
	else
		(void)snprintf(path, size, "%s", file);
}


static void record_save(struct answerer *a)
{
	char path[LIMIT_PATH];

	if (!a->set.record || !a->hs.answered)
		return;

	record_path(path, sizeof(path), a->set.record, a->n_calls);
	if (handset_save(&a->hs, path) != EXIT_DONE)
		a->hs.code = EXIT_FAILED;
}


static void count(struct answerer *a)
{
	++a->n_calls;
	if (a->set.n_calls && a->n_calls >= a->set.n_calls)
		handset_stop(&a->hs);
}


/* how many, not which: they may be a number */
static void say_keys(const struct answerer *a)
{
	if (a->hs.answered && a->hs.keys && !a->set.quiet)
		printf("Pressed %zu of %zu keys.\n",
		       phone_call_count(a->hs.call).n_keys, a->hs.keys->n);
}


static void over(struct answerer *a)
{
	say_keys(a);
	tmr_cancel(&a->hs.tmr);
	count(a);
	record_save(a);
	a->hs.call = mem_deref(a->hs.call);
	a->hs.answered = 0;
}


static void signal_handler(void *arg)
{
	struct answerer *a = arg;

	if (a->hs.call) {
		phone_call_hang_up(a->hs.call);
		over(a);
	}
	handset_stop(&a->hs);
}


static void talked_handler(void *arg)
{
	struct answerer *a = arg;

	say_after(a, "Hung up");
	phone_call_hang_up(a->hs.call);
	over(a);
}


static void rung_enough_handler(void *arg)
{
	struct answerer *a = arg;
	int err;

	if (a->set.scode >= 300) {
		say(a, "Refused.");
		(void)phone_call_refuse(a->hs.call, (uint16_t)a->set.scode);
		over(a);
		return;
	}

	err = phone_call_answer(a->hs.call);
	if (err) {
		fprintf(stderr, "ringback: cannot pick up: %s\n",
			strerror(err));
		a->hs.code = EXIT_FAILED;
		phone_call_hang_up(a->hs.call);
		over(a);
	}
}


static void on_answered(struct answerer *a)
{
	a->hs.answered = tmr_jiffies();
	say(a, "Picked up.");
	if (a->set.talk_ms)
		tmr_start(&a->hs.tmr, a->set.talk_ms, talked_handler, a);
}


static void on_sound(struct answerer *a)
{
	say(a, "Sound arrives.");
}


static void on_ended(struct answerer *a)
{
	if (a->hs.answered)
		say_after(a, "The other side hung up");
	else
		say(a, "It stopped ringing.");
	over(a);
}


static void (*const handlers[])(struct answerer *a) = {
	[PHONE_RINGING] = NULL, /* of calls out */
	[PHONE_ANSWERED] = on_answered,
	[PHONE_SOUND] = on_sound,
	[PHONE_ENDED] = on_ended,
};


static void call_handler(struct phone_call *call, enum phone_event event,
			 void *arg)
{
	(void)call;
	if (handlers[event])
		handlers[event](arg);
}


static void show_caller(const struct sip_msg *msg)
{
	struct phone_shown shown;

	phone_shown_read(&shown, msg);
	printf("Shown: display \"%s\", user \"%s\", asserted \"%s\"\n",
	       shown.display, shown.user, shown.asserted);
}


static void take(struct answerer *a, const struct sip_msg *msg)
{
	const struct phone_call_prm prm = {
		.user = "phone",
		.codecs = handset_codec(a->set.codec),
		.wav = a->hs.wav,
		.keys = a->hs.keys,
		.record = a->set.record != NULL,
		.callh = call_handler,
		.arg = a,
	};
	int err;

	if (a->set.show_caller)
		show_caller(msg);

	err = phone_call_take(&a->hs.call, a->hs.phone, msg, &prm);
	if (err) {
		fprintf(stderr, "ringback: a call was refused: %s\n",
			strerror(err));
		return;
	}

	say(a, "It rings.");
	tmr_start(&a->hs.tmr, a->set.after_ms, rung_enough_handler, a);
}


static void rung_handler(struct phone *phone, const struct sip_msg *msg,
			 void *arg)
{
	struct answerer *a = arg;

	if (a->hs.call) {
		say(a, "Another call, while on this one: busy.");
		(void)phone_refuse(phone, msg, BUSY);
	}
	else if (a->set.scode >= 300 && !a->set.after_ms) {
		say(a, "Refused.");
		(void)phone_refuse(phone, msg, (uint16_t)a->set.scode);
		count(a);
	}
	else {
		take(a, msg);
	}
}


static int listen_open(struct answerer *a, const struct sa *laddr)
{
	const struct phone_prm prm = {
		.laddr = *laddr,
		.transports = handset_transport(a->set.transport),
		.rungh = rung_handler,
		.closedh = loop_closed,
		.arg = a,
	};
	char text[NET_ADDRSTRLEN + 16];
	int err;

	err = phone_alloc(&a->hs.phone, &prm);
	if (err) {
		fprintf(stderr, "ringback: cannot listen on %s: %s\n",
			a->set.listen, strerror(err));
		return err;
	}

	(void)re_snprintf(text, sizeof(text), "%J", phone_laddr(a->hs.phone));
	if (!a->set.quiet)
		printf("Listening on %s\n", text);

	return 0;
}


/* "1.2.3.4:5060" or "[::1]:0": a concrete address, and a port */
static int address_take(struct sa *laddr, const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *bracket = strrchr(text, ']');

	if (!colon || colon < bracket ||
	    sa_decode(laddr, text, strlen(text)) || sa_is_any(laddr))
		return opts_wrong(&options, "--listen takes ADDR:PORT or"
					    " [ADDR]:PORT, an address of this"
					    " machine");

	return 0;
}


static int run(struct answerer *a, const struct sa *laddr)
{
	int err;

	err = listen_open(a, laddr);

	return err ? err : loop_run(&a->hs.loop);
}


int phone_main(int argc, char *argv[])
{
	struct answerer a = {
		.set = {.scode = 200, .transport = HANDSET_ANY,
			.codec = HANDSET_ANY},
		.hs = {.code = EXIT_DONE},
	};
	struct sa laddr;
	int err;

	err = opts_read(&options, argc, argv, &a.set);
	if (err)
		return opts_exit(err);
	if (!a.set.listen) {
		(void)opts_wrong(&options, "--listen is missing");
		return EXIT_USAGE;
	}
	if (address_take(&laddr, a.set.listen))
		return EXIT_USAGE;
	if (a.set.keys && handset_keys(&a.hs.keys, &options, a.set.keys))
		return EXIT_USAGE;
	if (handset_open(&a.hs, a.set.wav, a.set.record, signal_handler, &a))
		return EXIT_FAILED;

	err = run(&a, &laddr);
	handset_close(&a.hs);

	return err ? EXIT_FAILED : a.hs.code;
}
