/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config.c  The table of options, and how a file is decoded by it. Must not
 * open what an option names, and must not repeat a telephone number in a
 * message.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_option.h"


#define AT(f)   offsetof(struct config, f), 0
#define LIST(f) offsetof(struct config, f), offsetof(struct config, n_##f)
#define LINE(f) offsetof(struct config_line, f), 0
#define LINE_LIST(f)                                                          \
	offsetof(struct config_line, f), offsetof(struct config_line, n_##f)

/* clang-format off */
/* name, type, default, field, least, most, help */
static const struct config_option options[] = {
	{"name", &config_type_name, {"Ringback"}, AT(name), 1, 1,
	 "What this hotline is called: counsellors' phones show it."},
	{"sip", &config_type_own_addr, {"127.0.0.1:5060"}, LIST(sip),
	 1, LIMIT_LISTEN,
	 "Where SIP is spoken, UDP and TCP: the machine's own address and\n"
	 "port. Several: {\"192.0.2.7:5060\", \"[2001:db8::7]:5060\"}"},
	{"sip_tls", &config_type_own_addr, {NULL}, LIST(sip_tls), 0,
	 LIMIT_LISTEN,
	 "Where SIP is spoken over TLS besides: for counsellors' telephones that\n"
	 "register here, and for trunks (docs/tls.md): {\"192.0.2.7:5061\"}.\n"
	 "Restart the line when its certificate was renewed."},
	{"sip_certificate", &config_type_path, {""}, AT(sip_certificate),
	 1, 1,
	 "Its certificate, a PEM file with its chain; \"\" for http_certificate."},
	{"sip_key", &config_type_path, {""}, AT(sip_key), 1, 1,
	 "Its private key, a PEM file; \"\" for http_key."},
	{"sip_ca", &config_type_path, {CONFIG_SIP_CA}, AT(sip_ca), 1, 1,
	 "Who may vouch for the certificate of a trunk that is reached by TLS:\n"
	 "a PEM file; \"\" for nobody."},
	{"sip_srtp", &config_type_srtp, {"offer"}, AT(sip_srtp), 1, 1,
	 "Whether sound is sealed (SRTP) where SIP is spoken over TLS: \"off\",\n"
	 "\"offer\" (if the other side can), \"require\" (or there is no call)."},
	{"http", &config_type_addr, {"127.0.0.1:8080"}, AT(http), 1, 1,
	 "Where the counsellors' page is served. Other machines reach it there\n"
	 "only with a certificate below; or leave it, and let a web server on\n"
	 "this machine pass requests on to it: docs/web.md shows how."},
	{"http_certificate", &config_type_path, {""}, AT(http_certificate),
	 1, 1,
	 "Certificate of the page, a PEM file with its chain; \"\" for none.\n"
	 "Browsers give the microphone to no page without one, except on this\n"
	 "machine itself."},
	{"http_key", &config_type_path, {""}, AT(http_key), 1, 1,
	 "Its private key, a PEM file that nobody else can read."},
	{"http_origin", &config_type_origin, {""}, AT(http_origin), 1, 1,
	 "How counsellors' browsers reach the page, for example\n"
	 "\"https://hotline.example\"; \"\" for the address above. Invitations\n"
	 "lead there, and requests of pages from elsewhere are refused."},
	{"media", &config_type_media, {"127.0.0.1:20000-29999"}, LIST(media),
	 1, LIMIT_LISTEN,
	 "Where sound is sent and received: the machine's own address and a\n"
	 "range of UDP ports, four for each call. Open them in the firewall."},
	{"media_public", &config_type_ip, {NULL}, LIST(media_public), 0,
	 LIMIT_LISTEN,
	 "Where browsers find the ports of \"media\" if the machine's own\n"
	 "address is not theirs to reach: the public address of a router that\n"
	 "passes these ports on unchanged, for example \"203.0.113.5\"."},
	{"media_processes", &config_type_count, {"1"}, AT(media_processes),
	 1, LIMIT_MEDIA,
	 "How many processes carry the sound, for hundreds of calls: as many\n"
	 "as the machine has processors, at most. They share the ports above.\n"
	 "The end of one ends its own calls alone."},
	{"strategy", &config_type_strategy, {"all"}, AT(strategy), 1, 1,
	 "Whose phones ring for a waiting caller: \"all\" who are free, at\n"
	 "the same time, and the first to pick up takes the call; or one\n"
	 "after the other, \"longest_idle\" (who has been free longest) or\n"
	 "\"round_robin\" (everybody in turn); or \"tiers\", growing circles:\n"
	 "all of the line's own organisation, then of its region too, then\n"
	 "everybody."},
	{"tier_seconds", &config_type_seconds, {"20"}, AT(tier_s), 1, 600,
	 "With strategy \"tiers\": how long one circle is rung before the\n"
	 "next one is rung as well. A circle with nobody on duty is left out\n"
	 "at once."},
	{"ring_at_once", &config_type_count, {"0"}, AT(ring_at_once),
	 0, LIMIT_RING_AT_ONCE,
	 "With strategy \"all\": how many phones ring for one caller at the\n"
	 "same time; 0 for as many as are free (32 at most)."},
	{"calls_a_minute", &config_type_count, {"60"}, AT(calls_a_minute),
	 0, 100000,
	 "More calls than people make: if more come within a minute it is a\n"
	 "flood, and callers are asked to press a key before anybody is rung\n"
	 "for them. 0: that is never so. See docs/floods.md."},
	{"most_waiting", &config_type_count, {"100"}, AT(most_waiting),
	 0, LIMIT_ON_LINE,
	 "So many callers may wait. Whoever comes then is told that it may\n"
	 "take very long, and is offered to be rung back or to leave a message\n"
	 "instead, or to wait all the same. 0: there is no such limit."},
	{"ring_seconds", &config_type_seconds, {"20"}, AT(ring_s), 1, 300,
	 "How long one counsellor's phone rings before it is left alone.\n"
	 "Whoever cannot be reached three times in a row (no answer, busy,\n"
	 "dead number, network) goes off duty: ringback person list says why."},
	{"rest_seconds", &config_type_seconds, {"15"}, AT(rest_s), 0, 3600,
	 "How long a counsellor who did not take a call is left in peace."},
	{"wrap_up_seconds", &config_type_seconds, {"30"}, AT(wrap_up_s),
	 0, 3600,
	 "Time for notes after a talk, for people added from now on."},
	{"short_call_seconds", &config_type_seconds, {"5"}, AT(short_call_s),
	 0, 120,
	 "A caller who is gone sooner counts as \"short\": a wrong number."},
	{"ring_backs_an_hour", &config_type_count, {"60"},
	 AT(ring_backs_an_hour), 0, 100000,
	 "So often callers are rung back within an hour, and no number more\n"
	 "than six times: what goes wrong must not cost a fortune. What is\n"
	 "beyond it is tried again later. 0: as often as is due."},
	{"ring_backs_a_day", &config_type_count, {"300"},
	 AT(ring_backs_a_day), 0, 100000,
	 "So often callers are rung back within 24 hours. Until there is room\n"
	 "again nobody is, and nobody is offered it; who was promised it\n"
	 "waits, and ringback status says so. 0: as often as is due."},
	{"ring_backs_at_once", &config_type_count, {"2"},
	 AT(ring_backs_at_once), 1, LIMIT_RING_AT_ONCE,
	 "How many callers are rung back at the same time, so that\n"
	 "counsellors stay free for those who are waiting on the phone."},
	{"home", &config_type_home, {""}, AT(home), 1, 1,
	 "Where numbers without a country's code are from, and what is dialled\n"
	 "there before an area code: \"+49 0\", \"+1 1\", \"+34\". So that the same\n"
	 "caller is known again whichever way a trunk or a hand writes the number;\n"
	 "\"\" if all numbers come in one way."},
	{"timezone", &config_type_zone, {""}, AT(timezone), 1, 1,
	 "Whose clock opening hours mean, for example \"Europe/Berlin\"; \"\"\n"
	 "for this machine's own. Summer time is taken care of."},
	{"session_seconds", &config_type_seconds, {"1800"}, AT(session_s),
	 90, 86400,
	 "How often both ends of a call make sure that the other is still\n"
	 "there (RFC 4028)."},
	{"log", &config_type_level, {"note"}, AT(log), 1, 1,
	 "How much is logged: \"error\", \"warn\", \"note\" or \"debug\"."},
	{"user", &config_type_label, {""}, AT(user), 1, 1,
	 "Whom the processes run as if root starts them: the data folder becomes\n"
	 "theirs, and they must be able to read certificates, keys and secret\n"
	 "files. \"\" for \"ringback\" if this machine has such a user, else for\n"
	 "whoever owns the data folder."},
	{"prompts", &config_type_path, {""}, AT(prompts), 1, 1,
	 "A folder with your own recordings, LANGUAGE/NAME.wav; \"\" for the\n"
	 "ones that come with Ringback."},
};

static const struct config_option line_options[] = {
	{"kind", &config_type_kind, {"ordinary"}, LINE(kind), 1, 1,
	 "What kind of line this is: \"ordinary\"; \"detention\" for calls\n"
	 "from prisons, which are cut off by menus, music and silence; or\n"
	 "\"after_hours\", which rings nobody and takes what callers leave."},
	{"numbers", &config_type_number, {NULL}, LINE_LIST(numbers),
	 0, LIMIT_NUMBERS,
	 "Numbers that reach this line, as dialled. All others reach the\n"
	 "first line of this file."},
	{"languages", &config_type_language, {"en"},
	 LINE_LIST(languages), 1, LIMIT_LANGUAGES,
	 "Languages of this line, the default first. Callers are asked to\n"
	 "choose if there are several, which takes them half a minute. A\n"
	 "detention line has one: callers there cannot be asked."},
	{"skills", &config_type_skill, {NULL}, LINE_LIST(skills),
	 0, LIMIT_SKILLS,
	 "What a counsellor must be able to do to be rung for this line: all\n"
	 "of these, for example {\"legal\", \"military\"}."},
	{"organisation", &config_type_label, {""}, LINE(organisation), 1, 1,
	 "Whose line this is. With strategy \"tiers\" their counsellors are\n"
	 "rung first."},
	{"region", &config_type_label, {""}, LINE(region), 1, 1,
	 "Where. With strategy \"tiers\" counsellors of this region come next."},
	{"hours", &config_type_hours, {NULL}, LINE_LIST(hours), 0, LIMIT_HOURS,
	 "When this line is open, by the clock on the wall; {} for always.\n"
	 "For example {\"Mon-Fri 09:00-17:00\", \"Sat 22:00-02:00\"}. Who calls\n"
	 "at other times is asked for a message, or to be rung back."},
	{"tells", &config_type_tells, {"position"}, LINE(tells), 1, 1,
	 "What waiting callers are told: \"position\" in the queue, how long\n"
	 "the \"wait\" will be, or \"nothing\"."},
	{"notice", &config_type_yes, {"yes"}, LINE(notice), 1, 1,
	 "Whether callers are told first what to do if a life is in danger."},
	{"messages", &config_type_yes, {"yes"}, LINE(messages), 1, 1,
	 "Whether callers may leave a message when nobody can talk to them."},
	{"ring_back", &config_type_yes, {"yes"}, LINE(ring_back), 1, 1,
	 "Whether callers may ask to be rung back. That needs a trunk that can\n"
	 "dial. Not on a detention line: nobody can be rung there."},
	{"trunk", &config_type_label, {""}, LINE(trunk), 1, 1,
	 "Name of the trunk to ring back by; \"\" for the first that can dial."},
	{"may_ring", &config_type_beginning, {NULL}, LINE_LIST(may_ring),
	 0, LIMIT_NUMBERS,
	 "Beginnings of numbers that may be rung back, for example\n"
	 "{\"+1\", \"0\"}; {} for any of the country that \"home\" names, or of\n"
	 "all if it names none. Name them: criminals ask to be rung back at\n"
	 "expensive numbers, of which they get a share. Premium, shared-cost\n"
	 "and satellite numbers are never rung unless named in full (\"+881\")."},
	{"shows", &config_type_shown, {""}, LINE(shows), 1, 1,
	 "Our number as callers see it when we ring them back, if they allow\n"
	 "that; \"\" to show none."},
	{"neutral", &config_type_shown, {""}, LINE(neutral), 1, 1,
	 "A number that says nothing to whoever sees it on the caller's phone;\n"
	 "\"\" if there is none."},
	{"show_numbers", &config_type_yes, {"no"}, LINE(show_numbers), 1, 1,
	 "Whether counsellors may look at the number of a caller while they\n"
	 "talk. Think twice: with \"no\" nobody can be made to tell it. With\n"
	 "\"yes\" they must give a reason, and each look stays on record: see\n"
	 "ringback audit. What callers withhold is never shown."},
	{"accept_key", &config_type_key, {""}, LINE(accept_key), 1, 1,
	 "On a detention line: the key that accepts the call after the\n"
	 "announcement, for example \"5\"; \"\" if none is asked for."},
	{"max_wait_seconds", &config_type_seconds, {"600"}, LINE(max_wait_s),
	 30, 7200,
	 "Who has waited so long is offered to leave a message or to be rung\n"
	 "back, and may wait on. Nobody is ever dropped."},
	{"promise_minutes", &config_type_minutes, {"240"},
	 LINE(promise_minutes), 1, 10080,
	 "A message or a ring-back is to be dealt with so long after the call,\n"
	 "or so long after the line opens again."},
	{"climb_minutes", &config_type_minutes, {"60"}, LINE(climb_minutes),
	 1, 10080,
	 "What is overdue for so long climbs: from its owner to everybody on\n"
	 "duty, then to the coordinator."},
	{"attempts", &config_type_count, {"5"}, LINE(attempts), 1, 20,
	 "How often somebody is rung back before the coordinator is asked."},
	{"attempt_minutes", &config_type_minutes, {"10"},
	 LINE(attempt_minutes), 1, 1440,
	 "Time between the first attempt to ring back and the second; each\n"
	 "pause is twice as long as the one before."},
	{"transfer", &config_type_yes, {"yes"}, LINE(transfer), 1, 1,
	 "Whether counsellors may ask another one for advice during a talk,\n"
	 "hand the caller over, and bring in somebody from outside. Not on a\n"
	 "detention line: such calls are cut off when that is noticed."},
	{"third", &config_type_third, {NULL}, LINE_LIST(third),
	 0, LIMIT_THIRDS,
	 "Whom counsellors may bring into a talk: a name and a number each, for\n"
	 "example {\"Interpreter: +1 202 555 0143\", \"Lifeline: 988\"}. They\n"
	 "are rung by this line's trunk; no other number can be dialled."},
	{"listen", &config_type_yes, {"no"}, LINE(listen), 1, 1,
	 "Whether coordinators and trainees of this line may listen to talks:\n"
	 "the counsellor sees who does, and it is put on record. The caller is\n"
	 "not told: say so in your greeting."},
	{"keep_notes", &config_type_count, {"12"}, LINE(keep_notes),
	 1, LIMIT_KEEP_MONTHS,
	 "So many whole months what is sealed for this line is kept (notes, and\n"
	 "the keys that open it): then nobody can open it any more, neither here\n"
	 "nor in an old backup. An open promise keeps its key until it is over."},
	{"keep_calls", &config_type_count, {"24"}, LINE(keep_calls),
	 1, LIMIT_KEEP_MONTHS,
	 "So many whole months the record of a call is kept: when it came, how\n"
	 "it ended. Not less than keep_notes. Open calls are kept, whatever this\n"
	 "says."},
	{"keep_messages", &config_type_count, {"90"}, LINE(keep_messages),
	 1, LIMIT_KEEP_DAYS,
	 "A message that nobody has dealt with for so many days is an alarm. It\n"
	 "is never deleted for its age: only with its promise."},
};
/* clang-format on */

const struct config_table config_root = {options, CONFIG_COUNT(options)};
const struct config_table config_lines = {line_options,
					  CONFIG_COUNT(line_options)};


const struct config_option *config_option_find(const struct config_table *t,
					       const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->v[i].name, name) == 0)
			return &t->v[i];
	}

	return NULL;
}


