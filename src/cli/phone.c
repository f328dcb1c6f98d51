/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * phone.c  `ringback phone`: a phone that answers, for the demo and for
 * tests. One call at a time; says what happens, never who rings.
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
#include "loop.h"
#include "opts.h"


enum {
	UNSET = -1,
	BUSY = 486,
	CALLS_MAX = 1000000,
	AFTER_MAX = 3600000,
};

struct settings {
	const char *data;
	const char *listen;
	const char *wav;
	const char *record;
	uint32_t after_ms;
	uint32_t talk_ms;
	uint32_t n_calls;
	uint32_t scode;
	int transport;
	int codec;
	bool quiet;
};

struct answerer {
	struct settings set;
	struct loop loop;
	struct phone *phone;
	struct phone_call *call; /* NULL: free */
	struct wav *wav;
	struct tmr tmr;
	uint64_t answered;
	uint32_t n_calls;
	int code;
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
	{OPT_TEXT, "--wav", "FILE", offsetof(struct settings, wav),
	 "what to say, again and again (else quiet noise)", 0, 0, NULL},
	{OPT_TEXT, "--record", "FILE", offsetof(struct settings, record),
	 "write what is heard; heard.wav, then heard-2.wav and so on", 0, 0, NULL},
	{OPT_WORD, "--transport", "udp|tcp",
	 offsetof(struct settings, transport), "only that (both)", 0, 0,
	 loop_transports},
	{OPT_WORD, "--codec", "pcmu|pcma", offsetof(struct settings, codec),
	 "speak only that (both)", 0, 0, loop_codecs},
	{OPT_FLAG, "--quiet", NULL, offsetof(struct settings, quiet),
	 "say only what went wrong", 0, 0, NULL},
	OPT_DATA(settings),
};

static const struct opts options = {
	"ringback phone --listen ADDR:PORT [--after MS] [--talk SECONDS]"
	" [--answer CODE] [--calls N] [--wav FILE] [--record FILE]"
	" [--transport udp|tcp] [--codec pcmu|pcma] [--quiet]",
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
		       (double)(tmr_jiffies() - a->answered) / 1000.0);
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

	if (!a->set.record || !a->answered)
		return;

	record_path(path, sizeof(path), a->set.record, a->n_calls);
	if (loop_save(a->call, path) != EXIT_DONE)
		a->code = EXIT_FAILED;
}


static void count(struct answerer *a)
{
	++a->n_calls;
	if (a->set.n_calls && a->n_calls >= a->set.n_calls)
		loop_stop(&a->loop, a->phone);
}


static void over(struct answerer *a)
{
	tmr_cancel(&a->tmr);
	count(a);
	record_save(a);
	a->call = mem_deref(a->call);
	a->answered = 0;
}


static void signal_handler(void *arg)
{
	struct answerer *a = arg;

	if (a->call) {
		phone_call_hang_up(a->call);
		over(a);
	}
	loop_stop(&a->loop, a->phone);
}


static void talked_handler(void *arg)
{
	struct answerer *a = arg;

	say_after(a, "Hung up");
	phone_call_hang_up(a->call);
	over(a);
}


static void rung_enough_handler(void *arg)
{
	struct answerer *a = arg;
	int err;

	if (a->set.scode >= 300) {
		say(a, "Refused.");
		(void)phone_call_refuse(a->call, (uint16_t)a->set.scode);
		over(a);
		return;
	}

	err = phone_call_answer(a->call);
	if (err) {
		fprintf(stderr, "ringback: cannot pick up: %s\n",
			strerror(err));
		a->code = EXIT_FAILED;
		phone_call_hang_up(a->call);
		over(a);
	}
}


static void on_answered(struct answerer *a)
{
	a->answered = tmr_jiffies();
	say(a, "Picked up.");
	if (a->set.talk_ms)
		tmr_start(&a->tmr, a->set.talk_ms, talked_handler, a);
}


static void on_sound(struct answerer *a)
{
	say(a, "Sound arrives.");
}


static void on_ended(struct answerer *a)
{
	if (a->answered)
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


static void take(struct answerer *a, const struct sip_msg *msg)
{
	const struct phone_call_prm prm = {
		.user = "phone",
		.codecs = loop_codec(a->set.codec),
		.wav = a->wav,
		.record = a->set.record != NULL,
		.callh = call_handler,
		.arg = a,
	};
	int err;

	err = phone_call_take(&a->call, a->phone, msg, &prm);
	if (err) {
		fprintf(stderr, "ringback: a call was refused: %s\n",
			strerror(err));
		return;
	}

	say(a, "It rings.");
	tmr_start(&a->tmr, a->set.after_ms, rung_enough_handler, a);
}


static void rung_handler(struct phone *phone, const struct sip_msg *msg,
			 void *arg)
{
	struct answerer *a = arg;

	if (a->call) {
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
		.transports = loop_transport(a->set.transport),
		.rungh = rung_handler,
		.closedh = loop_closed,
		.arg = a,
	};
	char text[NET_ADDRSTRLEN + 16];
	int err;

	err = phone_alloc(&a->phone, &prm);
	if (err) {
		fprintf(stderr, "ringback: cannot listen on %s: %s\n",
			a->set.listen, strerror(err));
		return err;
	}

	(void)re_snprintf(text, sizeof(text), "%J", phone_laddr(a->phone));
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

	err = a->set.wav ? wav_read(&a->wav, a->set.wav) : 0;
	if (err)
		return err;
	err = listen_open(a, laddr);

	return err ? err : loop_run(&a->loop);
}


int phone_main(int argc, char *argv[])
{
	struct answerer a = {
		.set = {.scode = 200, .transport = UNSET, .codec = UNSET},
		.code = EXIT_DONE,
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
	if (loop_open(&a.loop, signal_handler, &a))
		return EXIT_FAILED;

	err = run(&a, &laddr);

	tmr_cancel(&a.tmr);
	mem_deref(a.call);
	mem_deref(a.phone);
	mem_deref(a.wav);
	loop_close(&a.loop);

	return err ? EXIT_FAILED : a.code;
}
