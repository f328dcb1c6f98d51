/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * disk.c  A disk that takes each write at once, and says so a little later, in
 * the loop: as the store's own thread does, but always in the same order. Linked
 * with --wrap=writer_later.
 */
#include <re.h>

#include "fuzz.h"
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


int __wrap_writer_later(struct writer *w, write_h *writeh, const void *data,
			size_t size, enum pen_scrub scrub,
			store_done_h *doneh, void *arg)
{
	struct written *written = mem_zalloc(sizeof(*written), NULL);

	HOLDS(written);
	written->doneh = doneh;
	written->arg = arg;
	written->err = __real_writer_later(w, writeh, data, size, scrub, NULL,
					   NULL);
	list_append(&writtenl, &written->le, written);
	tmr_start(&tmr, 0, tell, NULL);

	return 0;
}