/* @return true if an earlier value of the list is the same */
static bool listed(cfg_t *cfg, const struct config_option *o, unsigned i)
{
	const char *text = config_value_at(cfg, o, i)->text;

	for (unsigned k = 0; k < i; k++) {
		if (strcmp(config_value_at(cfg, o, k)->text, text) == 0)
			return true;
	}

	return false;
}


static int option_check(cfg_t *cfg, const struct config_option *o, unsigned i)
{
	const struct config_value *v = config_value_at(cfg, o, i);
	struct config_why why;

	if (!o->n_offset)
		return 0;
	if (i >= o->max) {
		(void)config_because(&why,
				     "%s takes %" PRIu32 " values at most",
				     o->name, o->max);
		return config_complain(cfg->filename, v->line, "%s", why.text);
	}
	if (listed(cfg, o, i)) {
		(void)config_because(&why, "listed twice; remove one");
		return config_complain_value(cfg, o, v, &why);
	}

	return 0;
}


void config_option_preset(void *to, const struct config_option *o)
{
	uint8_t *base = to;
	uint8_t *field = base + o->offset;
	struct config_why why;
	uint32_t n = 0;

	for (; n < CONFIG_PRESETS && o->preset[n]; n++)
		(void)o->type->decode(field + n * o->type->size, o->preset[n],
				      o, &why);
	if (o->n_offset)
		*(uint32_t *)(void *)(base + o->n_offset) = n;
}


