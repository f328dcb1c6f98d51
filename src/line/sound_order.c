/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sound_order.c  What the media process is told to do, and nobody waits for.
 */
#include <string.h>

#include "sound_parts.h"

#define LOG_MODULE "sound"
#include "base/log.h"


void sound_order_reply(const struct wire_msg *msg, void *arg)
{
	const char *what = arg;

	if (msg && msg->type == WIRE_REFUSED)
		log_warn("media could not %s: %s", what,
			 ((const struct wire_refused *)msg->payload)->reason);
}


static void order(struct sound *s, uint64_t leg, enum wire_type type,
		  const void *payload, const char *what)
{
	const struct sound_media *m = sound_media_of(s, leg);

	/* without media there is no sound to order about */
	if (m->up)
		(void)wire_ask(m->conn, type, payload, NULL, 0,
			       sound_order_reply, (void *)what);
}


/* "es/greeting", where it is not the list's own language */
static void prompt_put(char buf[LIMIT_PROMPT], const struct sound_list *list,
		       const struct sound_prompt *prompt)
{
	const char *language = prompt->language;

	if (language && str_cmp(language, list->language))
		(void)re_snprintf(buf, LIMIT_PROMPT, "%s/%s", language,
				  prompt->name);
	else
		str_ncpy(buf, prompt->name, LIMIT_PROMPT);
}


void sound_play(struct sound *s, uint64_t leg, const struct sound_list *list)
{
	struct wire_leg_play play = {
		.leg    = leg,
		.loop   = list->loop,
		.serial = list->serial,
	};

	str_ncpy(play.language, list->language, sizeof(play.language));
	for (; play.n_prompts < list->n && play.n_prompts < LIMIT_PLAYLIST;
	     play.n_prompts++)
		prompt_put(play.prompt[play.n_prompts], list,
			   &list->v[play.n_prompts]);
	order(s, leg, WIRE_LEG_PLAY, &play, "play what a leg is to hear");
}


int sound_record(struct sound *s, uint64_t leg, uint64_t name, uint32_t max_ms,
		 const struct sound_seal *to)
{
	struct wire_leg_record record = {
		.leg = leg,
		.name = name,
		.max_ms = max_ms,
		.epoch = to->epoch,
	};
	const struct sound_media *m = sound_media_of(s, leg);

	memcpy(record.public, to->public, sizeof(record.public));

	return recordings_ask(s->recordings, m->up ? m->conn : NULL, &record);
}


void sound_stop(struct sound *s, uint64_t leg)
{
	const struct wire_leg stop = {leg};

	order(s, leg, WIRE_LEG_STOP, &stop, "end a message");
}


void sound_send_key(struct sound *s, uint64_t leg, uint8_t key,
		    uint32_t quiet_ms, uint32_t most_ms)
{
	const struct wire_leg_send_key send = {
		.leg = leg,
		.code = key,
		.quiet_ms = quiet_ms,
		.most_ms = most_ms,
	};

	order(s, leg, WIRE_LEG_SEND_KEY, &send, "press a key");
}


void sound_bridge(struct sound *s, uint64_t a, uint64_t b)
{
	const struct wire_bridge bridge = {a, b};

	order(s, a, WIRE_LEG_BRIDGE, &bridge, "join two legs");
}


void sound_hear(struct sound *s, uint64_t leg, const uint64_t *from, size_t n)
{
	struct wire_leg_hear hear = {.leg = leg};

	if (n > WIRE_HEARS) {
		log_error("a leg cannot hear %zu others: only the first %d",
			  n, WIRE_HEARS);
		n = WIRE_HEARS;
	}
	for (size_t i = 0; i < n; i++)
		hear.from[i] = from[i];
	hear.n = (uint32_t)n;

	order(s, leg, WIRE_LEG_HEAR, &hear, "let a leg hear others");
}


void sound_keep(struct sound *s, uint64_t leg, const uint8_t *blob, size_t n)
{
	const struct sound_media *m = sound_media_of(s, leg);
	const struct wire_leg kept = {leg};

	if (m->conn)
		(void)wire_ask(m->conn, WIRE_LEG_KEEP, &kept, blob, n,
			       sound_order_reply,
			       (void *)"hold what is known of a leg");
}


void sound_close(struct sound *s, uint64_t leg)
{
	const struct wire_leg close = {leg};

	sound_leg_forget(s, leg);
	order(s, leg, WIRE_LEG_CLOSE, &close, "close a leg");
}
