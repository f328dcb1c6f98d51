/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media.c  Keeps the legs and gives them their beat. Must not know sockets,
 * packets or the wire.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <re.h>

#include "media_parts.h"
#include "addr.h"

#define LOG_MODULE "media"
#include "base/log.h"


enum {
	BUCKETS  = 1024,
	CATCH_UP = 3, /* frames sent at once when the process was late */
};


static void entry_destructor(void *data)
{
	struct entry *e = data;

	hash_unlink(&e->he);
	list_unlink(&e->le);
	media_kept_wipe(e);
	mem_deref(e->leg);

	if (!--e->m->n && e->m->ticker)
		ticker_stop(e->m->ticker);
}


static void media_destructor(void *data)
{
	struct media *m = data;

	/* the legs end their messages, the disk waits for them */
	list_flush(&m->entryl);
	mem_deref(m->disk);
	list_flush(&m->takel);
	media_kept_line_wipe(m);
	mem_deref(m->ht);
	mem_deref(m->ticker);
	mem_deref(m->prompts);
	mem_deref(m->room.ports);
	mem_deref(m->room.webkey);
}


static void beat(uint64_t n, void *arg)
{
	struct media *m = arg;
	uint64_t k = n < CATCH_UP ? n : CATCH_UP;
	struct le *le;

	m->room.tick += n - k;
	while (k--) {
		++m->room.tick;
		LIST_FOREACH(&m->entryl, le)
		{
			const struct entry *e = le->data;

			leg_tick(e->leg);
		}
	}
	media_orphan_tick(m);
}


static void languages_load(const struct config *cfg, struct prompts *prompts)
{
	for (uint32_t i = 0; i < cfg->n_lines; i++) {
		const struct config_line *line = &cfg->lines[i];

		for (uint32_t k = 0; k < line->n_languages; k++)
			prompts_preload(prompts, line->languages[k]);
	}
}


static int outside_take(struct room *room, const struct config *cfg)
{
	int err = 0;

	for (uint32_t i = 0; i < cfg->n_media_public && !err; i++)
		err = sa_set_str(&room->outside[i], cfg->media_public[i], 0);
	if (!err)
		room->n_outside = cfg->n_media_public;

	return err;
}


int media_alloc(struct media **mp, const struct config *cfg,
		struct prompts *prompts, const struct media_handlers *h,
		void *arg)
{
	struct media *m;
	int err;

	if (!mp || !cfg || !prompts)
		return EINVAL;

	m = mem_zalloc(sizeof(*m), media_destructor);
	if (!m)
		return ENOMEM;

	codec_tables_init(&m->room.tables);
	m->prompts = mem_ref(prompts);
	m->room.noise = prompts_noise(prompts);
	m->room.tick = LEG_SILENT_TICKS;
	if (h) {
		m->h = *h;
		m->room.h = h->leg;
	}
	m->arg = arg;
	m->room.arg = arg;

	err = hash_alloc(&m->ht, BUCKETS);
	if (!err)
		err = ticker_alloc(&m->ticker, beat, m);
	if (!err)
		err = outside_take(&m->room, cfg);
	if (!err)
		err = ports_alloc(&m->room.ports, cfg->media, cfg->n_media);
	if (!err)
		err = webkey_alloc(&m->room.webkey);
	if (err)
		goto out;
	languages_load(cfg, prompts);

out:
	if (err)
		mem_deref(m);
	else
		*mp = m;

	return err;
}


static uint32_t key(uint64_t id)
{
	return hash_joaat((const uint8_t *)&id, sizeof(id));
}


static bool has_id(struct le *le, void *arg)
{
	const struct entry *e = le->data;

	return leg_id(e->leg) == *(uint64_t *)arg;
}


struct entry *media_entry(const struct media *m, uint64_t id)
{
	return list_ledata(hash_lookup(m->ht, key(id), has_id, &id));
}


struct leg *media_leg(const struct media *m, uint64_t id)
{
	const struct entry *e = media_entry(m, id);

