/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calls.c  Callers: what their legs say goes to the core, what the core wants
 * of them goes to their legs. Must not know counsellors.
 */
#include <sodium.h>

#include "base/message.h"
#include "caller.h"
#include "dialler.h"
#include "moving.h"
#include "number.h"
#include "offer.h"
#include "sealing.h"
#include "surge.h"
#include "switchboard_parts.h"
#include "terms.h"

#define LOG_MODULE "call"
#include "base/log.h"


/* collect calls: the announcement is over when it has been quiet so long */
enum { KEY_QUIET_MS = 1500, KEY_MOST_MS = 15000 };


/* asked for a key in a flood: has pressed it, or never will */
static void asked_no_more(struct call *call)
{
	if (!call->asked)
		return;

	call->asked = false;
	surge_settled(call->sb->surge);
}


void calls_on_state(struct call *call, enum call_state state)
{
	static const bool is_in[CALL_STATES] = {
		[CALL_WAITING] = true, [CALL_OFFERED] = true,
		[CALL_TALKING] = true, [CALL_SAVING_MESSAGE] = true,
		[CALL_RECORDING] = true, [CALL_SAVING_RING_BACK] = true,
	};

	if (!is_in[state])
		return;
	if (call->asked || state == CALL_TALKING)
		surge_know(call->sb->surge, call->handle);
	asked_no_more(call);
}


static void call_destructor(void *data)
{
	struct call *call = data;

	asked_no_more(call);
	hash_unlink(&call->he);
	hash_unlink(&call->he_ear);
	twins_forget(call);
	mem_deref(call->leg);
	mem_deref(call->dial);
	mem_deref(call->party);
	if (call->recording)
		--call->sb->n_recording;
	secret_wipe(&call->number);
	secret_wipe(&call->typed);
}


static bool call_is(struct le *le, void *arg)
{
	return ((struct call *)le->data)->id == *(const uint64_t *)arg;
}


static bool call_hears(struct le *le, void *arg)
{
	return ((struct call *)le->data)->ear == *(const uint64_t *)arg;
}


struct call *calls_find(const struct switchboard *sb, uint64_t id)
{
	return list_ledata(hash_lookup(sb->calls, (uint32_t)id, call_is, &id));
}


static struct call *call_of_leg(const struct switchboard *sb, uint64_t leg)
{
	return list_ledata(
		hash_lookup(sb->ears, (uint32_t)leg, call_hears, &leg));
}


int calls_add(struct call **callp, struct switchboard *sb, uint64_t id,
	       uint16_t line)
{
	struct call *call;

	call = mem_zalloc(sizeof(*call), call_destructor);
	if (!call)
		return ENOMEM;
	call->sb = sb;
	call->id = id;
	call->line = line;
	hash_append(sb->calls, (uint32_t)id, &call->he, call);
	*callp = call;

	return 0;
}


void calls_release(struct call *call)
{
	if (call->leg || call->dial)
		return;

	if (call->ended) {
		mem_deref(call);
		return;
	}
	/* what they confirmed before they spoke is promised once it is filed */
	if (call->recording)
		return;

	secret_wipe(&call->typed);
	if (call->hung_up && !call->owed) {
		twins_forget(call);
		secret_wipe(&call->number);
		memset(&call->sealed, 0, sizeof(call->sealed));
	}
}


void calls_listen(struct call *call, uint64_t leg)
{
	hash_unlink(&call->he_ear);
	call->ear = leg;
	if (leg)
		hash_append(call->sb->ears, (uint32_t)leg, &call->he_ear,
			    call);
}


uint64_t calls_sound(const struct call *call)
{
	return call->dial ? leg_sound(dialler_leg(call->dial))
			  : leg_sound(call->leg);
}


uint64_t calls_voice(const struct call *call)
{
	const struct leg *leg = call->dial ? dialler_leg(call->dial)
					   : call->leg;

	return leg_is_moving(leg) ? 0 : leg_sound(leg);
}


/* ---- what the caller's leg says ----------------------------------------- */

