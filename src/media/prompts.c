/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * prompts.c  Finds, reads and keeps prompts. Must not know who hears them.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <re.h>

#include "prompts.h"
#include "noise.h"
#include "wav.h"
#include "base/limits.h"

#define LOG_MODULE "prompts"
#include "base/log.h"


enum {
	NAME_MAX_BYTES = LIMIT_LANGUAGE + 1 + LIMIT_PROMPT,
	PATH_BYTES     = LIMIT_PATH + NAME_MAX_BYTES + 8,
};

struct prompts {
	struct list entryl;
	struct sound *noise;
	int16_t *floor;
	struct {
		char *dir;
		bool must;
	} place[PROMPTS_PLACES];
	size_t n_places;
};

struct entry {
	struct le le;
	char name[NAME_MAX_BYTES]; /* "en/greeting" */
	struct sound *sound;       /* NULL: there is none, and that was said */
};

/* what no line can do without: that there is none is said at the start */
static const char *const needed[] = {"greeting", "hold"};

static const char last_resort[] = "en";
static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";


static void entry_destructor(void *data)
{
	struct entry *e = data;

	list_unlink(&e->le);
	mem_deref(e->sound);
}


static void prompts_destructor(void *data)
{
	struct prompts *p = data;

	list_flush(&p->entryl);
	mem_deref(p->noise);
	mem_deref(p->floor);
	for (size_t i = 0; i < p->n_places; i++)
		mem_deref(p->place[i].dir);
}


