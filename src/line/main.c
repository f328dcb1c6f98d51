/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * main.c  ringback-line: SIP on one side, the store and the media process on
 * the other, the core in between. Started by the keeper.
 */
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>
#include <sodium.h>
#include <re.h>

#include "base/config.h"
#include "base/config_media.h"
#include "base/daemon.h"
#include "seal/held.h"
#include "wire/about.h"
#include "control.h"
#include "door.h"
#include "ports.h"
#include "reception.h"
#include "registrar.h"
#include "shut.h"
#include "switchboard.h"

#define LOG_MODULE "line"
#include "base/log.h"


enum { MAX_FDS = 65536, FAREWELL_MS = 2000, FAREWELL_STEP_MS = 10,
       FIND_MS = 1000 };

/* main.c is the one place for variables of the whole process: signal
 * handlers of libre have no argument */
static struct line {
	struct config *config;
	struct store *store;
	struct held *held; /* the dialler's key; NULL: none was handed to us */
	struct sound *sound;
	struct ports ports;
	struct trunks *trunks;
	struct door *door;
	struct registrar *registrar;
	struct switchboard *switchboard;
	struct reception *reception;
	struct control *control;
	struct tmr tmr;
	uint64_t farewell_until;
	int lock;
} line;


static void leave(void *arg)
{
	(void)arg;

	if ((switchboard_is_idle(line.switchboard) &&
	     trunks_are_idle(line.trunks)) ||
	    tmr_jiffies() >= line.farewell_until)
		re_cancel();
	else
		tmr_start(&line.tmr, FAREWELL_STEP_MS, leave, NULL);
}


/* say good-bye to everybody, then go; at the second signal go at once */
static void on_signal(int sig)
{
	(void)sig;

	if (line.farewell_until) {
		re_cancel();
		return;
	}

	log_note("stopping: every call is ended, every registration taken "
		 "back");
	line.farewell_until = tmr_jiffies() + FAREWELL_MS;
	reception_close(line.reception);
	switchboard_close(line.switchboard);
	trunks_leave(line.trunks);
	leave(NULL);
}


/* Talks that an earlier life of this process left are known before anybody
 * can say a word about them. */
static int sound_open(void)
{
	const struct config *config = line.config;
	char path[LIMIT_NAME];
	int err;

	config_media_path(path, config, 0);
	err = sound_alloc(&line.sound, path, NULL, NULL);
	for (uint32_t i = 1; i < config->media_processes && !err; i++) {
		config_media_path(path, config, i);
		err = sound_add(line.sound, path);
	}
	if (err)
		return err;
	sound_find(line.sound, FIND_MS);
	if (sound_found_count(line.sound))
		log_note("%zu legs are there from before",
			 sound_found_count(line.sound));

	return 0;
}


static int line_open(void)
{
	const struct step_trace trace = {step_trace_log, NULL};
	struct switchboard_config sc;
	int err;

	err = sound_open();
	if (err)
		return err;
	err = ports_open(&line.ports, line.config);
	if (err)
		return err;
	err = store_open(&line.store, ".", STORE_TOOL);
	if (err)
		return err;
	err = shut_in(line.store);
	if (err)
		return err;
	err = store_start(line.store);
	if (err)
		return err;
	err = trunks_alloc(&line.trunks, line.ports.sip, &trace);
	if (err)
		return err;
	trunks_secure(line.trunks, line.ports.tls, 
		      (enum wire_srtp)line.config->sip_srtp);
	err = door_alloc(&line.door, line.ports.sip, line.trunks);
	if (err)
		return err;
	err = registrar_alloc(&line.registrar, line.ports.sip, line.store);
	if (err)
		return err;

	sc = (struct switchboard_config){
		.config = line.config,
		.sip = line.ports.sip,
		.store = line.store,
		.held = line.held,
		.sound = line.sound,
		.trunks = line.trunks,
		.registrar = line.registrar,
		.laddrs = line.ports.laddrs,
		.n_laddrs = line.ports.n_laddrs,
		.credentialsh = trunks_credentials,
		.srtph = trunks_srtp,
		.expecth = trunks_expect,
		.credentials_arg = line.trunks,
	};
	err = switchboard_alloc(&line.switchboard, &sc);
	if (err)
		return err;
	err = trunks_load(line.trunks, line.store);
	if (err)
		return err;
	err = reception_alloc(&line.reception, line.ports.sip, line.door,
			      line.registrar, line.switchboard);
	if (err)
		return err;
	err = reception_open(line.reception, &line.ports);
	if (err)
		return err;

	err = control_alloc(&line.control, "run/line.sock", line.switchboard,
			    line.trunks, line.store);
	if (!err)
		control_guard(line.control);

	return err;
}


static void line_close(void)
{
	tmr_cancel(&line.tmr);
	line.control = mem_deref(line.control);
	line.reception = mem_deref(line.reception);
	line.switchboard = mem_deref(line.switchboard);
	line.sound = mem_deref(line.sound);
	line.trunks = mem_deref(line.trunks);
	line.registrar = mem_deref(line.registrar);
	line.door = mem_deref(line.door);
	ports_close(&line.ports);
	store_close(line.store);
	config_free(line.config);
	held_free(line.held);
}


/* EX_CONFIG tells the keeper that trying again is of no use */
static int exit_code(int err)
{
	switch (err) {
	case 0: return 0;
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case EACCES:
	case ENOENT:
	case ENOTSUP: return EX_CONFIG;
	default: return EX_TEMPFAIL;
	}
}


enum { ARGS = 3, ARGS_KEY = 5 }; /* --data DIR, --key-fd N */


/* from the keeper, by a pipe that nobody else has */
static void key_read(int argc, char *argv[])
{
	int err, fd;

	if (argc != ARGS_KEY)
		return;
	fd = atoi(argv[4]);
	err = held_read(&line.held, fd);
	if (err)
		log_error("no key to callers' numbers came from the keeper "
			  "(%s): those who wait can be rung back once a "
			  "coordinator has signed in", strerror(err));
	(void)close(fd);
}


static int enter(int argc, char *argv[])
{
	const bool has_key = argc == ARGS_KEY &&
			     strcmp(argv[3], "--key-fd") == 0;

	return daemon_enter(has_key ? ARGS : argc, argv);
}


int main(int argc, char *argv[])
{
	int err;

	daemon_harden();
	if (wire_about(argc, argv))
		return 0;
	err = enter(argc, argv);
	if (err)
		return EX_USAGE;
	err = config_read(&line.config, ".");
	if (err)
		return EX_CONFIG;
	log_level_set(line.config->log);
	if (hours_zone(line.config->timezone))
		return EX_CONFIG;
	err = daemon_lock("line", &line.lock);
	if (err)
		return EX_TEMPFAIL;

	err = sodium_init() < 0 ? EIO : libre_init();
	if (!err)
		key_read(argc, argv);
	if (!err)
		err = fd_setsize(MAX_FDS);
	if (!err)
		err = line_open();
	if (!err) {
		(void)daemon_say(line.lock, DAEMON_READY);
		log_note("ready");
		err = re_main(on_signal);
	}
	else {
		log_error("not started: %s", strerror(err));
	}

	line_close();
	libre_close();

	return exit_code(err);
}