	return e ? e->leg : NULL;
}


/* Numbers grow: but for a leg of another life, its place is the last one. */
static void entry_sort_in(struct media *m, struct entry *e)
{
	struct le *le = list_tail(&m->entryl);

	while (le && leg_id(((struct entry *)le->data)->leg) > leg_id(e->leg))
		le = le->prev;
	if (le)
		list_insert_after(&m->entryl, le, &e->le, e);
	else
		list_prepend(&m->entryl, &e->le, e);
}


static int entry_add(struct media *m, struct entry **ep, uint64_t id)
{
	struct entry *e;
	int err;

	if (m->n >= LIMIT_LEGS) {
		log_error("all %d legs are in use: a call is refused",
			  LIMIT_LEGS);
		return ENOSPC;
	}

	e = mem_zalloc(sizeof(*e), entry_destructor);
	if (!e)
		return ENOMEM;
	e->m = m;
	++m->n;

	err = leg_alloc(&e->leg, &m->room, id);
	if (!err)
		err = ticker_start(m->ticker);
	if (err) {
		mem_deref(e);
		return err;
	}

	hash_append(m->ht, key(id), &e->he, e);
	entry_sort_in(m, e);
	*ep = e;

	return 0;
}


static bool open_valid(const struct wire_leg_open *open)
{
	if (!open->leg || open->n_nets > WIRE_NETS ||
	    open->srtp > WIRE_SRTP_MUST)
		return false;
	for (unsigned i = 0; i < open->n_nets; i++) {
		if (!addr_net_valid(&open->nets[i]))
			return false;
	}

	return true;
}


/* @param addedp set if the leg is new: to be dropped if it is refused */
static int leg_get(struct media *m, const struct wire_leg_open *open,
		   struct leg **legp, struct entry **addedp)
{
	int err;

	if (!open_valid(open))
		return EINVAL;

	*addedp = NULL;
	*legp = media_leg(m, open->leg);
	if (*legp)
		return 0;

	err = entry_add(m, addedp, open->leg);
	if (!err)
		*legp = (*addedp)->leg;

	return err;
}


static void opened(const struct entry *added, uint64_t id, int err)
{
	if (!added)
		return;
	if (err)
		mem_deref((void *)added);
	else
		log_note("leg %" PRIu64 ": opened", id);
}


int media_offer(struct media *m, const struct wire_leg_open *open,
		struct mbuf **mbp)
{
	enum codec first = CODEC_PCMU;
	struct entry *added;
	struct leg *leg;
	int err;

	if (!m || !open || !mbp || (open->family != 4 && open->family != 6))
		return EINVAL;

	err = leg_get(m, open, &leg, &added);
	if (err)
		return err;
	(void)leg_codec(media_leg(m, open->like), &first);
	err = leg_offer(leg, open, first, mbp);
	opened(added, open->leg, err);

	return err;
}


int media_answer(struct media *m, const struct wire_leg_open *open,
		 const uint8_t *sdp, size_t n_sdp, struct mbuf **mbp)
{
	struct entry *added;
	struct leg *leg;
	enum codec like;
	bool known;
	int err;

	if (!m || !open || !mbp)
		return EINVAL;

	err = leg_get(m, open, &leg, &added);
	if (err)
		return err;
	if (open->web) {
		known = leg_codec(media_leg(m, open->like), &like);
		err = leg_answer_web(leg, known ? &like : NULL, sdp, n_sdp,
				     mbp);
	}
	else {
		err = leg_answer(leg, open, sdp, n_sdp, mbp);
	}
	opened(added, open->leg, err);

	return err;
}


int media_accept(struct media *m, uint64_t id, const uint8_t *sdp,
		 size_t n_sdp)
{
	struct leg *leg = media_leg(m, id);

	return leg ? leg_accept(leg, sdp, n_sdp) : ENOENT;
}


