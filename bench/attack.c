/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * attack.c  Keys out of an image, and what they make of numbers. Must not use
 * what it attacks: it has its own idea of each construction.
 */
#include <ctype.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

enum {
	KEY = 32,
	KEY_MOST = 64,
	OUT = 32,
	SPELLED = 64,
	LONG = 8,       /* bytes of a result that are looked for            */
	SHORT_BITS = 20,
	DISTINCT = 16,  /* bytes of 32 that differ: random ones always do   */
	WORD_LEAST = 12,
	USUAL_DERIVATIONS = 2,
	USUAL_CONSTRUCTIONS = 4,
	USUAL_SPELLINGS = 2,
};

struct key {
	uint8_t bytes[KEY_MOST];
	size_t n;
};

struct attack {
	const uint8_t *image;
	size_t n;
	uint64_t *set;    /* each LONG bytes of the image; 0 is free         */
	size_t mask;      /* places in the set, less one                     */
	uint8_t *bits;    /* each value of SHORT_BITS in the image           */
	uint64_t n_hashes;
	const char *const *digits;
	size_t n_digits;
};


/* ---- what stands in the image -------------------------------------------- */

static uint64_t get(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];

	return v;
}


static uint32_t get_le(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}


static size_t place(const struct attack *a, uint64_t v)
{
	size_t i = (size_t)(v * 0x9e3779b97f4a7c15u >> 20) & a->mask;

	while (a->set[i] && a->set[i] != v)
		i = (i + 1) & a->mask;

	return i;
}


static bool has_long(const struct attack *a, uint64_t v)
{
	return v && a->set[place(a, v)];
}


static void short_note(struct attack *a, uint64_t v)
{
	if (v < 1u << SHORT_BITS)
		a->bits[v / 8] |= (uint8_t)(1u << v % 8);
}


static bool has_short(const struct attack *a, uint32_t v)
{
	return a->bits[v / 8] >> v % 8 & 1;
}


/* as SQLite writes it, as a processor does, and in decimals */
static void shorts_note(struct attack *a, size_t i)
{
	const uint8_t *p = a->image + i;
	uint64_t decimal = 0;

	if (i + 3 <= a->n)
		short_note(a, get(p, 3));
	if (i + 4 <= a->n)
		short_note(a, get_le(p));
	if (i && isdigit(p[-1]))
		return;
	for (size_t k = i; k < a->n && isdigit(a->image[k]) &&
			   decimal < 1u << SHORT_BITS; k++) {
		decimal = 10 * decimal + a->image[k] - '0';
		short_note(a, decimal);
	}
}


static void image_note(struct attack *a)
{
	for (size_t i = 0; i < a->n; i++) {
		shorts_note(a, i);
		if (i + LONG <= a->n) {
			const uint64_t v = get(a->image + i, LONG);

			a->set[place(a, v)] = v;
		}
	}
}


/* ---- how numbers are written --------------------------------------------- */

/* C country (one digit), A area and O office (three), R the rest */
static const char *const spellings[ATTACK_SPELLINGS] = {
	"+CAOR",    "CAOR",     "00CAOR",  "011CAOR", "AOR",
	"0AOR",     "tel:+CAOR", "sip:+CAOR", "sip:CAOR", "+C-A-O-R",
	"A-O-R",    "(A) O-R",  "+C A O R",
};

static const struct part {
	char letter;
	size_t from;
	size_t n;
} parts[] = {{'C', 0, 1}, {'A', 1, 3}, {'O', 4, 3}, {'R', 7, SPELLED}};


static size_t part_add(char *text, const char *digits, char letter)
{
	const size_t all = strlen(digits);

	for (size_t i = 0; i < COUNT(parts); i++) {
		const size_t from = parts[i].from < all ? parts[i].from : all;
		const size_t n = parts[i].n < all - from ? parts[i].n
							 : all - from;

		if (parts[i].letter != letter)
			continue;
		memcpy(text, digits + from, n);
		return n;
	}
	*text = letter;

	return 1;
}


static size_t spell(uint8_t out[SPELLED], const char *pattern,
		    const char *digits)
{
	char text[4 * SPELLED];
	size_t n = 0;

	for (; *pattern; pattern++)
		n += part_add(text + n, digits, *pattern);
	n = n < SPELLED ? n : SPELLED;
	memcpy(out, text, n);

	return n;
}


/* ---- what is made of a key ----------------------------------------------- */

typedef void(derive_h)(struct key *to, const struct key *from,
		       const char *label);

static void as_it_is(struct key *to, const struct key *from, const char *label)
{
	(void)label;
	*to = *from;
}


static void hashed(struct key *to, const struct key *from, const char *label)
{
	(void)label;
	(void)crypto_generichash(to->bytes, KEY, from->bytes, from->n, NULL,
				 0);
}


