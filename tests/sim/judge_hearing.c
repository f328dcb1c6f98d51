/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * judge_hearing.c  What callers hear: nobody is hurried, hung up on, or left
 * to wait for nobody.
 */
#include "books.h"


enum {
	SLACK_MS = 5000, /* the core works through its calls, one each tick */
	QUIET_MS = 45000, /* 15 s of noise, and a list that is being heard  */
	CONFIRM_MS = 20000,
};

static const enum prompt questions[] = {
	PROMPT_CHOOSE, PROMPT_CHOOSE_LATER, PROMPT_SPEAK, PROMPT_OFFER_DECLINE,
	PROMPT_OFFER_STAY, PROMPT_NUMBER_RIGHT, PROMPT_TYPE_NUMBER,
	PROMPT_ASK_RING_BACK, PROMPT_ASK_WORDS, PROMPT_ASK_HOURS,
	PROMPT_ASK_SHOWN, PROMPT_CONFIRM, PROMPT_CHECK,
};

/* What a detention line must not say before a person is there. */
static const enum prompt needs_keys[] = {
	PROMPT_CHECK,
	PROMPT_GREETING, PROMPT_NOTICE, PROMPT_CHOOSE, PROMPT_CHOOSE_LATER,
	PROMPT_HOLD, PROMPT_PRESS, PROMPT_WRONG_KEY, PROMPT_OFFER_RING_BACK,
	PROMPT_OFFER_MESSAGE, PROMPT_OFFER_DECLINE, PROMPT_OFFER_STAY,
	PROMPT_ASK_RING_BACK, PROMPT_NUMBER, PROMPT_NUMBER_RIGHT,
	PROMPT_TYPE_NUMBER, PROMPT_ASK_WORDS, PROMPT_ASK_HOURS,
	PROMPT_ASK_SHOWN,
};


static bool hears_any(const struct core_playlist *l, const enum prompt *set,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (book_hears(l, set[i]))
			return true;
	}

	return false;
}


static bool is_asked(const struct book_call *c)
{
	/* who types hears nothing */
	return !c->heard.n ||
	       hears_any(&c->heard, questions, STEP_COUNT(questions));
}


/* --- on what is asked for: before it is in the books --------------------- */

static bool speaks(const struct core_line *line, uint8_t language)
{
	for (uint8_t i = 0; i < line->n_languages; i++) {
		if (line->languages[i] == language)
			return true;
	}

	return false;
}


static void judge_list(struct check *k, const struct book_call *c,
		       const struct core_playlist *l)
{
	const struct core_line *line = book_line(k, c);
	bool fits = l->n <= LIMIT_PLAYLIST;

	for (uint8_t i = 0; fits && i < l->n; i++)
		fits = l->v[i].prompt < PROMPTS &&
		       speaks(line, l->v[i].language);
	if (!fits)
		check_broken(k, CHECK_WORDS, "call %" PRIu64
			     " is played what its line does not have",
			     c->call);
	if (!(c->on_line || c->dial_up) || c->connected)
		check_broken(k, CHECK_WORDS, "call %" PRIu64
			     " is played something, but %s", c->call,
			     c->connected ? "talks" : "nobody listens");
	if (c->blocked && (!book_hears(l, PROMPT_BLOCKED) ||
			   book_hears(l, PROMPT_GREETING)))
		check_broken(k, CHECK_BLOCKED, "call %" PRIu64
			     " is blocked, and is not told", c->call);
	if (line->kind == LINE_DETENTION && c->on_line &&
	    hears_any(l, needs_keys, STEP_COUNT(needs_keys)))
		check_broken(k, CHECK_WORDS, "call %" PRIu64
			     " of a detention line is asked for keys",
			     c->call);
}


/* Who was asked something has ten seconds of silence to answer. */
static void judge_hurry(struct check *k, const struct book_call *c)
{
	const uint64_t last =
		c->heard_at > c->key_at ? c->heard_at : c->key_at;

	if (k->ev->type != CORE_TICK || c->heard.loop || !is_asked(c))
		return;
	if ((c->heard.n && !c->heard_at) || k->now < last + CORE_ANSWER_MS)
		check_broken(k, CHECK_SILENCE, "call %" PRIu64
			     " is hurried", c->call);
}


static void judge_kept(struct check *k, const struct book_call *c,
		       const struct core_playlist *l)
{
	const struct core_promise *p = &c->durable.promise;
	const bool kept = c->has_durable && p->kind != PROMISE_NONE;

	if ((book_hears(l, PROMPT_TONE) || book_hears(l, PROMPT_KEPT_MESSAGE)) &&
	    !kept)
		check_broken(k, CHECK_DURABLE, "call %" PRIu64
			     " may speak, but its promise is not on record",
			     c->call);
	if (book_hears(l, PROMPT_KEPT_RING_BACK) &&
	    !(kept && p->has_number))
		check_broken(k, CHECK_DURABLE, "call %" PRIu64
			     " is promised a ring-back that is not on record",
			     c->call);
}


static void did_play(struct check *k, const struct book_call *c,
		     const struct core_action *a)
{
	/* who was told that nobody is there is told that somebody is */
	const bool come = book_hears(&a->play, PROMPT_HOLD) ||
			  book_hears(&a->play, PROMPT_STAY);
	const bool gone = book_hears(&c->heard, PROMPT_NOBODY) ||
			  book_hears(&c->heard, PROMPT_CLOSED);

	judge_list(k, c, &a->play);
	if (!(come && gone))
		judge_hurry(k, c);
	judge_kept(k, c, &a->play);
}


