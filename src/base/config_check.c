/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_check.c  What no value has wrong by itself: two that want the same
 * port or number, options that do not go together, too much of something. A
 * message never repeats a telephone number.
 */
#include <inttypes.h>
#include <string.h>

#include "config_media.h"
#include "config_option.h"


/* the line of a value, or of the end if it is a default */
static int line_at(cfg_t *cfg, const struct config_option *o, uint32_t i)
{
	const unsigned n = cfg_opt_size(cfg_getopt(cfg, o->name));

	return i < n ? config_value_at(cfg, o, i)->line : cfg->line;
}


static bool media_has(const struct config_media *m,
		      const struct config_addr *a)
{
	return strcmp(m->host, a->host) == 0 && a->port >= m->low &&
	       a->port <= m->high;
}


static bool is_loopback(const char *host)
{
	return strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}


static bool is_any(const char *host)
{
	return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}


/* what is said over the network is said by TLS, and has an address */
static const char *http_clash(const struct config *c, struct config_why *why)
{
	if (!*c->http_certificate != !*c->http_key) {
		(void)config_because(why, "http_certificate and http_key go "
					  "together; write both, or \"\" for "
					  "both");
		return *c->http_key ? "http_key" : "http_certificate";
	}
	if (!*c->http_certificate && !is_loopback(c->http.host)) {
		(void)config_because(
			why, "whoever is between could listen in; write a "
			     "certificate (http_certificate, http_key), or "
			     "an address of this machine alone, for example "
			     "\"127.0.0.1:8080\", and let a web server pass "
			     "requests on to it");
		return "http";
	}
	if (is_any(c->http.host) && !*c->http_origin) {
		(void)config_because(
			why, "browsers need one address; write it as "
			     "http_origin, for example "
			     "\"https://hotline.example\"");
		return "http";
	}

	return NULL;
}


/* an address to be told that leads to no port of ours */
static bool public_clash(const struct config *c, uint32_t *indexp,
			 struct config_why *why)
{
	for (uint32_t i = 0; i < c->n_media_public; i++) {
		const bool six = strchr(c->media_public[i], ':');
		bool found = false;

		for (uint32_t k = 0; k < c->n_media; k++)
			found |= six == (strchr(c->media[k].host, ':') != NULL);
		if (found)
			continue;
		(void)config_because(why, "no address of the option media is "
					  "IPv%d, so it leads nowhere; add one "
					  "there or take this one out",
				     six ? 6 : 4);
		*indexp = i;
		return true;
	}

	return false;
}


/* each process has two legs, of one call, at least */
static bool ports_clash(const struct config *c, uint32_t *indexp,
			struct config_why *why)
{
	struct config_media part;

	for (uint32_t k = 0; k < c->n_media; k++) {
		if (!config_media_part(&part, &c->media[k], 0,
				       2 * c->media_processes))
			continue;
		(void)config_because(why,
				     "these ports are too few for %" PRIu32
				     " media_processes, each of which needs "
				     "four from an even one on; write for "
				     "example 20000-29999",
				     c->media_processes);
		*indexp = k;
		return true;
	}

	return false;
}


static bool same_place(const struct config_addr *a,
		       const struct config_addr *b)
{
	return strcmp(a->host, b->host) == 0 && a->port == b->port;
}


/* a port and a certificate of its own */
static const char *tls_clash(const struct config *c, uint32_t *indexp,
			     struct config_why *why)
{
	if (!*c->sip_certificate != !*c->sip_key) {
		(void)config_because(why, "sip_certificate and sip_key go "
					  "together; write both, or \"\" for "
					  "both");
		return *c->sip_key ? "sip_key" : "sip_certificate";
	}
	if (c->n_sip_tls && !*c->sip_certificate && !*c->http_certificate) {
		(void)config_because(why, "there is no certificate; write "
					  "sip_certificate and sip_key, or "
					  "take this out");
		return "sip_tls";
	}
	for (uint32_t k = 0; k < c->n_sip_tls * c->n_sip; k++) {
		if (!same_place(&c->sip_tls[k / c->n_sip],
				&c->sip[k % c->n_sip]))
			continue;
		(void)config_because(why, "SIP is spoken there without TLS; "
					  "move one of the two, as in sip "
					  "127.0.0.1:5060 and sip_tls "
					  "127.0.0.1:5061");
		*indexp = k / c->n_sip;
		return "sip_tls";
	}
	for (uint32_t k = 0; k < c->n_sip_tls; k++) {
		if (!same_place(&c->sip_tls[k], &c->http))
			continue;
		(void)config_because(why, "the page is served there; move one "
					  "of the two");
		*indexp = k;
		return "sip_tls";
	}

