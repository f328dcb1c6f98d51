/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * prompts.c  Tests of the catalogue: each prompt of the core is there in each
 * language, can be played, and says what the menu does.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>

#include "core/core.h"
#include "media/wav.h"


enum { RATE = 8000, LOUD = 8240, /* -12 dBFS */ FAINT = 2000 };

static const char *const words[PROMPTS] = {
#define X(name, word) [PROMPT_##name] = word,
	CORE_PROMPTS(X)
#undef X
};

static const char *const languages[] = {"en", "es"};

/* how a text tells a key */
static const char *const keys[][10] = {
	{"press 0", "press 1", "press 2", "press 3", "press 4", "press 5",
	 "press 6", "press 7", "press 8", "press 9"},
	{"marque cero", "marque uno", "marque dos", "marque tres",
	 "marque cuatro", "marque cinco", "marque seis", "marque siete",
	 "marque ocho", "marque nueve"},
};

/* the keys of src/core/menu.c, as bits */
static const struct {
	enum prompt prompt;
	unsigned keys;
} told[] = {
	{PROMPT_OFFER_RING_BACK, 1 << 1},
	{PROMPT_OFFER_MESSAGE, 1 << 2},
	{PROMPT_OFFER_DECLINE, 1 << 9},
	{PROMPT_OFFER_STAY, 1 << 0},
	{PROMPT_ASK_RING_BACK, 1 << 1},
	{PROMPT_NUMBER_RIGHT, 1 << 1 | 1 << 2},
	{PROMPT_ASK_WORDS, 1 << 1 | 1 << 2 | 1 << 3},
	{PROMPT_ASK_HOURS, 1 << 1 | 1 << 2 | 1 << 3},
	{PROMPT_SHOW_WITHHELD, 1 << 1},
	{PROMPT_SHOW_LINE, 1 << 2},
	{PROMPT_SHOW_NEUTRAL, 1 << 3},
	{PROMPT_KEPT_RING_BACK, 1 << 1},
	{PROMPT_CONFIRM, 1 << 1 | 1 << 9},
};

/* heard in the middle of a sentence */
static bool is_word(enum prompt p)
{
	return p == PROMPT_CHOOSE || p == PROMPT_PRESS ||
	       p == PROMPT_POSITION || p == PROMPT_NUMBER_IS ||
	       (p >= PROMPT_ZERO && p <= PROMPT_NINE);
}


static bool is_spoken(enum prompt p)
{
	return p != PROMPT_NUMBER && p != PROMPT_TONE && p != PROMPT_RINGTONE;
}


/* small letters */
static void text_read(char text[1024], const char *language, enum prompt p)
{
	char path[512];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), PROMPTS_TEXTS "/%s/%s.txt",
		       language, words[p]);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing", path);
	n = fread(text, 1, 1023, f);
	(void)fclose(f);
	text[n] = '\0';
	for (size_t i = 0; i < n; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
}


/* @return samples; their peak, and how many of them are at the beginning
 * before anything is heard */
static size_t sound_read(const char *language, enum prompt p, int *peak,
			 size_t *before)
{
	char path[512], why[WAV_WHY] = "";
	int16_t *pcm = NULL;
	size_t n = 0;

	(void)snprintf(path, sizeof(path), PROMPTS_SOUNDS "/%s/%s.wav",
		       language, words[p]);
	if (wav_read(&pcm, &n, path, why))
		fail_msg("%s: %s", path, why);

	*peak = 0;
	*before = n;
	for (size_t i = 0; i < n; i++) {
		const int level = abs(pcm[i]);

		if (level > *peak)
			*peak = level;
		if (level > 500 && *before == n)
			*before = i;
	}
	mem_deref(pcm);

	return n;
}