static void sha256(struct key *to, const struct key *from, const char *label)
{
	(void)label;
	(void)crypto_hash_sha256(to->bytes, from->bytes, from->n);
}


/* the label and its NUL, as ours have it */
static void keyed(struct key *to, const struct key *from, const char *label)
{
	(void)crypto_generichash(to->bytes, KEY, (const uint8_t *)label,
				 strlen(label) + 1, from->bytes, from->n);
}


static void hmac(struct key *to, const struct key *from, const char *label)
{
	crypto_auth_hmacsha256_state st;

	(void)crypto_auth_hmacsha256_init(&st, from->bytes, from->n);
	(void)crypto_auth_hmacsha256_update(&st, (const uint8_t *)label,
					    strlen(label));
	(void)crypto_auth_hmacsha256_final(&st, to->bytes);
}


static void kdf(struct key *to, const struct key *from, const char *label)
{
	uint8_t master[KEY] = {0};

	memcpy(master, from->bytes, from->n < KEY ? from->n : KEY);
	(void)crypto_kdf_derive_from_key(to->bytes, KEY,
					 (uint64_t)(label[0] - '0'), "ringback",
					 master);
}


static const struct derivation {
	const char *name;
	derive_h *h;
	const char *label;
} derivations[ATTACK_DERIVATIONS] = {
	{"as it is", as_it_is, ""},
	{"the next day's", keyed, "ringback handle: next day"},
	{"BLAKE2b", hashed, ""},
	{"SHA-256", sha256, ""},
	{"kdf 0", kdf, "0"},
	{"kdf 1", kdf, "1"},
	{"kdf 2", kdf, "2"},
	{"kdf 3", kdf, "3"},
	{"keyed BLAKE2b", keyed, "ringback handle: caller"},
	{"keyed BLAKE2b", keyed, "ringback"},
	{"keyed BLAKE2b", keyed, "handle"},
	{"keyed BLAKE2b", keyed, "caller"},
	{"keyed BLAKE2b", keyed, "phone"},
	{"keyed BLAKE2b", keyed, "number"},
	{"keyed BLAKE2b", keyed, "index"},
	{"keyed BLAKE2b", keyed, "lookup"},
	{"HMAC", hmac, "ringback"},
	{"HMAC", hmac, "handle"},
	{"HMAC", hmac, "handles"},
	{"HMAC", hmac, "caller"},
	{"HMAC", hmac, "callers"},
	{"HMAC", hmac, "phone"},
	{"HMAC", hmac, "number"},
	{"HMAC", hmac, "index"},
	{"HMAC", hmac, "blind index"},
	{"HMAC", hmac, "lookup"},
	{"HMAC", hmac, "search"},
	{"HMAC", hmac, "hotline"},
};


/* ---- what is made of key and number -------------------------------------- */

typedef void(make_h)(uint8_t out[OUT], const struct key *k, const uint8_t *p,
		     size_t n);

static void our_handle(uint8_t out[OUT], const struct key *k, const uint8_t *p,
		       size_t n)
{
	static const uint8_t what[] = "ringback handle: caller\0\0";
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, k->bytes, k->n, 16);
	(void)crypto_generichash_update(&st, what, sizeof(what));
	(void)crypto_generichash_update(&st, p, n);
	(void)crypto_generichash_final(&st, out, 16);
}


static void blake2b(uint8_t out[OUT], const struct key *k, const uint8_t *p,
		    size_t n)
{
	(void)crypto_generichash(out, OUT, p, n, k->bytes, k->n);
}


static void hmac_sha256(uint8_t out[OUT], const struct key *k,
			const uint8_t *p, size_t n)
{
	crypto_auth_hmacsha256_state st;

	(void)crypto_auth_hmacsha256_init(&st, k->bytes, k->n);
	(void)crypto_auth_hmacsha256_update(&st, p, n);
	(void)crypto_auth_hmacsha256_final(&st, out);
}


static void hmac_sha512(uint8_t out[OUT], const struct key *k,
			const uint8_t *p, size_t n)
{
	uint8_t all[crypto_auth_hmacsha512_BYTES];
	crypto_auth_hmacsha512_state st;

	(void)crypto_auth_hmacsha512_init(&st, k->bytes, k->n);
	(void)crypto_auth_hmacsha512_update(&st, p, n);
	(void)crypto_auth_hmacsha512_final(&st, all);
	memcpy(out, all, OUT);
}


static size_t joined(uint8_t all[KEY_MOST + SPELLED], const uint8_t *a,
		     size_t n_a, const uint8_t *b, size_t n_b)
{
	memcpy(all, a, n_a);
	memcpy(all + n_a, b, n_b);

	return n_a + n_b;
}


