/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * switchboard.c  Carries out what the core decides. Must not decide.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "ledger.h"
#include "number.h"
#include "terms.h"
#include "switchboard.h"

#define LOG_MODULE "switchboard"
#include "base/log.h"


enum { HASH_SIZE = 1024, EVENTS_MAX = 256 };

struct switchboard {
	struct switchboard_config c;
	struct core *core;
	struct ledger *ledger;
	struct sound *sound;
	struct legs *legs;
	struct people *people;
	struct hash *calls;  /* by number */
	struct hash *offers; /* by number */
	struct tmr tmr;
	struct core_event events[EVENTS_MAX]; /* waiting for their turn */
	size_t n_events;
	size_t first_event;
	bool stepping;
};

/* a caller, from INVITE until the leg is over and the core is done with it */
struct call {
	struct le he;
	struct switchboard *sb; /* borrow */
	struct leg *leg;
	uint64_t id;
	int64_t arrived_at;
	uint16_t line;
	bool ended; /* the core is done with it */
};

/* one ring of one counsellor */
struct offer {
	struct le he;
	struct switchboard *sb; /* borrow */
	struct leg *leg;
	uint64_t id;
	bool accepted;
};


static void post(struct switchboard *sb, const struct core_event *ev);


/* ---- calls and offers --------------------------------------------------- */

static void call_destructor(void *data)
{
	struct call *call = data;

	hash_unlink(&call->he);
	mem_deref(call->leg);
}


static void offer_destructor(void *data)
{
	struct offer *offer = data;

	hash_unlink(&offer->he);
	mem_deref(offer->leg);
}


static bool call_is(struct le *le, void *arg)
{
	return ((struct call *)le->data)->id == *(const uint64_t *)arg;
}


static bool offer_is(struct le *le, void *arg)
{
	return ((struct offer *)le->data)->id == *(const uint64_t *)arg;
}


static struct call *call_find(const struct switchboard *sb, uint64_t id)
{
	return list_ledata(
		hash_lookup(sb->calls, (uint32_t)id, call_is, &id));
}


static struct offer *offer_find(const struct switchboard *sb, uint64_t id)
{
	return list_ledata(
		hash_lookup(sb->offers, (uint32_t)id, offer_is, &id));
}


static void call_release(struct call *call)
{
	if (call->ended && !call->leg)
		mem_deref(call);
}


/* ---- what the legs say -------------------------------------------------- */

static void caller_over(struct call *call, enum core_cause cause)
{
	struct core_event ev = {.type = CORE_CALLER_GONE, .call = call->id,
				.cause = cause};
	struct core_call_view view;

	call->leg = mem_deref(call->leg);
	if (call->ended) {
		call_release(call);
		return;
	}

	/* it never got an answer, and that was not the caller's doing */
	if (core_call(call->sb->core, call->id, &view) &&
	    view.state == CALL_ANSWERING && cause != CAUSE_HUNG_UP)
		ev.type = CORE_NOT_ANSWERED;
	post(call->sb, &ev);
}


static void caller_news(struct leg *leg, enum leg_news news,
			enum core_cause cause, void *arg)
{
	struct call *call = arg;
	const struct core_event ev = {.type = CORE_ANSWERED, .call = call->id};
	(void)leg;

	if (news == LEG_ANSWERED)
		post(call->sb, &ev);
	else if (news == LEG_OVER)
		caller_over(call, cause);
}


static void phone_news(struct leg *leg, enum leg_news news,
		       enum core_cause cause, void *arg)
{
	struct offer *offer = arg;
	struct switchboard *sb = offer->sb;
	struct core_event ev = {.type = CORE_ACCEPTED, .offer = offer->id,
				.cause = cause};
	(void)leg;

	if (news == LEG_ACCEPTED) {
		offer->accepted = true;
	}
	else {
		ev.type = offer->accepted ? CORE_PERSON_GONE
					  : CORE_NOT_ACCEPTED;
		mem_deref(offer);
	}
	post(sb, &ev);
}


/* ---- what the core wants ------------------------------------------------ */

typedef void(action_h)(struct switchboard *sb, const struct core_action *a);


