/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * caller.c  Reads who calls. Must not ask the caller's own headers for more
 * than From, nor keep a name.
 */
#include "caller.h"
#include "number.h"


/* one of the addresses in a header */
struct address {
	struct pl name;   /* as written, with its quotes */
	struct pl uri;
	struct pl params;
};

/* told of each; true stops */
typedef bool(address_h)(const struct address *a, void *arg);


static const char *const nobody[] = {
	"anonymous", "restricted", "unavailable", "unknown", "private",
	"withheld", "blocked",
};

/* the same words on a telephone's keys, as some carriers send them, and the
 * zeros of others */
static const char *const nobodys_numbers[] = {
	"266696687", "7378742833", "86282452253", "8656696", "8566696",
	"2562533", "0000000000",
};


/* ---- headers and addresses ----------------------------------------------
 *
 * libre finds a header by a hash of its name, which is not its name, and an
 * address by its first "<", which may stand in a quoted name.
 */

static bool is_named(const struct sip_hdr *hdr, const char *name)
{
	return !pl_strcasecmp(&hdr->name, name);
}


static void trim(struct pl *pl)
{
	while (pl->l && strchr(" \t\r\n", pl->p[0]))
		pl_advance(pl, 1);
	while (pl->l && strchr(" \t\r\n", pl->p[pl->l - 1]))
		--pl->l;
}


/* bytes until one of these outside quotes, or all */
static size_t span(const struct pl *pl, const char *stops)
{
	bool quoted = false;

	for (size_t i = 0; i < pl->l; i++) {
		const char c = pl->p[i];

		if (quoted && c == '\\')
			++i;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c && strchr(stops, c))
			return i;
	}

	return pl->l;
}


/* cut the first n bytes off */
static struct pl cut(struct pl *pl, size_t n)
{
	const struct pl head = {pl->p, n < pl->l ? n : pl->l};

	pl_advance(pl, (ssize_t)head.l);
	trim(pl);

	return head;
}


static void address_next(struct address *a, struct pl *rest)
{
	a->name = cut(rest, span(rest, "<,;"));
	trim(&a->name);
	if (rest->l && rest->p[0] == '<') {
		pl_advance(rest, 1);
		a->uri = cut(rest, span(rest, ">"));
		pl_advance(rest, rest->l ? 1 : 0);
	}
	else { /* the short form has no name */
		a->uri = a->name;
		a->name = pl_null;
	}
	trim(&a->uri);
	a->params = cut(rest, span(rest, ","));
	pl_advance(rest, rest->l ? 1 : 0);
	trim(rest);
}


static bool addresses(const struct sip_msg *msg, const char *header,
		      address_h *h, void *arg)
{
	struct le *le;

	LIST_FOREACH(&msg->hdrl, le)
	{
		const struct sip_hdr *hdr = le->data;
		struct pl rest = hdr->val;

		if (!is_named(hdr, header))
			continue;
		trim(&rest);
		while (rest.l) {
			struct address a;

			address_next(&a, &rest);
			if (h(&a, arg))
				return true;
		}
	}

	return false;
}


/* "sip:USER@HOST", "tel:USER": the user */
static struct pl user_of(const struct pl *uri)
{
	struct pl rest = *uri, scheme = cut(&rest, span(&rest, ":"));
	struct pl user;

	pl_advance(&rest, rest.l ? 1 : 0);
	if (!pl_strcasecmp(&scheme, "tel"))
		return rest;
	if (pl_strcasecmp(&scheme, "sip") && pl_strcasecmp(&scheme, "sips"))
		return pl_null;

	user = cut(&rest, span(&rest, "@"));
	if (!rest.l)
		return pl_null; /* a host alone */

	return cut(&user, span(&user, ":"));
}


/* ---- withheld ----------------------------------------------------------- */

static bool is_word_of(const struct pl *pl, const char *const words[],
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!pl_strcasecmp(pl, words[i]))
			return true;
	}

	return false;
}


