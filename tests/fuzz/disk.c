/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * disk.c  A disk that takes each write at once, and says so a little later, in
 * the loop: as the threads of the store and of wiper.c do, but always in the same
 * order. Stands in for wiper.c; linked with --wrap=writer_later.
 */
#include <errno.h>
#include <re.h>

#include "base/message.h"
#include "fuzz.h"
#include "line/wiper.h"
#include "store/writer.h"

int __real_writer_later(struct writer *w, write_h *writeh, const void *data,
			size_t size, enum pen_scrub scrub,
			store_done_h *doneh, void *arg);
int __wrap_writer_later(struct writer *w, write_h *writeh, const void *data,
			size_t size, enum pen_scrub scrub,
			store_done_h *doneh, void *arg);

struct written {
	struct le le;
	store_done_h *doneh;
	void *arg;
	int err;
};

static struct list writtenl;
static struct tmr tmr;


static void tell(void *arg)
{
	struct le *le;
	(void)arg;

	while ((le = list_head(&writtenl))) {
		struct written *w = le->data;

		list_unlink(&w->le);
		if (w->doneh)
			w->doneh(w->err, w->arg);
		mem_deref(w);
	}
}


static void later(store_done_h *doneh, int err, void *arg)
{
	struct written *written = mem_zalloc(sizeof(*written), NULL);

	HOLDS(written);
	written->doneh = doneh;
	written->arg = arg;
	written->err = err;
	list_append(&writtenl, &written->le, written);
	tmr_start(&tmr, 0, tell, NULL);
}


int __wrap_writer_later(struct writer *w, write_h *writeh, const void *data,
			size_t size, enum pen_scrub scrub,
			store_done_h *doneh, void *arg)
{
	later(doneh, __real_writer_later(w, writeh, data, size, scrub, NULL,
					 NULL), arg);

	return 0;
}


int wiper_alloc(struct wiper **wp)
{
	*wp = mem_zalloc(1, NULL);

	return *wp ? 0 : ENOMEM;
}


int wiper_message(struct wiper *w, uint64_t call)
{
	(void)w;

	return message_retire(call);
}


int wiper_wait(struct wiper *w, wiper_done_h *h, void *arg)
{
	(void)w;
	later(h, 0, arg);

	return 0;
}