static void record_copy(struct store_call *row, const struct call *call,
			const struct core_record *rec)
{
	const struct config *config = call->sb->c.config;

	memset(row, 0, sizeof(*row));
	row->id = rec->call;
	row->arrived_at = call->arrived_at;
	row->wait_ms = rec->wait_ms;
	row->talk_ms = rec->talk_ms;
	row->counsellor = rec->counsellor;
	str_ncpy(row->line, config->lines[call->line].name, sizeof(row->line));
	str_ncpy(row->language, config->lines[call->line].languages[0],
		 sizeof(row->language));
	str_ncpy(row->state, call_state_name(rec->state), sizeof(row->state));
	if (rec->outcome != OUTCOME_OPEN)
		str_ncpy(row->outcome, call_outcome_name(rec->outcome),
			 sizeof(row->outcome));
	if (rec->cause != CAUSE_NONE && rec->cause != CAUSE_HUNG_UP)
		str_ncpy(row->reason, core_cause_name(rec->cause),
			 sizeof(row->reason));
}


static void recorded(uint64_t id, int err, void *arg)
{
	const struct core_event ev = {
		.type = err ? CORE_NOT_RECORDED : CORE_RECORDED,
		.call = id,
		.cause = err ? CAUSE_STORE : CAUSE_NONE,
	};
	struct switchboard *sb = arg;
	const struct call *call = call_find(sb, id);

	/* it may have hung up meanwhile */
	if (call && !call->ended)
		post(sb, &ev);
}


static void do_record(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = call_find(sb, a->record.call);
	struct core_event ev = {.type = CORE_NOT_RECORDED,
				.call = a->record.call, .cause = CAUSE_STORE};
	struct store_call row;

	if (!call)
		return;

	record_copy(&row, call, &a->record);
	if (ledger_make(sb->ledger, &row))
		post(sb, &ev);
}


static void do_update(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = call_find(sb, a->record.call);
	struct store_call row;

	if (!call)
		return;

	record_copy(&row, call, &a->record);
	ledger_update(sb->ledger, &row);
	call->ended = a->record.state == CALL_ENDED;
	call_release(call);
}


static void do_answer(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = call_find(sb, a->call);

	if (call && call->leg)
		leg_answer(call->leg);
}


static void do_end_caller(struct switchboard *sb, const struct core_action *a)
{
	struct call *call = call_find(sb, a->call);

	if (call)
		leg_end(call->leg, a->cause ? a->cause : CAUSE_HUNG_UP);
}


static void do_greet(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = call_find(sb, a->call);

	if (call && call->leg)
		sound_greet(sb->sound, leg_sound(call->leg),
			    sb->c.config->lines[call->line].languages[0]);
}


static int offer_begin(struct switchboard *sb, const struct core_action *a)
{
	const struct secret_text *phone = people_phone(sb->people, a->person);
	const struct call *call = call_find(sb, a->call);
	struct offer *offer;
	struct leg_ring ring;
	int err;

	if (!phone || !call)
		return ENOENT;

	offer = mem_zalloc(sizeof(*offer), offer_destructor);
	if (!offer)
		return ENOMEM;
	offer->sb = sb;
	offer->id = a->offer;
	ring = (struct leg_ring){.uri = phone, .like = call->leg};
	err = leg_alloc_out(&offer->leg, sb->legs, &ring, phone_news, offer);
	if (err) {
		mem_deref(offer);
		return err;
	}
	hash_append(sb->offers, (uint32_t)offer->id, &offer->he, offer);

	return 0;
}


static void do_offer(struct switchboard *sb, const struct core_action *a)
{
	struct core_event ev = {.type = CORE_NOT_ACCEPTED,
				.offer = a->offer, .cause = CAUSE_HOUSE};
	int err;

	err = offer_begin(sb, a);
	if (err) {
		/* there is no way from here to such an address */
		if (err == EAFNOSUPPORT)
			ev.cause = CAUSE_NETWORK;
		log_error("person %" PRIu32 " cannot be rung: %s", a->person,
			  strerror(err));
		post(sb, &ev);
	}
}


static void do_end_offer(struct switchboard *sb, const struct core_action *a)
{
	struct offer *offer = offer_find(sb, a->offer);

	if (offer)
		leg_end(offer->leg, CAUSE_HUNG_UP);
}


static void do_connect(struct switchboard *sb, const struct core_action *a)
{
	const struct call *call = call_find(sb, a->call);
	const struct offer *offer = offer_find(sb, a->offer);

	if (call && call->leg && offer)
		sound_bridge(sb->sound, leg_sound(call->leg),
			     leg_sound(offer->leg));
}


static void do_off_duty(struct switchboard *sb, const struct core_action *a)
{
	const char *reason = core_cause_name(a->cause);

	log_warn("person %" PRIu32 " is off duty: three rings failed (%s)",
		 a->person, reason);
	people_off(sb->people, sb->c.store, a->person, reason);
}


