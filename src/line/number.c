/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * number.c  Reads and compares telephone numbers. Must not log or keep one.
 */
#include "dear.h"
#include "number.h"


enum {
	DIGITS_MIN = 3,
	DIGITS_MAX = LIMIT_DIGITS,
	DIGITS_RAW = LIMIT_DIGITS + 2, /* with 00 */
	DIGITS_COUNTRY = 3, /* of a country's code, at most */
	DIGITS_WHOLE = 7,   /* with that code: none has fewer (E.164) */
	DIGITS_HOME = 9,    /* without: shorter ones may be of one town */
};


static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}


/* the next character, escapes undone; 0 at the end and for a broken escape */
static char next(struct pl *pl)
{
	char c;

	if (!pl->l)
		return '\0';
	c = pl->p[0];
	if (c != '%') {
		pl_advance(pl, 1);
		return c;
	}
	if (pl->l < 3)
		return '\0';
	c = (char)(ch_hex(pl->p[1]) << 4 | ch_hex(pl->p[2]));
	pl_advance(pl, 3);

	return c;
}


int number_read(struct secret_text *number, const struct pl *text)
{
	struct pl rest = *text;
	char plain[DIGITS_RAW + 2];
	size_t n = 0, max;
	int err = EINVAL;

	memset(number, 0, sizeof(*number));
	while (rest.l) {
		const char c = next(&rest);

		if (c == ';')
			break;
		if (c != '\0' && strchr("-.() ", c))
			continue;
		if ((!is_digit(c) && !(c == '+' && !n)) ||
		    n == sizeof(plain) - 1)
			goto out;
		plain[n++] = c;
	}

	max = !n ? 0
	      : plain[0] == '+' ? DIGITS_MAX + 1
	      : n > 1 && plain[0] == '0' && plain[1] == '0' ? DIGITS_RAW
							    : DIGITS_MAX;
	if (n && n <= max && is_digit(plain[n - 1]))
		err = secret_set(number, plain, n);

out:
	explicit_bzero(plain, sizeof(plain));

	return err;
}


/* no country's code begins with 0: 000 is no international prefix */
static const char *after_prefix(const char *text)
{
	if (text[0] == '+')
		return text + 1;
	if (text[0] == '0' && text[1] == '0' && text[2] != '0')
		return text + 2;

	return NULL;
}


void number_canonical(struct secret_text *canonical,
		      const struct secret_text *number)
{
	const char *from = secret_reveal(number);
	const char *digits = after_prefix(from);

	memset(canonical, 0, sizeof(*canonical));
	(void)re_snprintf(canonical->hidden, sizeof(canonical->hidden), "%s%s",
			  digits ? "+" : "", digits ? digits : from);
}


/* the part behind the country's code; NULL if it may be anything else */
static const char *at_home(const char *text, const struct config_home *home)
{
	const size_t n = strlen(text), n_prefix = strlen(home->prefix),
		     n_country = strlen(home->country);

	if (!n_country || text[0] == '+')
		return NULL;
	if (n_prefix && !strncmp(text, home->prefix, n_prefix) &&
	    n >= n_prefix + DIGITS_WHOLE)
		return text + n_prefix;
	if (!strncmp(text, home->country, n_country) &&
	    n > DIGITS_HOME)
		return text + n_country;

	return n >= DIGITS_HOME ? text : NULL;
}


void number_alike(struct secret_text *alike, const struct config_home *home,
		  const struct secret_text *number)
{
	struct secret_text canonical;
	const char *text, *rest;

	number_canonical(&canonical, number);
	text = secret_reveal(&canonical);
	rest = at_home(text, home);
	memset(alike, 0, sizeof(*alike));
	(void)re_snprintf(alike->hidden, sizeof(alike->hidden), "%s%s%s",
			  rest ? "+" : "", rest ? home->country : "",
			  rest ? rest : text);
	secret_wipe(&canonical);
}


/* Nobody rings from these, and a ring there costs somebody help: numbers of
 * police, fire, ambulance and crisis lines. */
static bool is_emergency(const char *digits)
{
	static const char *const numbers[] = {
		"000", "066", "100", "101", "102", "103", "104", "106", "108",
		"110", "111", "112", "113", "114", "115", "116", "117", "118",
		"119", "120", "122", "123", "128", "133", "144", "155", "158",
		"190", "191", "192", "193", "194", "195", "197", "198", "199",
		"911", "988", "995", "997", "998", "999",
		"116000", "116006", "116111", "116117", "116123",
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (!strcmp(digits, numbers[i]))
			return true;
	}

	return false;
}


/* does a number begin as a row of the configuration says? */
static bool begins(const char *canonical, const char *row)
{
	const char *digits = after_prefix(row);

	if (!digits)
		return !strncmp(canonical, row, strlen(row));

	return canonical[0] == '+' &&
	       !strncmp(canonical + 1, digits, strlen(digits));
}


/* What the operator wrote down; a dear number only if it is named as such. */
static bool is_named(const struct config_line *line, const char *canonical,
		     const char *whole)
{
	const size_t n_dear = whole[0] == '+' ? dear_digits(whole + 1) : 0;

	for (uint32_t i = 0; i < line->n_may_ring; i++) {
		const char *row = line->may_ring[i];

		if (begins(canonical, row) ||
		    (begins(whole, row) && after_prefix(row)))
			if (!n_dear || (after_prefix(row) &&
					strlen(after_prefix(row)) >= n_dear))
				return true;
	}

	return false;
}