static void did_hang_up(struct check *k, const struct book_call *c,
			const struct core_action *a)
{
	const enum core_event_type why = k->ev->type;

	(void)a;
	if (why != CORE_CLOSE && why != CORE_PROMISE_CLOSE &&
	    why != CORE_PROMISE_KEEP)
		judge_hurry(k, c);
	if (c->on_line && !c->goodbye && !c->connected && why != CORE_CLOSE &&
	    why != CORE_PROMISE_CLOSE && why != CORE_PROMISE_KEEP)
		check_broken(k, CHECK_GOODBYE, "call %" PRIu64
			     " is hung up on without a goodbye", c->call);
	if (c->state == CALL_CONFIRMING && why == CORE_TICK &&
	    k->now < c->dial_up_at + CONFIRM_MS)
		check_broken(k, CHECK_SILENCE, "call %" PRIu64
			     " has no time to confirm", c->call);
}


static void did_send_key(struct check *k, const struct book_call *c,
			 const struct core_action *a)
{
	const struct core_line *line = book_line(k, c);

	if (line->kind != LINE_DETENTION || a->key != line->accept_key ||
	    k->ev->type != CORE_ANSWERED)
		check_broken(k, CHECK_WORDS, "call %" PRIu64
			     ": key %u is sent", c->call, a->key);
}


static void did_typed(struct check *k, const struct book_call *c,
		      const struct core_action *a)
{
	if (k->ev->type != CORE_KEY || k->ev->call != c->call ||
	    a->key != k->ev->key || a->key > 9)
		check_broken(k, CHECK_NUMBER, "call %" PRIu64
			     ": a digit is noted that was not typed",
			     c->call);
}


typedef void(did_h)(struct check *k, const struct book_call *c,
		    const struct core_action *a);

static did_h *const did[CORE_ACTIONS] = {
	[CORE_PLAY] = did_play,
	[CORE_HANG_UP] = did_hang_up,
	[CORE_SEND_KEY] = did_send_key,
	[CORE_TYPED] = did_typed,
};


void judge_hearing_action(struct check *k, const struct core_action *a)
{
	const struct book_call *c = book_find_call(k, a->call);

	if (c && did[a->type])
		did[a->type](k, c, a);
}


/* --- between steps ------------------------------------------------------- */

static void judge_wait(struct check *k, const struct book_call *c)
{
	const struct core_line *line = book_line(k, c);
	uint64_t until = c->asked_at + line->max_wait_ms;

	if (c->list_since > until) /* was doing something else */
		until = c->list_since + line->offer_ms;
	if (book_offers_anything(k, c) && !is_asked(c) && k->now > until + SLACK_MS)
		check_broken(k, CHECK_WAIT, "call %" PRIu64
			     " waits for %" PRIu64
			     " ms and is not offered anything", c->call,
			     k->now - c->asked_at);
}


static void judge_nobody(struct check *k, const struct book_call *c)
{
	const bool closed = !book_open(k, c);
	uint64_t since = c->list_since;

	if (since < k->duty_changed)
		since = k->duty_changed;
	if (since < k->unix_told_at)
		since = k->unix_told_at;
	if (is_asked(c) || k->now < since + SLACK_MS ||
	    !book_offers_anything(k, c))
		return;
	if (c->record.promise.kind != PROMISE_NONE)
		return; /* they wait all the same */
	if (!book_line(k, c)->messages && c->told_nobody)
		return; /* nothing comes after the offer */
	if (closed || (!book_staffed(k, c) && !c->stays))
		check_broken(k, CHECK_NOBODY, "call %" PRIu64
			     " waits, but %s", c->call,
			     closed ? "the line is closed"
				    : "nobody is there");
}


static void judge_quiet(struct check *k, const struct book_call *c)
{
	if (book_line(k, c)->kind == LINE_DETENTION &&
	    k->now > c->quiet_since + QUIET_MS && !c->heard.loop)
		check_broken(k, CHECK_QUIET, "call %" PRIu64
			     " of a detention line hears nothing for %" PRIu64
			     " ms", c->call, k->now - c->quiet_since);
}


/* 0 was pressed in this step, where it must lead to a person. */
static void judge_zero(struct check *k, const struct book_call *c)
{
	const bool elsewhere = k->about_state == CALL_CHOOSING ||
			       k->about_state == CALL_LEAVING;

	if (k->ev->type != CORE_KEY || k->ev->key || k->ev->call != c->call)
		return;
	if (c->typed_in == k->n_steps)
		return; /* a digit */
	if (elsewhere && !c->blocked && !c->check && book_open(k, c) && book_staffed(k, c) &&
	    !book_is_queued(c->state) && c->state != CALL_TALKING)
		check_broken(k, CHECK_PERSON, "call %" PRIu64
			     " pressed 0, and is %s", c->call,
			     call_state_name(c->state));
	if (k->about_state == CALL_RECORDING && !c->stopped)
		check_broken(k, CHECK_PERSON, "call %" PRIu64
			     " pressed 0, and is still recorded", c->call);
}


void judge_hearing(struct check *k, const struct book_call *c)
{
	judge_zero(k, c);
	if (!c->on_line || !(c->state == CALL_WAITING ||
			     c->state == CALL_OFFERED))
		return;

	judge_wait(k, c);
	judge_nobody(k, c);
	judge_quiet(k, c);
}