static bool is_nobodys(const struct pl *user)
{
	struct secret_text number;
	struct pl digits;
	bool is;

	if (is_word_of(user, nobody, ARRAY_SIZE(nobody)))
		return true;
	if (number_read(&number, user))
		return false;

	pl_set_str(&digits, secret_reveal(&number));
	if (digits.p[0] == '+')
		pl_advance(&digits, 1);
	is = is_word_of(&digits, nobodys_numbers,
			ARRAY_SIZE(nobodys_numbers));
	secret_wipe(&number);

	return is;
}


static bool address_is_nobodys(const struct address *a, void *arg)
{
	struct pl name = a->name, user = user_of(&a->uri), host = a->uri;
	(void)arg;

	if (name.l > 1 && name.p[0] == '"')
		name = (struct pl){name.p + 1, name.l - 2};
	trim(&name);
	(void)cut(&host, span(&host, "@"));
	pl_advance(&host, host.l ? 1 : 0);
	host = cut(&host, span(&host, ";:?"));

	return is_word_of(&name, nobody, ARRAY_SIZE(nobody)) ||
	       !pl_strcasecmp(&host, "anonymous.invalid") ||
	       is_nobodys(&user);
}


static bool party_is_private(const struct address *a, void *arg)
{
	struct pl privacy;
	(void)arg;

	return !msg_param_decode(&a->params, "privacy", &privacy) &&
	       pl_strcasecmp(&privacy, "off");
}


/* RFC 3323, 4.2: words with semicolons between them */
static bool asks_privacy(const struct sip_msg *msg)
{
	static const char *const words[] = {"id", "user", "header"};
	struct le *le;

	LIST_FOREACH(&msg->hdrl, le)
	{
		const struct sip_hdr *hdr = le->data;
		struct pl rest = hdr->val;

		while (is_named(hdr, "Privacy") && rest.l) {
			struct pl word = cut(&rest, span(&rest, ";,"));

			pl_advance(&rest, rest.l ? 1 : 0);
			trim(&word);
			if (is_word_of(&word, words, ARRAY_SIZE(words)))
				return true;
		}
	}

	return false;
}


static bool is_withheld(const struct sip_msg *msg)
{
	return asks_privacy(msg) ||
	       addresses(msg, "Remote-Party-ID", party_is_private, NULL) ||
	       addresses(msg, "P-Asserted-Identity", address_is_nobodys,
			 NULL) ||
	       addresses(msg, "From", address_is_nobodys, NULL) ||
	       addresses(msg, "f", address_is_nobodys, NULL);
}


/* ---- the number --------------------------------------------------------- */

/* what the addresses of one header agree on */
struct finding {
	struct secret_text number;
	unsigned n;
	bool differ;
};


static bool address_take(const struct address *a, void *arg)
{
	struct finding *f = arg;
	struct secret_text number, was, is;
	const struct pl user = user_of(&a->uri);

	if (number_read(&number, &user))
		memset(&number, 0, sizeof(number));
	number_canonical(&was, &f->number);
	number_canonical(&is, &number);
	if (!f->n++)
		f->number = number;
	else if (strcmp(secret_reveal(&was), secret_reveal(&is)))
		f->differ = true;
	secret_wipe(&number);
	secret_wipe(&was);
	secret_wipe(&is);

	return false;
}


bool caller_number(struct secret_text *number, const struct sip_msg *msg)
{
	struct finding f = {.n = 0};

	memset(number, 0, sizeof(*number));
	if (is_withheld(msg))
		return false;

	(void)addresses(msg, "P-Asserted-Identity", address_take, &f);
	if (!f.n) {
		(void)addresses(msg, "From", address_take, &f);
		(void)addresses(msg, "f", address_take, &f);
	}
	if (!f.differ)
		*number = f.number;
	secret_wipe(&f.number);

	return secret_reveal(number)[0] != '\0';
}