/* A missing prompt stops nobody. If it was to be looped, noise follows: not
 * the greeting, again and again. */
static void list_find(struct media *m, struct leg_list *list,
		      const struct wire_leg_play *play)
{
	list->n = 0;
	list->loop = play->loop;
	list->serial = play->loop ? 0 : play->serial;
	for (unsigned i = 0; i < play->n_prompts; i++) {
		int err;

		err = prompts_find(m->prompts, &list->v[list->n],
				   play->language, play->prompt[i]);
		if (!err)
			++list->n;
		else if (i + 1u == play->n_prompts)
			list->loop = false;
		/* that there is none, prompts_get() has said, once */
		if (err && err != ENOENT)
			log_error("leg %" PRIu64 ": a prompt is left out: %s",
				  play->leg, strerror(err));
	}
}


int media_play(struct media *m, const struct wire_leg_play *play)
{
	struct leg_list list;
	struct leg *leg;

	if (!m || !play || play->n_prompts > LIMIT_PLAYLIST)
		return EINVAL;
	leg = media_leg(m, play->leg);
	if (!leg)
		return ENOENT;

	list_find(m, &list, play);
	leg_play(leg, &list);

	return 0;
}


int media_bridge(struct media *m, uint64_t a, uint64_t b)
{
	struct leg *la = media_leg(m, a), *lb = media_leg(m, b);

	if (!la || !lb)
		return ENOENT;
	if (la == lb)
		return EINVAL;

	leg_bridge(la, lb);
	log_note("leg %" PRIu64 ": hears leg %" PRIu64 ", and it hears it",
		 a, b);

	return 0;
}


static bool hear_valid(const struct wire_leg_hear *hear)
{
	if (hear->n > WIRE_HEARS)
		return false;
	for (unsigned i = 0; i < hear->n; i++) {
		if (hear->from[i] == hear->leg)
			return false;
		for (unsigned k = 0; k < i; k++) {
			if (hear->from[i] == hear->from[k])
				return false;
		}
	}

	return true;
}


int media_hear(struct media *m, const struct wire_leg_hear *hear)
{
	struct leg *from[WIRE_HEARS], *leg;
	int err;

	if (!m || !hear || !hear_valid(hear))
		return EINVAL;
	leg = media_leg(m, hear->leg);
	if (!leg)
		return ENOENT;
	for (unsigned i = 0; i < hear->n; i++) {
		from[i] = media_leg(m, hear->from[i]);
		if (!from[i])
			return ENOENT;
	}

	err = leg_hear(leg, from, hear->n);
	if (err)
		return err;
	if (!hear->n)
		log_note("leg %" PRIu64 ": hears nobody", hear->leg);
	for (unsigned i = 0; i < hear->n; i++)
		log_note("leg %" PRIu64 ": hears leg %" PRIu64 "%s", hear->leg,
			 hear->from[i], hear->n > 1 ? ", mixed" : "");

	return 0;
}


int media_send_key(struct media *m, const struct wire_leg_send_key *send)
{
	struct leg *leg = media_leg(m, send->leg);

	return leg ? leg_send_key(leg, send->code, send->quiet_ms,
				  send->most_ms)
		   : ENOENT;
}


int media_close(struct media *m, uint64_t id, struct wire_leg_stats *stats)
{
	struct entry *e = media_entry(m, id);

	if (!e)
		return ENOENT;

	leg_stats(e->leg, stats);
	log_note("leg %" PRIu64 ": closed; packets: %" PRIu64 " received, %"
		 PRIu64 " sent, %" PRIu64 " lost, %" PRIu64 " dropped", id,
		 stats->n_received, stats->n_sent, stats->n_lost,
		 stats->n_dropped);
	mem_deref(e);

	return 0;
}


void media_reset(struct media *m)
{
	if (m->n)
		log_note("the line begins anew: %u legs closed", m->n);
	list_flush(&m->entryl);
}


uint32_t media_count(const struct media *m)
{
	return m->n;
}