/* base is the struct config or struct config_line to fill */
static int option_decode(uint8_t *base, cfg_t *cfg,
			 const struct config_option *o)
{
	cfg_opt_t *opt = cfg_getopt(cfg, o->name);
	uint8_t *field = base + o->offset;
	struct config_why why;

	if (!cfg_opt_size(opt)) {
		config_option_preset(base, o);
		return 0;
	}

	for (unsigned i = 0; i < cfg_opt_size(opt); i++) {
		const struct config_value *v = config_value_at(cfg, o, i);
		int err;

		err = option_check(cfg, o, i);
		if (err)
			return err;
		err = o->type->decode(field + i * o->type->size, v->text, o,
				      &why);
		if (err)
			return config_complain_value(cfg, o, v, &why);
	}
	if (o->n_offset)
		*(uint32_t *)(void *)(base + o->n_offset) = cfg_opt_size(opt);

	return 0;
}


static int table_decode(void *base, cfg_t *cfg, const struct config_table *t)
{
	int err = 0;

	for (size_t i = 0; i < t->n && !err; i++)
		err = option_decode(base, cfg, &t->v[i]);

	return err;
}


static int line_decode(struct config *c, cfg_t *sec)
{
	struct config_line line;
	struct config_why why;
	int err;

	memset(&line, 0, sizeof(line));
	if (c->n_lines >= LIMIT_LINES)
		return config_complain(sec->filename, sec->line,
				       "there are %d lines at most",
				       LIMIT_LINES);
	if (config_type_name.decode(line.name, sec->title, NULL, &why))
		return config_complain(sec->filename, sec->line, "line: %s",
				       why.text);

	err = table_decode(&line, sec, &config_lines);
	if (err)
		return err;
	err = config_check_line(c, sec, &line);
	if (err)
		return err;
	if (line.kind == CONFIG_KIND_DETENTION)
		line.transfer = false;

	c->lines[c->n_lines++] = line;
	return 0;
}