int prompts_alloc(struct prompts **pp, const struct prompts_place *places,
		  size_t n)
{
	struct prompts *p;
	int err;

	if (!pp || (n && !places) || n > PROMPTS_PLACES)
		return EINVAL;

	p = mem_zalloc(sizeof(*p), prompts_destructor);
	if (!p)
		return ENOMEM;

	err = noise_alloc(&p->noise, &p->floor);
	for (size_t i = 0; i < n && !err; i++) {
		err = str_dup(&p->place[i].dir, places[i].dir);
		p->place[i].must = places[i].must;
		p->n_places = i + 1;
	}

	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


struct sound *prompts_noise(const struct prompts *p)
{
	return p->noise;
}


static bool name_valid(const char *name, size_t size)
{
	const size_t n = strnlen(name, size);

	return n && n < size && strspn(name, letters) == n;
}


static int sound_read(const struct prompts *p, struct sound **sp,
		      const char *path, char why[WAV_WHY])
{
	int16_t *pcm = NULL;
	size_t n;
	int err;

	err = wav_read(&pcm, &n, path, why);
	if (err)
		return err;

	err = sound_alloc(sp, pcm, n, p->floor, NOISE_SAMPLES);
	if (err)
		(void)re_snprintf(why, WAV_WHY, "%s", strerror(err));
	mem_deref(pcm);

	return err;
}


/* one folder after the other */
static int places_read(const struct prompts *p, struct sound **sp,
		       const char *name)
{
	char path[PATH_BYTES], why[WAV_WHY];

	for (size_t i = 0; i < p->n_places; i++) {
		int err;

		if (re_snprintf(path, sizeof(path), "%s/%s.wav",
				p->place[i].dir, name) < 0)
			continue;
		err = sound_read(p, sp, path, why);
		if (!err)
			return 0;
		if (err == ENOMEM)
			return err;
		if (err != ENOENT)
			log_error("%s cannot be used: %s", path, why);
		else if (p->place[i].must)
			log_error("%s is missing; record it, or the one that "
				  "came with Ringback is played", path);
	}

	return ENOENT;
}


/* also "es" for "es-mx" */
static int language_read(const struct prompts *p, struct sound **sp,
			 const char *language, const char *name)
{
	const char *dash = strchr(language, '-');
	char full[NAME_MAX_BYTES];
	int err;

	(void)re_snprintf(full, sizeof(full), "%s/%s", language, name);
	err = places_read(p, sp, full);
	if (err != ENOENT || !dash || dash == language)
		return err;

	(void)re_snprintf(full, sizeof(full), "%b/%s", language,
			  (size_t)(dash - language), name);

	return places_read(p, sp, full);
}


static struct entry *entry_find(const struct prompts *p, const char *name)
{
	struct le *le;

	LIST_FOREACH(&p->entryl, le)
	{
		struct entry *e = le->data;

		if (strcmp(e->name, name) == 0)
			return e;
	}

	return NULL;
}


/* reads a prompt that is not in the list yet; keeps also that there is none */
static int entry_add(struct prompts *p, struct entry **ep,
		     const char *language, const char *name)
{
	struct entry *e;
	int err;

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return ENOMEM;

	err = language_read(p, &e->sound, language, name);
	if (err == ENOMEM) {
		mem_deref(e);
		return err;
	}
	if (err)
		log_error("there is no prompt \"%s\" in the language \"%s\": "
			  "callers hear another language's, or nothing; put a "
			  "recording at prompts/%s/%s.wav in the data folder",
			  name,
			  language, language, name);

	(void)re_snprintf(e->name, sizeof(e->name), "%s/%s", language, name);
	list_append(&p->entryl, &e->le, e);
	*ep = e;

	return 0;
}


int prompts_get(struct prompts *p, struct sound **sp, const char *language,
		const char *name)
{
	char full[NAME_MAX_BYTES];
	struct entry *e;
	int err;

	if (!p || !sp || !language || !name)
		return EINVAL;
	if (!name_valid(language, LIMIT_LANGUAGE) ||
	    strchr(language, '_') || !name_valid(name, LIMIT_PROMPT))
		return EINVAL;

	(void)re_snprintf(full, sizeof(full), "%s/%s", language, name);
	e = entry_find(p, full);
	if (!e) {
		err = entry_add(p, &e, language, name);
		if (err)
			return err;
	}
	if (!e->sound)
		return ENOENT;

	*sp = e->sound;
	return 0;
}


int prompts_find(struct prompts *p, struct sound **sp,
		 const char language[LIMIT_LANGUAGE],
		 const char item[LIMIT_PROMPT])
{
	char own[LIMIT_LANGUAGE], name[LIMIT_PROMPT];
	const char *const tries[] = {own, language, last_resort};
	const char *slash;
	int err = EINVAL;

	if (!p || !sp || !language || !item)
		return EINVAL;

	str_ncpy(name, item, sizeof(name));
	str_ncpy(own, language, sizeof(own));
	slash = strchr(name, '/');
	if (slash && (size_t)(slash - name) < sizeof(own)) {
		str_ncpy(own, name, (size_t)(slash - name) + 1);
		str_ncpy(name, item + (slash + 1 - name), sizeof(name));
	}

	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		err = prompts_get(p, sp, tries[i], name);
		if (!err || err == ENOMEM)
			break;
	}

	return err;
}


/* "greeting.wav": its name without the ending, if it can be played */
static void file_load(struct prompts *p, const char *language,
		      const char *file)
{
	const size_t n = strlen(file);
	char name[LIMIT_PROMPT];
	struct sound *s;

	if (n <= 4 || n - 4 >= sizeof(name) ||
	    strcmp(file + n - 4, ".wav") != 0)
		return;
	str_ncpy(name, file, n - 4 + 1);
	(void)prompts_get(p, &s, language, name);
}


void prompts_preload(struct prompts *p, const char *language)
{
	struct sound *s;

	if (!p || !language || !name_valid(language, LIMIT_LANGUAGE))
		return;

	for (size_t i = 0; i < p->n_places; i++) {
		const struct dirent *file;
		char path[PATH_BYTES];
		DIR *dir;

		(void)re_snprintf(path, sizeof(path), "%s/%s",
				  p->place[i].dir, language);
		dir = opendir(path);
		while (dir && (file = readdir(dir)))
			file_load(p, language, file->d_name);
		if (dir)
			(void)closedir(dir);
	}
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		(void)prompts_get(p, &s, language, needed[i]);
}