static void caller_over(struct call *call, enum core_cause cause)
{
	struct core_event ev = {.type = CORE_CALLER_GONE, .call = call->id,
				.cause = cause};
	struct core_call_view view;
	const bool was_ours = call->hung_up;

	calls_listen(call, 0);
	asked_no_more(call);
	call->leg = mem_deref(call->leg);
	call->hung_up = true;
	if (was_ours || call->ended) {
		calls_release(call);
		return;
	}
	if (cause == CAUSE_RESTART) {
		moving_cut_off(call);
		return;
	}

	/* it never got an answer, and that was not the caller's doing */
	if (core_call(call->sb->core, call->id, &view) &&
	    view.state == CALL_ANSWERING && cause != CAUSE_HUNG_UP)
		ev.type = CORE_NOT_ANSWERED;
	switchboard_post(call->sb, &ev);
}


static void caller_news(struct leg *leg, enum leg_news news,
			enum core_cause cause, void *arg)
{
	struct call *call = arg;
	const struct core_event ev = {.type = CORE_ANSWERED, .call = call->id};
	(void)leg;

	if (news == LEG_ANSWERED)
		switchboard_post(call->sb, &ev);
	else if (news == LEG_MOVED)
		moving_caller_back(call);
	else if (news == LEG_OVER)
		caller_over(call, cause);
}


int calls_restore(struct call *call, uint64_t leg, const struct kept *k)
{
	const int err = leg_restore(&call->leg, call->sb->legs, leg, k,
				    caller_news, call);

	if (err)
		return err;
	call->hung_up = false;
	calls_listen(call, leg);

	return 0;
}


void calls_on_digit(uint64_t leg, uint8_t key, void *arg)
{
	struct switchboard *sb = arg;
	const struct call *call = call_of_leg(sb, leg);
	const struct core_event ev = {.type = CORE_KEY,
				      .call = call ? call->id : 0,
				      .key = key};

	/* A to D are on no caller's telephone */
	if (call && key < 12)
		switchboard_post(sb, &ev);
	else if (!call)
		offer_key(sb, leg, key);
}


void calls_on_played(uint64_t leg, uint32_t serial, void *arg)
{
	struct switchboard *sb = arg;
	const struct call *call = call_of_leg(sb, leg);
	const struct core_event ev = {.type = CORE_PLAYED,
				      .call = call ? call->id : 0,
				      .serial = serial};

	if (call)
		switchboard_post(sb, &ev);
	else
		offers_on_played(sb, leg, serial);
}


void calls_on_recorded(const struct sound_recorded *r, void *arg)
{
	struct switchboard *sb = arg;
	struct call *call = calls_find(sb, r->name);
	const struct core_event ev = {
		.type = CORE_FILED,
		.call = r->name,
		.ms = r->ms,
		.voiced_ms = r->voiced_ms,
	};

	if (r->err)
		log_warn("call %llu: its message ended early: %s",
			 (unsigned long long)r->name, strerror(r->err));
	if (!call || !call->recording)
		return;

	call->recording = false;
	--sb->n_recording;
	switchboard_post(sb, &ev);
}


/* ---- what the core wants ------------------------------------------------ */

void calls_do_answer(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = calls_find(sb, a->call);

	if (call && call->leg)
		leg_answer(call->leg);
}


/* REFUSE and HANG_UP */
void calls_do_end(struct switchboard *sb, const struct core_action *a)
{
	const enum core_cause cause = a->cause ? a->cause : CAUSE_HUNG_UP;
	struct call *call = calls_find(sb, a->call);

	if (!call)
		return;

	if (call->dial) {
		dialler_end(call->dial, cause);
		return;
	}
	call->hung_up = true;
	leg_end(call->leg, cause);
}


static const char *language_of(const struct switchboard *sb, uint8_t language)
{
	return language < sb->words.n_languages
		       ? sb->words.languages[language]
		       : sb->c.config->lines[0].languages[0];
}


static void list_add(struct sound_list *list, enum prompt prompt,
		     const char *language)
{
	if (list->n == LIMIT_PLAYLIST)
		return;

	list->v[list->n].name = prompt_name(prompt);
	list->v[list->n++].language = language;
}