static int lines_decode(struct config *c, cfg_t *cfg)
{
	const unsigned n = cfg_size(cfg, CONFIG_LINE);
	int err = 0;

	if (!n)
		return config_complain(
			cfg->filename, cfg->line,
			"there is no line to call; "
			"add  line \"main\" { languages = {\"en\"} }");

	for (unsigned i = 0; i < n && !err; i++)
		err = line_decode(c, cfg_getnsec(cfg, CONFIG_LINE, i));

	return err;
}


static int config_decode(struct config *c, cfg_t *cfg)
{
	int err;

	err = table_decode(c, cfg, &config_root);
	if (!err)
		err = config_check_clash(c, cfg);
	if (!err)
		err = lines_decode(c, cfg);

	return err;
}


int config_path(char *path, size_t size, const char *dir)
{
	const int n = snprintf(path, size, "%s/ringback.conf", dir);

	return n < 0 || (size_t)n >= size ? ENAMETOOLONG : 0;
}


int config_read(struct config **cfgp, const char *dir)
{
	char path[LIMIT_PATH];
	struct config *c = NULL;
	cfg_t *cfg = NULL;
	int err;

	if (!cfgp || !dir)
		return EINVAL;

	err = config_path(path, sizeof(path), dir);
	if (err)
		return err;
	err = config_parse(&cfg, path);
	if (err)
		goto out;

	c = calloc(1, sizeof(*c));
	err = c ? config_decode(c, cfg) : ENOMEM;

out:
	if (err == ENOMEM)
		fprintf(stderr, "%s: out of memory\n", path);
	if (cfg)
		(void)cfg_free(cfg);
	if (err)
		config_free(c);
	else
		*cfgp = c;

	return err;
}


void config_free(struct config *cfg)
{
	free(cfg);
}


void config_origin(char *origin, const struct config *cfg)
{
	const bool tls = cfg->http_certificate[0] != '\0';
	const bool v6 = strchr(cfg->http.host, ':') != NULL;
	const uint16_t usual = tls ? 443 : 80;
	char port[8] = "";

	if (cfg->http_origin[0]) {
		strcpy(origin, cfg->http_origin);
		return;
	}

	if (cfg->http.port != usual)
		(void)snprintf(port, sizeof(port), ":%u", cfg->http.port);
	(void)snprintf(origin, LIMIT_URI, "%s://%s%s%s%s",
		       tls ? "https" : "http", v6 ? "[" : "", cfg->http.host,
		       v6 ? "]" : "", port);
}
