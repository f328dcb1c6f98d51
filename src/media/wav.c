/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wav.c  Reads WAV files with librem, and says what is wrong in words that an
 * operator with a recording can act on. Must not convert: what a recording
 * sounds like after resampling is for its owner to hear.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <re.h>
#include <rem.h>

#include "wav.h"
#include "codec.h"
#include "base/limits.h"


enum { MAX_SAMPLES = LIMIT_PROMPT_SECONDS * CODEC_RATE };

static const char right[] =
	"it must be a WAV file of 8000 Hz, mono, 16 bit; convert it with: "
	"sox IN.wav -r 8000 -c 1 -b 16 -e signed-integer OUT.wav";


static int refuse(char why[WAV_WHY], const char *what)
{
	(void)re_snprintf(why, WAV_WHY, "%s; %s", what, right);

	return EBADMSG;
}


/* librem writes to standard error what it finds instead of these */
static bool is_wav(const char *path)
{
	char head[16];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return false;
	n = fread(head, 1, sizeof(head), f);
	(void)fclose(f);

	return n == sizeof(head) && memcmp(head, "RIFF", 4) == 0 &&
	       memcmp(head + 8, "WAVEfmt ", 8) == 0;
}


static int open_checked(struct aufile **afp, const char *path,
			char why[WAV_WHY])
{
	struct aufile_prm prm;
	struct aufile *af;
	struct stat st;
	char is[64];
	int err;

	if (stat(path, &st) < 0 || access(path, R_OK) < 0) {
		err = errno;
		(void)re_snprintf(why, WAV_WHY, "%s", strerror(err));
		return err;
	}
	if (!S_ISREG(st.st_mode))
		return refuse(why, "it is no file");
	err = is_wav(path) ? aufile_open(&af, &prm, path, AUFILE_READ)
			   : EBADMSG;
	if (err == ENOMEM) {
		(void)re_snprintf(why, WAV_WHY, "%s", strerror(err));
		return err;
	}
	if (err)
		return refuse(why, "it is no WAV file of 16 bit samples");

	if (prm.srate != CODEC_RATE || prm.channels != 1 ||
	    prm.fmt != AUFMT_S16LE) {
		(void)re_snprintf(is, sizeof(is),
				  "it is %u Hz, %u channel(s), %s", prm.srate,
				  prm.channels, aufmt_name(prm.fmt));
		mem_deref(af);
		return refuse(why, is);
	}

	*afp = af;
	return 0;
}


/* @param mb grows to what the file holds, up to one sample too many */
static int read_all(struct mbuf *mb, struct aufile *af)
{
	uint8_t buf[4096];
	int err = 0;

	while (!err && mb->end <= MAX_SAMPLES * sizeof(int16_t)) {
		size_t n = sizeof(buf);

		err = aufile_read(af, buf, &n);
		if (err || !n)
			break;
		err = mbuf_write_mem(mb, buf, n);
	}

	return err;
}


static int decode(int16_t **pcmp, size_t *np, const struct mbuf *mb)
{
	const size_t n = mb->end / sizeof(int16_t);
	int16_t *pcm = mem_alloc(n * sizeof(*pcm), NULL);

	if (!pcm)
		return ENOMEM;
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)(mb->buf[2 * i] | mb->buf[2 * i + 1] << 8);

	*pcmp = pcm;
	*np = n;

	return 0;
}


int wav_read(int16_t **pcmp, size_t *np, const char *path, char why[WAV_WHY])
{
	struct aufile *af = NULL;
	struct mbuf *mb;
	int err;

	if (!pcmp || !np || !path || !why)
		return EINVAL;

	mb = mbuf_alloc(4096);
	if (!mb) {
		(void)re_snprintf(why, WAV_WHY, "%s", strerror(ENOMEM));
		return ENOMEM;
	}

	err = open_checked(&af, path, why);
	if (err)
		goto out;

	err = read_all(mb, af);
	if (!err && mb->end < sizeof(int16_t))
		err = refuse(why, "it is empty");
	else if (!err && mb->end > MAX_SAMPLES * sizeof(int16_t))
		err = refuse(why, "it is longer than ten minutes");
	else if (!err)
		err = decode(pcmp, np, mb);
	if (err && err != EBADMSG)
		(void)re_snprintf(why, WAV_WHY, "%s", strerror(err));

out:
	mem_deref(af);
	mem_deref(mb);

	return err;
}
