/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * handset.c  One phone and its call, from the options to the end. Who calls
 * whom is the commands' matter.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
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


int handset_keys(struct keys **kp, const struct opts *o, const char *text)
{
	int err = keys_decode(kp, text);

	if (err == ENOMEM)
		fprintf(stderr, "ringback: %s\n", strerror(err));
	else if (err)
		(void)opts_wrong(o, "--keys takes WAIT:KEYS, as 3:1 or"
				    " 3:1,10:1555#; each WAIT in seconds after"
				    " the answer, not before the last one");
	return err;
}


/* leaves nothing behind, and does not wait for the reader of a pipe */
static int may_write(const char *path)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		  S_IRUSR | S_IWUSR);
	if (fd >= 0) {
		(void)close(fd);
		return unlink(path) < 0 ? errno : 0;
	}
	if (errno != EEXIST)
		return errno;

	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno;
	(void)close(fd);

	return 0;
}


static int record_check(const char *path)
{
	int err = may_write(path);

	if (err)
		fprintf(stderr, "ringback: --record %s: %s\n", path,
			strerror(err));
	return err;
}


int handset_open(struct handset *h, const char *wav, const char *record,
		 loop_signal_h *signalh, void *arg)
{
	int err;

	err = loop_open(&h->loop, signalh, arg);
	if (err) {
		h->keys = mem_deref(h->keys);
		return err;
	}

	err = wav ? wav_read(&h->wav, wav) : 0;
	if (!err && record)
		err = record_check(record);
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
	h->keys = mem_deref(h->keys);
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
