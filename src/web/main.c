/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-web: serves the counsellors' page, and carries what is done
 * there to the line. Started by the keeper. Touches neither SIP nor sound;
 * calls go on when it dies.
 */
#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/daemon.h"
#include "base/sandbox.h"
#include "wire/about.h"
#include "accounts.h"
#include "bridge.h"
#include "console.h"
#include "folder.h"
#include "openapi.h"
#include "routes.h"
#include "web.h"

#define LOG_MODULE "web"
#include "base/log.h"


enum { MAX_FDS = 16384 };

/* main.c is the one place for variables of the whole process: signal
 * handlers of libre have no argument */
static struct web web;


static void on_signal(int sig)
{
	(void)sig;
	re_cancel();
}


static void on_presence(uint32_t person, bool present, void *arg)
{
	struct web *w = arg;

	bridge_presence(w->bridge, person, present);
}


static void on_open(struct stream *s, uint32_t person, void *arg)
{
	struct web *w = arg;

	bridge_open(w->bridge, s, person);
}


static void on_people_changed(void *arg)
{
	struct web *w = arg;

	bridge_people_changed(w->bridge);
}


static int page_open(struct web *w)
{
	char dir[LIMIT_PATH];
	int err;

	w->openapi = openapi_read();
	err = folder_find(dir, sizeof(dir), "console");

	return err ? err : console_alloc(&w->console, dir);
}


static int http_open(struct web *w)
{
	struct http_config cfg = {
		.web = w,
		.tables = routes_all,
		.sessionh = accounts_session,
		.origin = w->origin,
	};
	int err;

	config_origin(w->origin, w->config);
	w->secure = strncmp(w->origin, "https://", 8) == 0;
	if (w->config->http_certificate[0]) {
		cfg.certificate = w->config->http_certificate;
		cfg.key = w->config->http_key;
	}
	err = sa_set_str(&cfg.addr, w->config->http.host,
			 w->config->http.port);
	if (err)
		return err;

	err = http_alloc(&w->http, &cfg);
	if (err)
		log_error("the counsellors' page cannot be served: %s. "
			  "Is another program there? See option http",
			  strerror(err));

	return err;
}


static int web_open(struct web *w)
{
	int err;

	err = store_open(&w->store, ".", STORE_TOOL);
	if (err)
		return err;
	err = page_open(w);
	if (err)
		return err;
	err = http_open(w);
	if (err)
		return err;
	err = sandbox_enter(&sandbox_web, NULL);
	if (err)
		return err;
	err = store_start(w->store);
	if (err)
		return err;
	err = events_alloc(&w->events, on_presence, on_open, w);
	if (err)
		return err;
	err = bridge_alloc(&w->bridge, w, "run/line.sock");
	if (err)
		return err;

	return accounts_alloc(&w->accounts, w, on_people_changed, w);
}


/* pages are cut off first: libmicrohttpd has to be rid of them */
static void web_close(struct web *w)
{
	struct events *events = w->events;

	w->bridge = mem_deref(w->bridge);
	mem_deref(events);
	w->http = mem_deref(w->http);
	w->console = mem_deref(w->console);
	w->accounts = mem_deref(w->accounts);
	json_decref(w->openapi);
	store_close(w->store);
	config_free(w->config);
}


static int serve(struct web *w, int lock)
{
	int err;

	err = sodium_init() < 0 ? EIO : libre_init();
	if (!err)
		err = fd_setsize(MAX_FDS);
	if (!err)
		err = web_open(w);
	if (!err) {
		(void)daemon_say(lock, DAEMON_READY);
		log_note("ready");
		err = re_main(on_signal);
	}
	else {
		log_error("not started: %s", strerror(err));
	}

	web_close(w);
	libre_close();

	/* whatever it was may pass, and calls go on without the page */
	return err ? EX_TEMPFAIL : 0;
}


int main(int argc, char *argv[])
{
	int lock;

	daemon_harden();
	if (wire_about(argc, argv))
		return 0;
	if (argc == 2 && strcmp(argv[1], "--routes") == 0) {
		routes_print(stdout);
		return 0;
	}
	if (daemon_enter(argc, argv))
		return EX_USAGE;
	if (config_read(&web.config, "."))
		return EX_CONFIG;
	log_level_set(web.config->log);
	if (daemon_lock("web", &lock))
		return EX_TEMPFAIL;

	return serve(&web, lock);
}
