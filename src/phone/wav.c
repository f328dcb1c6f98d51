/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wav.c  Sound files, by librem's aufile. Must not convert: a file of another
 * shape is refused, with the command that makes it fit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <re.h>
#include <rem.h>

#include "base/limits.h"
#include "wav.h"


enum {
	RATE = 8000,
	READ_BYTES = 16384,
};


static void destructor(void *arg)
{
	struct wav *wav = arg;

	mem_deref(wav->samples);
}


/* librem prints what it finds instead of "RIFF", whatever bytes they are */
static int magic_check(const char *path)
{
	char magic[4] = "";
	FILE *f = fopen(path, "r");

	if (!f) {
		int err = errno;

		fprintf(stderr, "%s: %s\n", path, strerror(err));
		return err;
	}
	(void)!fread(magic, 1, sizeof(magic), f);
	(void)fclose(f);
	if (memcmp(magic, "RIFF", sizeof(magic)) == 0)
		return 0;

	fprintf(stderr, "%s: this is not a WAV file\n", path);
	return EINVAL;
}


static int shape_check(const struct aufile_prm *prm, const char *path)
{
	if (prm->srate == RATE && prm->channels == 1 &&
	    prm->fmt == AUFMT_S16LE)
		return 0;

	fprintf(stderr,
		"%s: %u Hz, %u channel(s), %s; a telephone needs 8000 Hz,"
		" 1 channel, 16 bit. Convert it with:\n"
		"  sox '%s' -r 8000 -c 1 -b 16 -e signed-integer out.wav\n",
		path, prm->srate, prm->channels, aufmt_name(prm->fmt), path);
	return EINVAL;
}


static int read_all(struct mbuf *mb, struct aufile *af)
{
	const size_t most = (size_t)LIMIT_SOUND_S * RATE * sizeof(int16_t);
	uint8_t part[READ_BYTES];

	for (;;) {
		size_t n = sizeof(part);
		int err = aufile_read(af, part, &n);

		if (err || !n)
			return err;
		if (mb->end + n > most)
			return EFBIG;
		err = mbuf_write_mem(mb, part, n);
		if (err)
			return err;
	}
}


static int samples_take(struct wav *wav, const struct mbuf *mb)
{
	wav->n = mb->end / sizeof(int16_t);
	wav->samples = mem_alloc(wav->n ? mb->end : 1, NULL);
	if (!wav->samples)
		return ENOMEM;

	memcpy(wav->samples, mb->buf, wav->n * sizeof(int16_t));
	return 0;
}


int wav_read(struct wav **wavp, const char *path)
{
	struct aufile_prm prm = {0};
	struct aufile *af = NULL;
	struct mbuf *mb = NULL;
	struct wav *wav;
	int err;

	if (!wavp || !path)
		return EINVAL;

	wav = mem_zalloc(sizeof(*wav), destructor);
	mb = mbuf_alloc(READ_BYTES);
	if (!wav || !mb) {
		err = ENOMEM;
		goto out;
	}

	err = magic_check(path);
	if (err)
		goto out;
	err = aufile_open(&af, &prm, path, AUFILE_READ);
	if (err) {
		fprintf(stderr, "%s: this WAV file is broken\n", path);
		goto out;
	}
	err = shape_check(&prm, path);
	if (err)
		goto out;

	err = read_all(mb, af);
	if (err == EFBIG)
		fprintf(stderr, "%s: longer than %u minutes\n", path,
			LIMIT_SOUND_S / 60u);
	if (err)
		goto out;

	err = samples_take(wav, mb);

out:
	mem_deref(af);
	mem_deref(mb);
	if (err)
		mem_deref(wav);
	else
		*wavp = wav;

	return err;
}


int wav_write(const char *path, const int16_t *samples, size_t n)
{
	struct aufile_prm prm = {RATE, 1, AUFMT_S16LE};
	struct aufile *af;
	int err;

	if (!path || (!samples && n))
		return EINVAL;

	err = aufile_open(&af, &prm, path, AUFILE_WRITE);
	if (err)
		return err;

	if (n)
		err = aufile_write(af, (const uint8_t *)samples,
				   n * sizeof(*samples));
	mem_deref(af);

	return err;
}