/* the number that the caller is asked about, digit by digit */
static void list_add_number(struct sound_list *list, const struct call *call,
			    const char *language)
{
	const char *p = secret_reveal(&call->typed);

	if (!*p)
		p = secret_reveal(&call->number);
	for (; *p; p++) {
		if (*p >= '0' && *p <= '9')
			list_add(list,
				 (enum prompt)(PROMPT_ZERO + (*p - '0')),
				 language);
	}
}


void calls_play(const struct call *call, uint64_t leg,
	       const struct core_playlist *play)
{
	struct switchboard *sb = call->sb;
	struct sound_list list = {
		.language = sb->c.config->lines[call->line].languages[0],
		.loop = play->loop,
		.serial = play->serial,
	};

	for (uint8_t i = 0; i < play->n; i++) {
		const char *language = language_of(sb, play->v[i].language);

		if (play->v[i].prompt == PROMPT_NUMBER)
			list_add_number(&list, call, language);
		else
			list_add(&list, (enum prompt)play->v[i].prompt,
				 language);
	}
	sound_play(sb->sound, leg, &list);
	explicit_bzero(&list, sizeof(list));
}


void calls_do_play(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = calls_find(sb, a->call);

	if (!call)
		return;
	call->hears = a->play;
	if (calls_sound(call))
		calls_play(call, calls_sound(call), &a->play);
}


void calls_do_typed(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = calls_find(sb, a->call);
	size_t n;

	if (!call || a->key > 9)
		return;
	n = strlen(call->typed.hidden);
	if (n < LIMIT_DIGITS) {
		call->typed.hidden[n] = (char)('0' + a->key);
		call->typed.hidden[n + 1] = '\0';
	}
}


void calls_do_type_anew(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = calls_find(sb, a->call);

	if (call)
		secret_wipe(&call->typed);
}


void calls_do_check_number(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = calls_find(sb, a->call);
	struct core_event ev = {.type = CORE_NUMBER_BAD, .call = a->call};

	if (!call)
		return;
	if (number_may_ring(sb->c.config, call->line, &call->typed))
		ev.type = CORE_NUMBER_GOOD;
	switchboard_post(sb, &ev);
}


void calls_do_send_key(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = calls_find(sb, a->call);

	if (call && calls_sound(call))
		sound_send_key(sb->sound, calls_sound(call), a->key,
			       KEY_QUIET_MS, KEY_MOST_MS);
}


void calls_do_record_message(struct switchboard *sb,
			    const struct core_action *a)
{
	struct call *call = calls_find(sb, a->call);
	const struct core_event ev = {.type = CORE_FILED, .call = a->call};
	struct sound_seal to;
	int err;

	if (!call)
		return;

	err = sealing_to(sb, call->line, &to);
	if (!err)
		err = sound_record(sb->sound, calls_sound(call), call->id,
				   LIMIT_MESSAGE_S * 1000, &to);
	if (!err) {
		call->recording = true;
		++sb->n_recording;
		return;
	}

	log_error("call %llu: its message cannot be written down: %s",
		  (unsigned long long)call->id,
		  err == ENOENT ? "there is no key to seal it to"
				: strerror(err));
	switchboard_post(sb, &ev);
}


void calls_do_stop_message(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = calls_find(sb, a->call);

	if (call && calls_sound(call))
		sound_stop(sb->sound, calls_sound(call));
}


void calls_do_drop_message(struct switchboard *sb, const struct core_action *a)
{
	const int err = wiper_message(sb->wiper, a->call);

	if (err)
		log_warn("call %llu: its silent message could not be deleted: "
			 "%s", (unsigned long long)a->call, strerror(err));
}


uint32_t calls_handle(const struct call *call)
{
	const struct switchboard *sb = call->sb;
	struct secret_text canonical;
	uint32_t handle;

	number_alike(&canonical, &sb->c.config->home, &call->number);
	handle = handle_of(sb->handles, call->line, &canonical);
	secret_wipe(&canonical);

	return handle;
}


/* ---- the outside -------------------------------------------------------- */

/* who calls, and what becomes of that */
struct newcomer {
	struct secret_text number;
	uint32_t handle;
	uint16_t line;
	bool is_known; /* the number */
	enum surge_verdict verdict;
};