static void sha256_before(uint8_t out[OUT], const struct key *k,
			  const uint8_t *p, size_t n)
{
	uint8_t all[KEY_MOST + SPELLED];

	(void)crypto_hash_sha256(out, all, joined(all, k->bytes, k->n, p, n));
}


static void sha256_after(uint8_t out[OUT], const struct key *k,
			 const uint8_t *p, size_t n)
{
	uint8_t all[KEY_MOST + SPELLED];

	(void)crypto_hash_sha256(out, all, joined(all, p, n, k->bytes, k->n));
}


static void sha512_before(uint8_t out[OUT], const struct key *k,
			  const uint8_t *p, size_t n)
{
	uint8_t all[KEY_MOST + SPELLED], long_out[crypto_hash_sha512_BYTES];

	(void)crypto_hash_sha512(long_out, all,
				 joined(all, k->bytes, k->n, p, n));
	memcpy(out, long_out, OUT);
}


static void blake2b_before(uint8_t out[OUT], const struct key *k,
			   const uint8_t *p, size_t n)
{
	uint8_t all[KEY_MOST + SPELLED];

	(void)crypto_generichash(out, OUT, all,
				 joined(all, k->bytes, k->n, p, n), NULL, 0);
}


static void siphash(uint8_t out[OUT], const struct key *k, const uint8_t *p,
		    size_t n)
{
	memset(out, 0, OUT);
	(void)crypto_shorthash(out, p, n, k->bytes);
}


static void sha256_alone(uint8_t out[OUT], const struct key *k,
			 const uint8_t *p, size_t n)
{
	(void)k;
	(void)crypto_hash_sha256(out, p, n);
}


static void blake2b_alone(uint8_t out[OUT], const struct key *k,
			  const uint8_t *p, size_t n)
{
	(void)k;
	(void)crypto_generichash(out, OUT, p, n, NULL, 0);
}


static const struct construction {
	const char *name;
	make_h *h;
} constructions[ATTACK_CONSTRUCTIONS] = {
	{"our handle", our_handle},
	{"keyed BLAKE2b", blake2b},
	{"HMAC-SHA-256", hmac_sha256},
	{"SHA-256 of key and number", sha256_before},
	{"SHA-256 of number and key", sha256_after},
	{"HMAC-SHA-512", hmac_sha512},
	{"SHA-512 of key and number", sha512_before},
	{"BLAKE2b of key and number", blake2b_before},
	{"SipHash", siphash},
	{"SHA-256 without a key", sha256_alone},
	{"BLAKE2b without a key", blake2b_alone},
};


/* ---- is it there, for each number? --------------------------------------- */

enum form { FORM_BYTES, FORM_HEX, FORM_BASE64, FORM_LOW, FORM_HIGH, FORMS };

static const char *const form_names[FORMS] = {
	"bytes", "hexadecimal", "base64", "the low 20 bits",
	"the high 20 bits",
};


static uint64_t written(const uint8_t *p, bool hex)
{
	char text[2 * LONG + 1];

	if (hex)
		(void)sodium_bin2hex(text, sizeof(text), p, LONG / 2);
	else
		(void)sodium_bin2base64(
			text, sizeof(text), p, LONG * 3 / 4,
			sodium_base64_VARIANT_ORIGINAL_NO_PADDING);

	return get((const uint8_t *)text, LONG);
}


/* bits of enum form; a handle is never 0 */
static unsigned forms_of(const struct attack *a, const uint8_t out[OUT],
			 unsigned wanted)
{
	const uint32_t low = get_le(out) & ((1u << SHORT_BITS) - 1);
	const uint32_t high = (uint32_t)get(out, 4) >> (32 - SHORT_BITS);
	unsigned got = 0;

	if (has_short(a, low ? low : 1))
		got |= 1u << FORM_LOW;
	if (has_short(a, high))
		got |= 1u << FORM_HIGH;
	if (has_long(a, get(out, LONG)))
		got |= 1u << FORM_BYTES;
	if (wanted & 1u << FORM_HEX && has_long(a, written(out, true)))
		got |= 1u << FORM_HEX;
	if (wanted & 1u << FORM_BASE64 && has_long(a, written(out, false)))
		got |= 1u << FORM_BASE64;

	return got & wanted;
}


static bool stands_there(struct attack *a, const struct key *k,
			 const struct construction *c, const char *pattern,
			 struct attack_hit *hit)
{
	unsigned forms = (1u << FORMS) - 1;

	if (a->n_digits < ATTACK_SHORT)
		forms &= ~(1u << FORM_LOW | 1u << FORM_HIGH);
	for (size_t i = 0; i < a->n_digits && forms; i++) {
		uint8_t out[OUT] = {0}, text[SPELLED];

		c->h(out, k, text, spell(text, pattern, a->digits[i]));
		++a->n_hashes;
		forms = forms_of(a, out, forms);
	}
	if (!forms || !a->n_digits)
		return false;

