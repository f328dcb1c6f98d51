/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handset.c  One phone and its call, from the options to the end. Who calls
 * whom is the commands' matter.
 */
#include <stdio.h>
#include <string.h>
#include <re.h>

#include "phone/offer.h"
#include "exit.h"
#include "handset.h"


const char *const handset_transports[] = {"udp", "tcp", NULL};
const char *const handset_codecs[] = {"pcmu", "pcma", NULL};


unsigned handset_transport(int place)
{
	return place < 0 ? PHONE_UDP | PHONE_TCP : 1u << place;
}


unsigned handset_codec(int place)
{
	return place < 0 ? OFFER_BOTH : 1u << place;
}


int handset_open(struct handset *h, const char *wav, loop_signal_h *signalh,
		 void *arg)
{
	int err;

	err = loop_open(&h->loop, signalh, arg);
	if (err)
		return err;

	err = wav ? wav_read(&h->wav, wav) : 0;
	if (err)
		handset_close(h);

	return err;
}


void handset_close(struct handset *h)
{
	tmr_cancel(&h->tmr);
	h->call = mem_deref(h->call);
	h->phone = mem_deref(h->phone);
	h->wav = mem_deref(h->wav);
	loop_close(&h->loop);
}


void handset_stop(struct handset *h)
{
	loop_stop(&h->loop, h->phone);
}


double handset_since(uint64_t start)
{
	return (double)(tmr_jiffies() - start) / 1000.0;
}


int handset_save(const struct handset *h, const char *path)
{
	int err;

	if (!path)
		return EXIT_DONE;

	err = phone_call_save(h->call, path);
	if (err) {
		fprintf(stderr, "ringback: %s: %s\n", path, strerror(err));
		return EXIT_FAILED;
	}

	return EXIT_DONE;
}