/* Nobody on a detention line can press a key, and all of one house come from
 * one number. */
static enum surge_verdict verdict_on(struct switchboard *sb,
				     const struct newcomer *n,
				     const struct secret_text *canonical)
{
	if (sb->c.config->lines[n->line].kind == CONFIG_KIND_DETENTION)
		return SURGE_COME;

	return surge_arrive(sb->surge, canonical, n->handle, tmr_jiffies());
}


static void newcomer_look(struct newcomer *n, struct switchboard *sb,
			  const struct sip_msg *msg)
{
	struct secret_text canonical = {.hidden = ""};

	memset(n, 0, sizeof(*n));
	if (!number_is_ours(sb->c.config, &msg->uri.user, &n->line))
		n->line = 0;
	n->is_known = caller_number(&n->number, msg);
	if (n->is_known) {
		number_alike(&canonical, &sb->c.config->home, &n->number);
		n->handle = handle_of(sb->handles, n->line, &canonical);
	}
	n->verdict = verdict_on(sb, n, &canonical);
	secret_wipe(&canonical);
}


static int call_arrive(struct switchboard *sb, const struct sip_msg *msg,
		       const struct session_timer *timer,
		       const struct newcomer *n)
{
	struct core_event ev = {.type = CORE_ARRIVE, .line = n->line,
				.handle = n->handle};
	struct marks_found found;
	struct call *call;
	int err;

	ev.call = core_next_call(sb->core);
	if (!ev.call)
		return ENOSPC;
	err = calls_add(&call, sb, ev.call, n->line);
	if (err)
		return err;
	err = leg_alloc_in(&call->leg, sb->legs, msg, timer, caller_news,
			   call);
	if (err) {
		mem_deref(call);
		return err;
	}
	calls_listen(call, leg_sound(call->leg));

	call->handle = n->handle;
	call->asked = n->verdict == SURGE_ASK;
	if (call->asked)
		ev.check = (uint8_t)(1 + randombytes_uniform(9));
	if (n->is_known) {
		call->number = n->number;
		found = marks_look(sb->marks, n->line, ev.handle);
		ev.blocked = found.blocked;
		call->plan = found.plan;
		ev.number_known = number_may_ring(sb->c.config, n->line,
						  &call->number);
	}
	switchboard_post(sb, &ev);

	return 0;
}


/* Nothing is kept of it: neither a record nor a transaction. */
static void busy(struct switchboard *sb, const struct sip_msg *msg)
{
	(void)sip_replyf(sb->c.sip, msg, 486, "Busy Here",
			 "Retry-After: 60\r\n"
			 "Content-Length: 0\r\n\r\n");
}


void switchboard_invite(struct switchboard *sb, const struct sip_msg *msg)
{
	struct session_timer timer;
	struct newcomer n;
	int err;

	if (!terms_fit(sb->c.sip, msg, sb->c.config->session_s, &timer))
		return;

	newcomer_look(&n, sb, msg);
	if (n.verdict == SURGE_BUSY) {
		busy(sb, msg);
		secret_wipe(&n.number);
		return;
	}

	err = call_arrive(sb, msg, &timer, &n);
	secret_wipe(&n.number);
	if (err) {
		if (n.verdict == SURGE_ASK)
			surge_settled(sb->surge);
		log_error("a caller is refused: %s", strerror(err));
		(void)sip_treplyf(NULL, NULL, sb->c.sip, msg, false, 503,
				  "Service Unavailable",
				  "Retry-After: 10\r\n"
				  "Content-Length: 0\r\n\r\n");
	}
}


static bool call_close(struct le *le, void *arg)
{
	const struct call *call = le->data;
	const struct core_event ev = {.type = CORE_CLOSE, .call = call->id,
				      .cause = CAUSE_RESTART};
	(void)arg;

	if (!call->ended && (call->dial || (call->leg && !call->hung_up)))
		switchboard_post(call->sb, &ev);

	return false;
}


void calls_close(struct switchboard *sb)
{
	(void)hash_apply(sb->calls, call_close, NULL);
}