/* Nothing written down: at home, if it is known where that is, and nowhere
 * that is dear. */
static bool is_harmless(const struct config_home *home, const char *whole)
{
	if (whole[0] != '+')
		return true;
	if (*home->country &&
	    strncmp(whole + 1, home->country, strlen(home->country)))
		return false;

	return !dear_digits(whole + 1);
}


static bool line_allows(const struct config *config,
			const struct config_line *line,
			const struct secret_text *number,
			const char *canonical)
{
	struct secret_text whole;
	bool may;

	number_alike(&whole, &config->home, number);
	may = line->n_may_ring
		      ? is_named(line, canonical, secret_reveal(&whole))
		      : is_harmless(&config->home, secret_reveal(&whole));
	secret_wipe(&whole);

	return may;
}


static const char *without_plus(const char *canonical)
{
	return canonical[0] == '+' ? canonical + 1 : canonical;
}


/* the digits that are compared, or the text itself if it is no number */
static void digits_of(struct secret_text *digits, const struct pl *text)
{
	struct secret_text number;

	memset(digits, 0, sizeof(*digits));
	if (number_read(&number, text)) {
		(void)pl_strcpy(text, digits->hidden, sizeof(digits->hidden));
		return;
	}
	number_canonical(digits, &number);
	if (digits->hidden[0] == '+')
		memmove(digits->hidden, digits->hidden + 1,
			sizeof(digits->hidden) - 1);
	secret_wipe(&number);
}


bool number_is_ours(const struct config *config, const struct pl *user,
		    uint16_t *linep)
{
	struct secret_text wanted, own;
	bool found = false;

	digits_of(&wanted, user);
	for (uint16_t i = 0; i < config->n_lines && !found; i++) {
		const struct config_line *line = &config->lines[i];

		for (uint32_t k = 0; k < line->n_numbers && !found; k++) {
			struct pl pl;

			pl_set_str(&pl, line->numbers[k]);
			digits_of(&own, &pl);
			found = !strcmp(secret_reveal(&own),
					secret_reveal(&wanted));
			if (found)
				*linep = i;
		}
	}
	secret_wipe(&wanted);

	return found;
}


/* ---- which may be rung -------------------------------------------------- */

static bool ends_with(const char *digits, const char *end, size_t least)
{
	const size_t n = strlen(digits), n_end = strlen(end);

	return n_end >= least && n_end <= n &&
	       !strcmp(digits + n - n_end, end);
}


/* without what is dialled before an area code at home */
static const char *within_country(const char *digits)
{
	while (*digits == '0')
		++digits;

	return digits;
}


/*
 * A line that rings itself would keep two lines of the house busy. One of them
 * may be written with the country's code, the other without.
 */
static bool rings_us(const struct config *config, const char *digits)
{
	for (uint32_t i = 0; i < config->n_lines; i++) {
		const struct config_line *line = &config->lines[i];

		for (uint32_t k = 0; k < line->n_numbers; k++) {
			struct secret_text own;
			struct pl pl;

			pl_set_str(&pl, line->numbers[k]);
			digits_of(&own, &pl);
			if (ends_with(secret_reveal(&own),
				      within_country(digits), DIGITS_MIN) ||
			    ends_with(digits,
				      within_country(secret_reveal(&own)),
				      DIGITS_WHOLE))
				return true;
		}
	}

	return false;
}


/* "+49 112" is as dangerous as "112" */
static bool is_emergency_abroad(const char *digits)
{
	for (size_t n = 1; n <= DIGITS_COUNTRY && digits[n - 1]; n++) {
		if (is_emergency(digits + n))
			return true;
	}

	return false;
}


static bool is_whole(const char *canonical)
{
	const char *digits = without_plus(canonical);
	const size_t n = strlen(digits);
	const bool abroad = digits != canonical;

	return n <= DIGITS_MAX && strspn(digits, "0123456789") == n &&
	       n >= (abroad ? DIGITS_WHOLE : DIGITS_MIN) &&
	       strncmp(digits, "000", 3) &&
	       !(abroad && (digits[0] == '0' || is_emergency_abroad(digits)));
}


bool number_may_ring(const struct config *config, uint16_t line,
		     const struct secret_text *number)
{
	struct secret_text canonical;
	const char *text, *digits;
	bool may;

	number_canonical(&canonical, number);
	text = secret_reveal(&canonical);
	digits = without_plus(text);
	may = is_whole(text) && !is_emergency(digits) &&
	      !is_emergency(within_country(digits)) &&
	      !rings_us(config, digits) && line < config->n_lines &&
	      line_allows(config, &config->lines[line], number, text);
	secret_wipe(&canonical);

	return may;
}


bool number_may_join(const struct config *config, const char *number)
{
	struct secret_text digits;
	uint16_t line;
	struct pl pl;
	bool may;

	pl_set_str(&pl, number);
	if (number_is_ours(config, &pl, &line))
		return false;

	/* the end of one of ours may well be 112 */
	digits_of(&digits, &pl);
	may = strlen(secret_reveal(&digits)) < DIGITS_WHOLE ||
	      !rings_us(config, secret_reveal(&digits));
	secret_wipe(&digits);

	return may;
}