	return NULL;
}


const struct config_option *config_clash(const struct config *c,
					 uint32_t *indexp,
					 struct config_why *why)
{
	const char *name;

	for (uint32_t k = 0; k < c->n_media * c->n_sip; k++) {
		const struct config_media *m = &c->media[k / c->n_sip];
		const struct config_addr *a = &c->sip[k % c->n_sip];

		if (!media_has(m, a))
			continue;
		(void)config_because(why,
				     "the ports from %d to %d include "
				     "%d, where SIP is spoken; move one of "
				     "the two, as in sip 127.0.0.1:5060 and "
				     "media 127.0.0.1:20000-29999",
				     m->low, m->high, a->port);
		*indexp = k / c->n_sip;
		return config_option_find(&config_root, "media");
	}

	if (ports_clash(c, indexp, why))
		return config_option_find(&config_root, "media");

	for (uint32_t k = 0; k < c->n_sip; k++) {
		if (strcmp(c->sip[k].host, c->http.host) != 0 ||
		    c->sip[k].port != c->http.port)
			continue;
		(void)config_because(why,
				     "SIP is spoken there; move one of "
				     "the two, as in sip 127.0.0.1:5060 and "
				     "http 127.0.0.1:8080");
		*indexp = 0;
		return config_option_find(&config_root, "http");
	}

	if (public_clash(c, indexp, why))
		return config_option_find(&config_root, "media_public");

	*indexp = 0;
	name = tls_clash(c, indexp, why);
	if (!name)
		name = http_clash(c, why);

	return name ? config_option_find(&config_root, name) : NULL;
}


int config_check_clash(const struct config *c, cfg_t *cfg)
{
	const struct config_option *o;
	struct config_why why;
	uint32_t i = 0;

	o = config_clash(c, &i, &why);
	if (!o)
		return 0;

	return config_complain(cfg->filename, line_at(cfg, o, i), "%s: %s",
			       o->name, why.text);
}


static const struct config_line *line_of(const struct config *c,
					 const char *number)
{
	for (uint32_t i = 0; i < c->n_lines; i++) {
		const struct config_line *l = &c->lines[i];

		for (uint32_t k = 0; k < l->n_numbers; k++) {
			if (strcmp(l->numbers[k], number) == 0)
				return l;
		}
	}

	return NULL;
}


/* a number leads to one line only */
static int numbers_check(const struct config *c, cfg_t *sec,
			 const struct config_line *line)
{
	const struct config_option *o =
		config_option_find(&config_lines, "numbers");

	for (uint32_t i = 0; i < line->n_numbers; i++) {
		const struct config_line *l = line_of(c, line->numbers[i]);

		if (l)
			return config_complain(
				sec->filename,
				config_value_at(sec, o, i)->line,
				"numbers: value %" PRIu32 " reaches "
				"line \"%s\" already; keep it in one "
				"of the two",
				i + 1, l->name);
	}

	return 0;
}


/* ---- what goes with which kind of line ---- */

/* NULL, or what is wrong */
typedef const char *(fits_h)(const struct config_line *line, bool set);


static const char *languages_fit(const struct config_line *line, bool set)
{
	(void)set;
	if (line->kind != CONFIG_KIND_DETENTION || line->n_languages == 1)
		return NULL;

	return "callers from detention cannot be asked to choose one; keep "
	       "one here, and make a line for each of the others";
}


static const char *ring_back_fits(const struct config_line *line, bool set)
{
	if (line->kind != CONFIG_KIND_DETENTION || !line->ring_back || !set)
		return NULL;

	return "nobody can be rung back in detention; write no here, or "
	       "remove it";
}


static const char *accept_key_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->kind == CONFIG_KIND_DETENTION || !line->accept_key)
		return NULL;

	return "only a detention line has an announcement to answer; write "
	       "\"\" here, or \"detention\" as its kind";
}


static bool is_number(const char *text)
{
	text += *text == '+';

	return *text && !text[strspn(text, "0123456789")];
}


/* what a telephone network could show */
static bool shown_fits(const struct config_line *line, const char *text)
{
	if (!*text || is_number(text))
		return true;
	for (uint32_t i = 0; i < line->n_numbers; i++) {
		if (strcmp(line->numbers[i], text) == 0)
			return true;
	}

	return false;
}


static const char *shows_fits(const struct config_line *line, bool set)
{
	(void)set;

	return shown_fits(line, line->shows)
		       ? NULL
		       : "write one of this line's numbers, or digits with a "
			 "+ before them or none";
}