static action_h *const actions[CORE_ACTIONS] = {
	[CORE_RECORD]   = do_record,
	[CORE_UPDATE]   = do_update,
	[CORE_ANSWER]   = do_answer,
	[CORE_REFUSE]   = do_end_caller,
	[CORE_PLAY]     = do_greet,
	[CORE_OFFER]    = do_offer,
	[CORE_WITHDRAW] = do_end_offer,
	[CORE_CONNECT]  = do_connect,
	[CORE_HANG_UP]  = do_end_caller,
	[CORE_RELEASE]  = do_end_offer,
	[CORE_OFF_DUTY] = do_off_duty,
};


/* ---- stepping ----------------------------------------------------------- */

static void tick(void *arg)
{
	const struct core_event ev = {.type = CORE_TICK};
	struct switchboard *sb = arg;

	while (core_deadline(sb->core) <= tmr_jiffies())
		post(sb, &ev);
}


static void tick_arm(struct switchboard *sb)
{
	const uint64_t due = core_deadline(sb->core);
	const uint64_t now = tmr_jiffies();

	if (due == UINT64_MAX)
		tmr_cancel(&sb->tmr);
	else
		tmr_start(&sb->tmr, due > now ? due - now : 0, tick, sb);
}


static void step_one(struct switchboard *sb, const struct core_event *ev)
{
	struct core_actions todo;
	int err;

	/* unknown or unexpected events are late news; the trace has them */
	err = core_step(sb->core, ev, tmr_jiffies(), &todo);
	if (err == ENOSPC)
		log_error("no room for another call or counsellor");
	for (size_t i = 0; i < todo.n; i++)
		if (actions[todo.v[i].type])
			actions[todo.v[i].type](sb, &todo.v[i]);
}


/* An action may cause events at once. They wait until the step that caused
 * them is carried out whole. */
static void post(struct switchboard *sb, const struct core_event *ev)
{
	if (sb->n_events == EVENTS_MAX) {
		log_error("more events than one step can cause");
		abort();
	}
	sb->events[(sb->first_event + sb->n_events++) % EVENTS_MAX] = *ev;
	if (sb->stepping)
		return;

	sb->stepping = true;
	while (sb->n_events) {
		const struct core_event next = sb->events[sb->first_event];

		sb->first_event = (sb->first_event + 1) % EVENTS_MAX;
		--sb->n_events;
		step_one(sb, &next);
	}
	sb->stepping = false;
	tick_arm(sb);
}


static void people_event(const struct core_event *ev, void *arg)
{
	post(arg, ev);
}


/* ---- the outside -------------------------------------------------------- */

/* the line whose number was dialled; else the first */
static uint16_t line_of(const struct config *config, const struct pl *user)
{
	uint16_t line;

	return number_is_ours(config, user, &line) ? line : 0;
}


static int64_t wall_clock_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


static int call_alloc(struct call **callp, struct switchboard *sb,
		      const struct sip_msg *msg,
		      const struct session_timer *timer)
{
	struct call *call;
	int err;

	call = mem_zalloc(sizeof(*call), call_destructor);
	if (!call)
		return ENOMEM;

	call->sb = sb;
	call->id = core_next_call(sb->core);
	call->arrived_at = wall_clock_ms();
	call->line = line_of(sb->c.config, &msg->uri.user);
	err = call->id ? leg_alloc_in(&call->leg, sb->legs, msg, timer,
				      caller_news, call)
		       : ENOSPC;
	if (err)
		mem_deref(call);
	else
		*callp = call;

	return err;
}


void switchboard_invite(struct switchboard *sb, const struct sip_msg *msg)
{
	struct core_event ev = {.type = CORE_ARRIVE};
	struct session_timer timer;
	struct call *call;
	int err;

	if (!terms_fit(sb->c.sip, msg, sb->c.config->session_s, &timer))
		return;

	err = call_alloc(&call, sb, msg, &timer);
	if (err) {
		log_error("a caller is refused: %s", strerror(err));
		(void)sip_treplyf(NULL, NULL, sb->c.sip, msg, false, 503,
				  "Service Unavailable",
				  "Retry-After: 10\r\n"
				  "Content-Length: 0\r\n\r\n");
		return;
	}
	hash_append(sb->calls, (uint32_t)call->id, &call->he, call);

	ev.call = call->id;
	ev.line = call->line;
	post(sb, &ev);
}


struct legs *switchboard_legs(struct switchboard *sb)
{
	return sb->legs;
}


int switchboard_people_changed(struct switchboard *sb)
{
	return people_load(sb->people, sb->c.store);
}


