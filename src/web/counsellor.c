/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * counsellor.c  The line's words as JSON.
 */
#include "core/core.h"
#include "counsellor.h"
#include "libre.h"


enum { OFFER_TEXT = 24 };

static const char *const kinds[] = {
	[WIRE_RING_CALLER] = "caller",
	[WIRE_RING_BACK] = "ring_back",
	[WIRE_RING_CONSULT] = "consult",
};

/* NULL: there is none */
static const char *const guest_states[] = {
	[GUEST_NONE] = NULL,
	[GUEST_RINGING] = "ringing",
	[GUEST_ASIDE] = "aside",
	[GUEST_THREE] = "three",
};

static const char *const third_states[] = {
	[WIRE_THIRD_NONE] = NULL,
	[WIRE_THIRD_RINGING] = "ringing",
	[WIRE_THIRD_THERE] = "there",
};

/* who is spoken of, and where their names are */
struct naming {
	counsellor_name_h *h;
	void *arg;
};


static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}


static json_t *number_or_null(int64_t n)
{
	return n ? json_integer(n) : json_null();
}


/* 64 bits do not fit into a number of JavaScript */
static json_t *offer(uint64_t id)
{
	char text[OFFER_TEXT];

	if (!id)
		return json_null();
	(void)re_snprintf(text, sizeof(text), "%llu", id);

	return json_string(text);
}


static const char *line_name(const struct config *cfg, unsigned line)
{
	return line < cfg->n_lines ? cfg->lines[line].name : "";
}


static const char *kind(unsigned i)
{
	return kinds[i < ARRAY_SIZE(kinds) ? i : WIRE_RING_CALLER];
}


static const char *call_state(unsigned i)
{
	return i && i < CALL_STATES ? call_state_name((enum call_state)i)
				    : NULL;
}


static const char *person_state(unsigned i)
{
	return i < PERSON_STATES ? person_state_name((enum person_state)i)
				 : "";
}


static json_t *who(uint32_t person, const struct naming *n)
{
	if (!person)
		return json_null();

	return json_pack("{s:I, s:o}", "person", (json_int_t)person, "name",
			 n->h(person, n->arg));
}


static json_t *guest(const struct wire_counsellor *c, const struct naming *n)
{
	const char *state = c->guest_state < ARRAY_SIZE(guest_states)
				    ? guest_states[c->guest_state] : NULL;

	if (!c->guest || !state)
		return json_null();

	return json_pack("{s:I, s:o, s:s}", "person", (json_int_t)c->guest,
			 "name", n->h(c->guest, n->arg), "state", state);
}


static json_t *third(const struct wire_counsellor *c, const struct config *cfg)
{
	const char *state = c->third_state < ARRAY_SIZE(third_states)
				    ? third_states[c->third_state] : NULL;
	const struct config_line *line = c->line < cfg->n_lines
						 ? &cfg->lines[c->line] : NULL;

	if (!state || !line || !c->third || c->third > line->n_third)
		return json_null();

	return json_pack("{s:i, s:s, s:s}", "index", c->third - 1, "name",
			 line->third[c->third - 1].name, "state", state);
}


static json_t *listeners(const struct wire_counsellor *c,
			 const struct naming *n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(c->listeners); i++) {
		if (c->listeners[i])
			(void)json_array_append_new(list,
						    who(c->listeners[i], n));
	}

	return list;
}


/* who else is in a talk */
static json_t *party_json(const struct wire_counsellor *c,
			  const struct config *cfg, const struct naming *n)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:b, s:o, s:b}",
			 "asked_by", who(c->asked_by, n),
			 "guest", guest(c, n),
			 "third", third(c, cfg),
			 "listeners", listeners(c, n),
			 "whispers", c->whispers != 0,
			 "listening", number_or_null((int64_t)c->listening),
			 "whispering", c->whispering != 0);
}


json_t *counsellor_json(const struct wire_counsellor *c,
			const struct config *cfg, counsellor_name_h *nameh,
			void *arg)
{
	const struct naming naming = {nameh, arg};
	const bool some = c->offer || c->call;
	char language[LIMIT_LANGUAGE];
	json_t *json, *party;

	str_ncpy(language, c->language, sizeof(language));

	json = json_pack(
		"{s:s, s:b, s:o, s:o, s:o, s:s, s:s, s:s, s:I, s:I, s:b, s:b,"
		" s:b, s:b, s:b}",
		"state", person_state(c->state),
		"on_duty", c->on_duty != 0,
		"offer", offer(c->offer),
		"call", number_or_null((int64_t)c->call),
		"call_state", text_or_null(call_state(c->call_state)),
		"kind", kind(c->kind),
		"line", some ? line_name(cfg, c->line) : "",
		"language", some ? language : "",
		"since", (json_int_t)c->since,
		"until", (json_int_t)c->until,
		"held", c->held != 0,
		"browser", c->browser != 0,
		"plan", c->plan != 0,
		"sound_lost", c->sound_lost != 0,
		"cut_off", c->cut_off != 0);
	party = party_json(c, cfg, &naming);
	if (json && json_object_update(json, party)) {
		json_decref(json);
		json = NULL;
	}
	json_decref(party);

	return json;
}


json_t *quality_json(const struct wire_sound_quality *q)
{
	return json_pack("{s:i, s:i, s:i, s:i}",
			 "lost_there", (int)q->lost_there,
			 "lost_here", (int)q->lost_here,
			 "jitter_ms", (int)q->jitter_ms,
			 "rtt_ms", (int)q->rtt_ms);
}


json_t *board_call_json(const struct wire_board_call *c,
			const struct config *cfg)
{
	const char *state = call_state(c->state);
	char language[LIMIT_LANGUAGE];

	str_ncpy(language, c->language, sizeof(language));

	return json_pack("{s:I, s:s, s:s, s:s, s:I, s:o, s:b}",
			 "call", (json_int_t)c->call,
			 "line", line_name(cfg, c->line),
			 "language", language,
			 "state", state ? state : "",
			 "since", (json_int_t)c->since,
			 "person", number_or_null(c->person),
			 "plan", c->plan != 0);
}
