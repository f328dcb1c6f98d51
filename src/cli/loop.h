/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file loop.h  libre's loop around one phone, that ends politely
 */
#ifndef RINGBACK_CLI_LOOP_H
#define RINGBACK_CLI_LOOP_H

#include <stdbool.h>
#include <re.h>

#include "phone/call.h"
#include "phone/phone.h"

/** SIGINT or SIGTERM came: hang up, then loop_stop(). */
typedef void(loop_signal_h)(void *arg);

struct loop {
	int sigfd;
	struct tmr guard;
	bool stopping;
	loop_signal_h *signalh;
	void *arg;
};

/** Bring libre up. @return 0 or errno, said on standard error */
int loop_open(struct loop *l, loop_signal_h *signalh, void *arg);

/** Run until loop_stop(); a second signal ends it at once. */
int loop_run(struct loop *l);

/** Close the phone; the loop ends when the other side knows, or does not
 *  say so within a few seconds. */
void loop_stop(struct loop *l, struct phone *phone);

/** A phone's closedh: ends the loop. */
void loop_closed(void *arg);

void loop_close(struct loop *l);

/** Why a call was not answered, in plain words. */
const char *loop_why(const struct phone_end *end);

#endif
