/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * number.c  Reads and compares telephone numbers. Must not log or keep one.
 */
#include "number.h"


enum {
	DIGITS_MIN = 3,
	DIGITS_MAX = LIMIT_DIGITS,
	DIGITS_RAW = LIMIT_DIGITS + 2, /* with 00 */
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


static bool line_allows(const struct config_line *line, const char *canonical)
{
	for (uint32_t i = 0; i < line->n_may_ring; i++) {
		if (begins(canonical, line->may_ring[i]))
			return true;
	}

	return line->n_may_ring == 0;
}


static bool same_number(const char *number, const struct pl *user)
{
	struct pl a, b = *user;

	pl_set_str(&a, number);
	if (a.l && a.p[0] == '+')
		pl_advance(&a, 1);
	if (b.l && b.p[0] == '+')
		pl_advance(&b, 1);

	return !pl_cmp(&a, &b);
}


bool number_is_ours(const struct config *config, const struct pl *user,
		    uint16_t *linep)
{
	for (uint16_t i = 0; i < config->n_lines; i++) {
		const struct config_line *line = &config->lines[i];

		for (uint32_t k = 0; k < line->n_numbers; k++) {
			if (same_number(line->numbers[k], user)) {
				*linep = i;
				return true;
			}
		}
	}

	return false;
}


bool number_may_ring(const struct config *config, uint16_t line,
		     const struct secret_text *number)
{
	struct secret_text canonical;
	const char *text, *digits;
	struct pl user;
	uint16_t ours;
	bool may;

	number_canonical(&canonical, number);
	text = secret_reveal(&canonical);
	digits = text[0] == '+' ? text + 1 : text;
	pl_set_str(&user, text);
	may = strlen(digits) >= DIGITS_MIN && strlen(digits) <= DIGITS_MAX &&
	      !is_emergency(digits) &&
	      !number_is_ours(config, &user, &ours) &&
	      line < config->n_lines &&
	      line_allows(&config->lines[line], text);
	secret_wipe(&canonical);

	return may;
}
