/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pulse.c  Asks a process whether it is there. Must not wait for it, nor end
 * it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire/conn.h"
#include "pulse.h"


static void shut(struct pulse *p)
{
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
}


void pulse_init(struct pulse *p, const char *path)
{
	memset(p, 0, sizeof(*p));
	(void)snprintf(p->path, sizeof(p->path), "%s", path ? path : "");
	p->fd = -1;
	p->due_ms = UINT64_MAX;
}


void pulse_begin(struct pulse *p, uint64_t now_ms)
{
	pulse_end(p);
	if (p->path[0])
		p->due_ms = now_ms + PULSE_MS;
}


void pulse_end(struct pulse *p)
{
	shut(p);
	p->n_unheard = 0;
	p->due_ms = UINT64_MAX;
}


bool pulse_look(struct pulse *p, uint64_t now_ms)
{
	const struct wire_none none = {0};
	int err = 0;

	p->due_ms = now_ms + PULSE_MS;
	if (p->fd < 0)
		err = wire_knock(&p->fd, p->path, WIRE_TOOL, WIRE_BEAT, &none);
	/* EAGAIN: so many wait for it that there is no room for us */
	if (err && err != EAGAIN) {
		p->n_unheard = 0;
		return false;
	}

	return ++p->n_unheard > PULSE_UNHEARD;
}


void pulse_read(struct pulse *p)
{
	const int err = wire_knock_heard(p->fd, WIRE_TOOL, WIRE_MEDIA);

	if (err == EAGAIN)
		return;
	if (!err)
		p->n_unheard = 0;
	shut(p);
}
