/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound_beat.c  Does a media process still answer? One that hangs keeps its
 * connection, and its callers in silence. Must not decide what becomes of them.
 */
#include "base/traces.h"
#include "sound_parts.h"

#define LOG_MODULE "sound"
#include "base/log.h"


/* Beats are counted, no time is measured: while the whole machine stands still
 * nobody is to blame. Who is watched by a sanitizer takes longer. */
enum { BEAT_MS = TRACES_SANITIZED ? 500 : 250, BEATS_UNHEARD = 7 };


static void beat_heard(const struct wire_msg *msg, void *arg)
{
	struct sound_media *m = arg;

	if (!msg)
		return;
	m->asked = false;
	m->n_unheard = 0;
}


static void beat(void *arg)
{
	const struct wire_none none = {0};
	struct sound_media *m = arg;

	if (m->asked && ++m->n_unheard >= BEATS_UNHEARD) {
		if (m->up)
			log_error("a media process does not answer any more");
		sound_gone(m);
		return;
	}

	if (!m->asked)
		m->asked = !wire_ask(m->conn, WIRE_BEAT, &none, NULL, 0,
				     beat_heard, m);
	tmr_start(&m->tmr_beat, BEAT_MS, beat, m);
}


void sound_beat_start(struct sound_media *m)
{
	m->asked = false;
	m->n_unheard = 0;
	beat(m);
}