void switchboard_status(const struct switchboard *sb,
			struct wire_status *status)
{
	const struct core *core = sb->core;

	memset(status, 0, sizeof(*status));
	status->n_arriving =
		(uint32_t)(core_count_calls(core, CALL_ARRIVING) +
			   core_count_calls(core, CALL_ANSWERING));
	status->n_waiting = (uint32_t)(core_count_calls(core, CALL_WAITING) +
				       core_count_calls(core, CALL_OFFERED));
	status->n_talking = (uint32_t)core_count_calls(core, CALL_TALKING);
	status->n_on_duty =
		(uint32_t)people_count_on_duty(sb->people);
	status->media_up = sound_is_up(sb->sound);
}


static bool call_close(struct le *le, void *arg)
{
	const struct call *call = le->data;
	const struct core_event ev = {.type = CORE_CLOSE, .call = call->id,
				      .cause = CAUSE_RESTART};

	if (!call->ended)
		post(arg, &ev);

	return false;
}


void switchboard_close(struct switchboard *sb)
{
	(void)hash_apply(sb->calls, call_close, sb);
}


bool switchboard_is_idle(const struct switchboard *sb)
{
	return legs_count(sb->legs) == 0 && ledger_behind(sb->ledger) == 0;
}


static void sound_lost(void *arg)
{
	switchboard_close(arg);
}


static const struct sound_handlers sound_handlers = {.losth = sound_lost};


static void switchboard_destructor(void *data)
{
	struct switchboard *sb = data;

	tmr_cancel(&sb->tmr);
	mem_deref(sb->sound);
	hash_flush(sb->calls);
	hash_flush(sb->offers);
	mem_deref(sb->calls);
	mem_deref(sb->offers);
	mem_deref(sb->legs);
	mem_deref(sb->people);
	mem_deref(sb->ledger);
	core_free(sb->core);
}


static int core_start(struct switchboard *sb)
{
	const struct config *config = sb->c.config;
	static const enum core_strategy strategies[CONFIG_STRATEGIES] = {
		[CONFIG_STRATEGY_ALL] = STRATEGY_ALL,
		[CONFIG_STRATEGY_LONGEST_IDLE] = STRATEGY_LONGEST_IDLE,
		[CONFIG_STRATEGY_ROUND_ROBIN] = STRATEGY_ROUND_ROBIN,
	};
	struct core_settings settings = {
		.strategy = strategies[config->strategy],
		.ring_at_once = config->ring_at_once,
		.ring_ms = config->ring_s * 1000,
		.rest_ms = config->rest_s * 1000,
		.short_ms = config->short_call_s * 1000,
		.trace = {step_trace_log, NULL},
		.n_lines = config->n_lines,
	};
	uint64_t last;
	int err;

	err = store_call_last(sb->c.store, &last);
	if (err)
		return err;
	settings.first_call = last + 1;

	return core_alloc(&sb->core, &settings);
}


static int legs_start(struct switchboard *sb)
{
	const struct legs_config config = {
		.sip = sb->c.sip,
		.sound = sb->sound,
		.session_s = sb->c.config->session_s,
		.laddrs = sb->c.laddrs,
		.n_laddrs = sb->c.n_laddrs,
		.display = sb->c.config->name,
		.credentialsh = sb->c.credentialsh,
		.arg = sb->c.credentials_arg,
		.trace = {step_trace_log, NULL},
	};

	return legs_alloc(&sb->legs, &config);
}


int switchboard_alloc(struct switchboard **sbp,
		      const struct switchboard_config *config)
{
	struct switchboard *sb;
	int err;

	if (!sbp || !config)
		return EINVAL;

	sb = mem_zalloc(sizeof(*sb), switchboard_destructor);
	if (!sb)
		return ENOMEM;
	sb->c = *config;

	err = hash_alloc(&sb->calls, HASH_SIZE);
	if (err)
		goto out;
	err = hash_alloc(&sb->offers, HASH_SIZE);
	if (err)
		goto out;
	err = core_start(sb);
	if (err)
		goto out;
	err = ledger_alloc(&sb->ledger, config->store, recorded, NULL,
			   sb);
	if (err)
		goto out;
	err = sound_alloc(&sb->sound, "run/media.sock", &sound_handlers, sb);
	if (err)
		goto out;
	err = legs_start(sb);
	if (err)
		goto out;
	err = people_alloc(&sb->people, people_event, sb);
	if (err)
		goto out;
	err = switchboard_people_changed(sb);

out:
	if (err)
		mem_deref(sb);
	else
		*sbp = sb;

	return err;
}