static void test_each_can_be_played(void **state)
{
	(void)state;

	for (size_t l = 0; l < STEP_COUNT(languages); l++) {
		for (enum prompt p = 0; p < PROMPTS; p++) {
			size_t n, before;
			int peak;

			if (p == PROMPT_NUMBER)
				continue;
			n = sound_read(languages[l], p, &peak, &before);
			if (peak > LOUD || peak < FAINT)
				fail_msg("%s/%s peaks at %d", languages[l],
					 words[p], peak);
			if (p != PROMPT_HOLD && n > 20 * RATE)
				fail_msg("%s/%s takes longer than 20 s",
					 languages[l], words[p]);
			if (before > RATE)
				fail_msg("%s/%s begins with silence",
					 languages[l], words[p]);
			/* a number must not be read with gaps */
			if (is_word(p) && before > RATE / 5)
				fail_msg("%s/%s hesitates", languages[l],
					 words[p]);
		}
	}
}


static void test_keys(void **state)
{
	unsigned wanted[PROMPTS] = {0};
	char text[1024];
	(void)state;

	for (size_t i = 0; i < STEP_COUNT(told); i++)
		wanted[told[i].prompt] = told[i].keys;

	for (size_t l = 0; l < STEP_COUNT(languages); l++) {
		for (enum prompt p = 0; p < PROMPTS; p++) {
			if (!is_spoken(p))
				continue;
			text_read(text, languages[l], p);
			for (unsigned k = 0; k < 10; k++) {
				const bool says = strstr(text, keys[l][k]);

				if (says != (wanted[p] >> k & 1))
					fail_msg("%s/%s and key %u",
						 languages[l], words[p], k);
			}
		}
	}
}


/* whoever picks up, or listens to the machine, may not be the caller */
static void test_says_nothing_to_others(void **state)
{
	static const enum prompt heard[] = {PROMPT_CONFIRM,
					    PROMPT_WORDS_PLAIN};
	static const char *const secret[] = {
		"line", "help", "crisis", "counsel", "rights", "legal",
		"center", "centre", "service", "support", "línea", "ayuda",
		"consej", "derecho", "legal", "centro", "servicio", "apoyo",
		"organi",
	};
	char text[1024];
	(void)state;

	for (size_t l = 0; l < STEP_COUNT(languages); l++) {
		for (size_t i = 0; i < STEP_COUNT(heard); i++) {
			text_read(text, languages[l], heard[i]);
			for (size_t s = 0; s < STEP_COUNT(secret); s++)
				if (strstr(text, secret[s]))
					fail_msg("%s/%s says \"%s\"",
						 languages[l],
						 words[heard[i]], secret[s]);
		}
	}
}


/* with the silence after it (CONFIRM_MS in menu.c) 20 s */
static void test_confirm_takes_its_time(void **state)
{
	size_t before;
	int peak;
	(void)state;

	for (size_t l = 0; l < STEP_COUNT(languages); l++)
		assert_true(sound_read(languages[l], PROMPT_CONFIRM, &peak,
				       &before) >= 8 * RATE);
}


static bool is_known(const char *file)
{
	const size_t n = strlen(file) - strlen(".txt");

	for (enum prompt p = 0; p < PROMPTS; p++)
		if (is_spoken(p) && strlen(words[p]) == n &&
		    !strncmp(words[p], file, n))
			return true;

	return false;
}


static void test_nothing_left_over(void **state)
{
	char path[512];
	(void)state;

	for (size_t l = 0; l < STEP_COUNT(languages); l++) {
		const struct dirent *e;
		DIR *dir;

		(void)snprintf(path, sizeof(path), PROMPTS_TEXTS "/%s",
			       languages[l]);
		dir = opendir(path);
		assert_non_null(dir);
		while ((e = readdir(dir))) {
			const char *end = strrchr(e->d_name, '.');

			if (end && !strcmp(end, ".txt") &&
			    !is_known(e->d_name))
				fail_msg("%s is no prompt of the core",
					 e->d_name);
		}
		(void)closedir(dir);
	}

	for (enum prompt p = 0; p < PROMPTS; p++)
		assert_true(strlen(words[p]) < LIMIT_PROMPT);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_can_be_played),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_says_nothing_to_others),
		cmocka_unit_test(test_confirm_takes_its_time),
		cmocka_unit_test(test_nothing_left_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