	hit->construction = c->name;
	hit->spelling = pattern;
	for (unsigned f = 0; f < FORMS; f++) {
		if (forms & 1u << f)
			hit->form = form_names[f];
	}

	return true;
}


static bool key_try(struct attack *a, const struct key *found, bool all,
		    struct attack_hit *hit)
{
	const size_t n_d = all ? COUNT(derivations) : USUAL_DERIVATIONS;
	const size_t n_c = all ? COUNT(constructions) : USUAL_CONSTRUCTIONS;
	const size_t n_s = all ? COUNT(spellings) : USUAL_SPELLINGS;

	for (size_t d = 0; d < n_d; d++) {
		struct key k = {.n = KEY};

		derivations[d].h(&k, found, derivations[d].label);
		hit->derivation = derivations[d].name;
		for (size_t i = 0; i < n_c * n_s; i++) {
			if (stands_there(a, &k, &constructions[i / n_s],
					 spellings[i % n_s], hit))
				return true;
		}
	}

	return false;
}


/* ---- keys that the image holds ------------------------------------------- */

static bool is_random(const uint8_t *p)
{
	bool seen[256] = {false};
	unsigned n = 0;

	for (size_t i = 0; i < KEY; i++) {
		n += !seen[p[i]];
		seen[p[i]] = true;
	}

	return n >= DISTINCT;
}


static bool bytes_try(struct attack *a, size_t at, bool all,
		      struct attack_hit *hit)
{
	struct key k = {.n = KEY};

	if (at + KEY > a->n || !is_random(a->image + at))
		return false;
	memcpy(k.bytes, a->image + at, KEY);
	hit->at = at;
	hit->written = "bytes";

	return key_try(a, &k, all, hit);
}


static bool is_word(uint8_t c)
{
	return isalnum(c) || strchr("+/-_.:!?#$%&*@~", c);
}


static bool word_try(struct attack *a, size_t at, size_t n,
		     struct attack_hit *hit)
{
	const char *text = (const char *)a->image + at;
	struct key k;

	hit->at = at;
	hit->written = "hexadecimal";
	if (!sodium_hex2bin(k.bytes, sizeof(k.bytes), text, n, NULL, &k.n,
			    NULL) && k.n >= 16 && key_try(a, &k, true, hit))
		return true;
	hit->written = "base64";
	if (!sodium_base642bin(k.bytes, sizeof(k.bytes), text, n, NULL, &k.n,
			       NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
	    && k.n >= 16 && key_try(a, &k, true, hit))
		return true;
	hit->written = "a word";
	k.n = n < KEY_MOST ? n : KEY_MOST;
	memcpy(k.bytes, text, k.n);

	return n <= KEY_MOST && key_try(a, &k, true, hit);
}


static bool words_try(struct attack *a, struct attack_hit *hit)
{
	size_t n = 0;

	for (size_t i = 0; i <= a->n; i++) {
		if (i < a->n && a->image[i] && is_word(a->image[i])) {
			++n;
			continue;
		}
		if (n >= WORD_LEAST && n <= 2 * KEY_MOST &&
		    word_try(a, i - n, n, hit))
			return true;
		n = 0;
	}

	return false;
}


bool attack_run(struct attack *a, const char *const *digits, size_t n_digits,
		bool all, struct attack_hit *hit)
{
	struct key none = {.n = KEY};

	a->digits = digits;
	a->n_digits = n_digits;
	*hit = (struct attack_hit){.written = "none"};
	if (key_try(a, &none, true, hit) || words_try(a, hit))
		return true;
	for (size_t i = 0; i < a->n; i++) {
		if (bytes_try(a, i, all, hit))
			return true;
	}

	return false;
}


uint64_t attack_hashes(const struct attack *a)
{
	return a->n_hashes;
}


int attack_alloc(struct attack **ap, const uint8_t *image, size_t n)
{
	struct attack *a = calloc(1, sizeof(*a));
	size_t places = 1024;

	if (!a)
		return ENOMEM;
	while (places < 4 * n)
		places *= 2;
	a->image = image;
	a->n = n;
	a->mask = places - 1;
	a->set = calloc(places, sizeof(*a->set));
	a->bits = calloc((1u << SHORT_BITS) / 8, 1);
	if (!a->set || !a->bits) {
		attack_free(a);
		return ENOMEM;
	}
	image_note(a);
	*ap = a;

	return 0;
}


void attack_free(struct attack *a)
{
	if (!a)
		return;

	free(a->set);
	free(a->bits);
	free(a);
}