static const char *neutral_fits(const struct config_line *line, bool set)
{
	(void)set;

	if (!shown_fits(line, line->neutral))
		return "write digits, with a + before them or none";
	if (*line->neutral && strcmp(line->neutral, line->shows) == 0)
		return "this is the number that shows whose line it is; "
		       "write another one, or \"\"";

	return NULL;
}


static const char *transfer_fits(const struct config_line *line, bool set)
{
	if (line->kind != CONFIG_KIND_DETENTION || !line->transfer || !set)
		return NULL;

	return "calls from detention are cut off when another party joins; "
	       "write no here, or remove it";
}


static bool same_name(const struct config_line *line)
{
	for (uint32_t i = 0; i < line->n_third; i++) {
		for (uint32_t k = 0; k < i; k++) {
			if (strcmp(line->third[i].name, line->third[k].name) ==
			    0)
				return true;
		}
	}

	return false;
}


static const char *third_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->n_third && line->kind == CONFIG_KIND_DETENTION)
		return "calls from detention are cut off when another party "
		       "joins; write {} here, or remove it";
	if (line->n_third && !line->transfer)
		return "nobody can be brought in while transfer is no; write "
		       "{} here, or transfer = yes";
	if (same_name(line))
		return "two have the same name; give each its own";

	return NULL;
}


static const char *listen_fits(const struct config_line *line, bool set)
{
	(void)set;
	if (line->kind != CONFIG_KIND_DETENTION || !line->listen)
		return NULL;

	return "nobody else may be in a call from detention; write no here, "
	       "or remove it";
}


static const struct {
	const char *option;
	fits_h *fits;
} fits[] = {
	{"languages", languages_fit},
	{"ring_back", ring_back_fits},
	{"accept_key", accept_key_fits},
	{"shows", shows_fits},
	{"neutral", neutral_fits},
	{"transfer", transfer_fits},
	{"third", third_fits},
	{"listen", listen_fits},
};


static int options_check(cfg_t *sec, const struct config_line *line)
{
	for (size_t i = 0; i < CONFIG_COUNT(fits); i++) {
		const struct config_option *o =
			config_option_find(&config_lines, fits[i].option);
		const bool set = cfg_opt_size(cfg_getopt(sec, o->name));
		const char *wrong = fits[i].fits(line, set);

		if (wrong)
			return config_complain(sec->filename,
					       line_at(sec, o, 0), "%s: %s",
					       o->name, wrong);
	}

	return 0;
}


/* ---- words of the whole installation ---- */

static const char *language_at(const struct config_line *line, uint32_t i)
{
	return i < line->n_languages ? line->languages[i] : NULL;
}


static const char *skill_at(const struct config_line *line, uint32_t i)
{
	return i < line->n_skills ? line->skills[i] : NULL;
}


static const struct words {
	const char *option;
	const char *(*at)(const struct config_line *line, uint32_t i);
	unsigned max;
} words[] = {
	{"languages", language_at, LIMIT_TONGUES},
	{"skills", skill_at, LIMIT_SKILLS},
};


static bool has_word(const struct words *w, const struct config_line *line,
		     const char *word)
{
	const char *other;

	for (uint32_t i = 0; (other = w->at(line, i)); i++) {
		if (strcmp(other, word) == 0)
			return true;
	}

	return false;
}


/* words of a line that no line before it has */
static unsigned n_new(const struct words *w, const struct config *c,
		      uint32_t n_before, const struct config_line *line)
{
	const char *word;
	unsigned n = 0;

	for (uint32_t i = 0; (word = w->at(line, i)); i++) {
		bool known = false;

		for (uint32_t k = 0; k < n_before && !known; k++)
			known = has_word(w, &c->lines[k], word);
		n += !known;
	}

	return n;
}


static int words_check(const struct config *c, cfg_t *sec,
		       const struct config_line *line)
{
	for (size_t i = 0; i < CONFIG_COUNT(words); i++) {
		const struct words *w = &words[i];
		unsigned n = n_new(w, c, c->n_lines, line);

		for (uint32_t k = 0; k < c->n_lines; k++)
			n += n_new(w, c, k, &c->lines[k]);
		if (n > w->max)
			return config_complain(
				sec->filename,
				line_at(sec,
					config_option_find(&config_lines,
							   w->option),
					0),
				"%s: all lines together have %u different "
				"ones at most; remove some",
				w->option, w->max);
	}

	return 0;
}


int config_check_line(const struct config *c, cfg_t *sec,
		      const struct config_line *line)
{
	int err;

	err = numbers_check(c, sec, line);
	if (!err)
		err = options_check(sec, line);
	if (!err)
		err = words_check(c, sec, line);

	return err;
}
