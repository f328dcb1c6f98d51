/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * switchboard.c  Carries out what the core decides. Must not decide.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/config_media.h"
#include "budget.h"
#include "checkpoint.h"
#include "counsellor.h"
#include "listen.h"
#include "moving.h"
#include "promised.h"
#include "third.h"
#include "sealing.h"
#include "surge.h"
#include "switchboard_parts.h"

#define LOG_MODULE "switchboard"
#include "base/log.h"


enum { HASH_SIZE = 1024 };


static void off_duty(struct switchboard *sb, const struct core_action *a)
{
	const char *reason = core_cause_name(a->cause);

	log_warn("person %" PRIu32 " is off duty: three rings failed (%s)",
		 a->person, reason);
	people_off(sb->people, sb->c.store, a->person, reason);
}


static action_h *const actions[CORE_ACTIONS] = {
	[CORE_RECORD]         = clerk_do_record,
	[CORE_UPDATE]         = clerk_do_update,
	[CORE_ANSWER]         = calls_do_answer,
	[CORE_REFUSE]         = calls_do_end,
	[CORE_PLAY]           = calls_do_play,
	[CORE_TYPED]          = calls_do_typed,
	[CORE_TYPE_ANEW]      = calls_do_type_anew,
	[CORE_CHECK_NUMBER]   = calls_do_check_number,
	[CORE_PROMISE]        = clerk_do_promise,
	[CORE_RECORD_MESSAGE] = calls_do_record_message,
	[CORE_STOP_MESSAGE]   = calls_do_stop_message,
	[CORE_DROP_MESSAGE]   = calls_do_drop_message,
	[CORE_DIAL]           = dialler_do_dial,
	[CORE_ATTEMPT]        = clerk_do_attempt,
	[CORE_SEND_KEY]       = calls_do_send_key,
	[CORE_NOTICE]         = promises_do_notice,
	[CORE_OFFER]          = offers_do_offer,
	[CORE_WITHDRAW]       = offers_do_end,
	[CORE_CONNECT]        = offers_do_connect,
	[CORE_PARTY]          = party_do_change,
	[CORE_HANG_UP]        = calls_do_end,
	[CORE_TELL]           = offers_do_tell,
	[CORE_RELEASE]        = offers_do_release,
	[CORE_OFF_DUTY]       = off_duty,
};


/* ---- stepping ----------------------------------------------------------- */

static void tick(void *arg)
{
	const struct core_event ev = {.type = CORE_TICK};
	struct switchboard *sb = arg;

	while (core_deadline(sb->core) <= tmr_jiffies())
		switchboard_post(sb, &ev);
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


static int step_one(struct switchboard *sb, const struct core_event *ev)
{
	struct core_actions todo;
	int err;

	/* unknown or unexpected events are late news; the trace has them */
	err = core_step(sb->core, ev, tmr_jiffies(), &todo);
	if (err == ENOSPC)
		log_error("no room for another call or counsellor");
	checkpoint_step(sb, ev, &todo);
	checkpoint_pauses(sb);
	for (size_t i = 0; i < todo.n; i++)
		actions[todo.v[i].type](sb, &todo.v[i]);

	return err;
}


static void step_waiting(struct switchboard *sb)
{
	while (sb->n_events) {
		const struct core_event next = sb->events[sb->first_event];

		sb->first_event = (sb->first_event + 1) % EVENTS_MAX;
		--sb->n_events;
		(void)step_one(sb, &next);
	}
	sb->stepping = false;
	thirds_settle(sb);
	listens_settle(sb);
	tick_arm(sb);
	consoles_changed(sb->consoles);
	board_changed(sb->board);
}


/* An action may cause events at once. They wait until the step that caused
 * them is carried out whole. */
void switchboard_post(struct switchboard *sb, const struct core_event *ev)
{
	if (sb->n_events == EVENTS_MAX) {
		log_error("more events than one step can cause");
		abort();
	}
	sb->events[(sb->first_event + sb->n_events++) % EVENTS_MAX] = *ev;
	if (sb->stepping)
		return;

	sb->stepping = true;
	step_waiting(sb);
}


int switchboard_tell(struct switchboard *sb, const struct core_event *ev)
{
	int err;

	if (sb->stepping)
		return EBUSY;

	sb->stepping = true;
	err = step_one(sb, ev);
	step_waiting(sb);

	return err;
}


static void people_event(const struct core_event *ev, void *arg)
{
	switchboard_post(arg, ev);
}


/* a page that is open, or a telephone that is registered */
static bool is_there(uint32_t person, void *arg)
{
	const struct switchboard *sb = arg;

	return consoles_present(sb->consoles, person) ||
	       registrar_has(sb->c.registrar, person);
}


bool switchboard_talks(const struct switchboard *sb, uint32_t person)
{
	struct core_person_view view;

	return core_person(sb->core, person, &view) &&
	       (view.state == PERSON_TALKING ||
		view.state == PERSON_TALKING_OFF);
}


static bool talks(uint32_t person, void *arg)
{
	return switchboard_talks(arg, person);
}


static bool registers(uint32_t person, void *arg)
{
	const struct switchboard *sb = arg;

	return registrar_knows(sb->c.registrar, person);
}


static void phone_changed(uint32_t person, void *arg)
{
	struct switchboard *sb = arg;

	people_presence(sb->people, person, false);
	board_changed(sb->board);
}


static const struct people_handlers people_handlers = {
	.eventh = people_event,
	.presenth = is_there,
	.registersh = registers,
	.talkingh = talks,
};


/* Off duty first: a ring that ends for that is no failure of theirs. */
static void console_changed(uint32_t person, bool present, bool lost,
			    void *arg)
{
	struct switchboard *sb = arg;

	people_presence(sb->people, person, lost);
	offers_console(sb, person, present);
	if (!present)
		listens_page_gone(sb, person, lost);
	board_changed(sb->board);
}


/* ---- the outside -------------------------------------------------------- */

struct legs *switchboard_legs(struct switchboard *sb)
{
	return sb->legs;
}


int switchboard_people_changed(struct switchboard *sb)
{
	int err = 0;

	listens_people_changed(sb);
	if (sb->c.registrar)
		err = registrar_load(sb->c.registrar);

	sealing_look(sb);
	promised_look(sb);

	return err ? err : people_load(sb->people, sb->c.store);
}


int switchboard_marks_changed(struct switchboard *sb)
{
	return marks_load(sb->marks);
}


static uint32_t n_in(const struct core *core, enum call_state a,
		     enum call_state b)
{
	size_t n = 0;

	for (; a <= b; a++)
		n += core_count_calls(core, a);

	return (uint32_t)n;
}


void switchboard_status(const struct switchboard *sb,
			struct wire_status *status)
{
	const struct core *core = sb->core;

	memset(status, 0, sizeof(*status));
	status->n_arriving = n_in(core, CALL_ARRIVING, CALL_CHOOSING);
	status->n_waiting = n_in(core, CALL_WAITING, CALL_OFFERED);
	status->n_talking = n_in(core, CALL_TALKING, CALL_TALKING);
	status->n_on_duty = (uint32_t)people_count_on_duty(sb->people);
	status->n_media = (uint8_t)sb->c.config->media_processes;
	status->n_media_up = (uint8_t)sound_count_up(sb->sound);
	status->flood = surge_is_on(sb->surge, tmr_jiffies());
	status->n_turned_away = surge_turned_away(sb->surge);
	status->behind = ledger_unwritable(sb->ledger);
	budget_status(sb, status);
	promised_count(sb, &status->n_number_waits, &status->n_unbacked);
	alarms_status(sb->alarms, status);
}


const struct held *switchboard_held(const struct switchboard *sb)
{
	return sb->held;
}


int switchboard_number_back(struct switchboard *sb,
			    const struct wire_number_back *back,
			    const struct wire_number_row *row)
{
	return promised_back(sb, back, row);
}


void switchboard_close(struct switchboard *sb)
{
	sb->closing = true;
	calls_close(sb);
	offers_end(sb, CAUSE_HUNG_UP);
}


bool switchboard_is_idle(const struct switchboard *sb)
{
	return legs_count(sb->legs) == 0 && sb->n_recording == 0 &&
	       ledger_behind(sb->ledger) == 0 && audit_behind(sb->audit) == 0;
}


/* ---- its life ----------------------------------------------------------- */

static void sound_lost(uint32_t process, void *arg)
{
	moving_lost(arg, process);
}


static const struct sound_handlers sound_handlers = {
	.losth = sound_lost,
	.digith = calls_on_digit,
	.playedh = calls_on_played,
	.recordedh = calls_on_recorded,
	.uph = offers_on_up,
	.deadh = offers_on_dead,
	.qualityh = counsellor_on_quality,
};


static void on_time(int64_t unix_ms, void *arg)
{
	const struct core_event ev = {.type = CORE_CLOCK, .unix_ms = unix_ms};
	struct switchboard *sb = arg;

	handles_day(sb->handles, wall_day(unix_ms));
	marks_day(sb->marks, wall_day(unix_ms));
	sealing_look(sb);
	promised_key_keep(sb);
	if (sb->people)
		people_look(sb->people);
	switchboard_post(sb, &ev);
}


static void switchboard_destructor(void *data)
{
	struct switchboard *sb = data;

	if (sb->c.registrar)
		registrar_on_change(sb->c.registrar, NULL, NULL);
	tmr_cancel(&sb->tmr);
	tmr_cancel(&sb->budget);
	list_flush(&sb->waitingl);
	list_flush(&sb->forgetl);
	mem_deref(sb->wiper);
	mem_deref(sb->wall);
	mem_deref(sb->looks);
	mem_deref(sb->marks);
	mem_deref(sb->sound);
	hash_flush(sb->calls);
	hash_flush(sb->offers);
	list_flush(&sb->thirdl);
	list_flush(&sb->listenl);
	mem_deref(sb->calls);
	mem_deref(sb->ears);
	mem_deref(sb->numbers);
	mem_deref(sb->offers);
	mem_deref(sb->legs);
	mem_deref(sb->alarms);
	mem_deref(sb->board);
	mem_deref(sb->consoles);
	mem_deref(sb->people);
	mem_deref(sb->audit);
	mem_deref(sb->surge);
	mem_deref(sb->outgoing);
	mem_deref(sb->ledger);
	core_free(sb->core);
	handles_free(sb->handles);
	held_free(sb->own);
}


struct trunks_met {
	struct core_settings *settings;
	const struct config *config;
};


static bool trunk_met(const struct store_trunk *row, void *arg)
{
	const struct trunks_met *met = arg;

	plan_trunk(met->settings, met->config, row);

	return false;
}


/* what the configuration and the trunks say */
static int settings_make(struct core_settings *settings,
			 const struct switchboard_config *c)
{
	struct trunks_met met = {settings, c->config};
	int err;

	err = plan_settings(settings, c->config);
	if (err)
		return err;

	return store_trunk_each(c->store, trunk_met, &met);
}


static int core_start(struct switchboard *sb)
{
	struct core_settings settings = {.n_lines = 0};
	uint64_t last;
	int err;

	err = plan_words_make(&sb->words, sb->c.config);
	if (err)
		return err;
	err = settings_make(&settings, &sb->c);
	if (err)
		return err;
	err = store_call_last(sb->c.store, &last);
	if (err)
		return err;
	settings.first_call = last + 1;
	/* more than one each millisecond was never made */
	settings.first_offer = tmr_jiffies() * LIMIT_PEOPLE;
	settings.trace = (struct step_trace){step_trace_log, NULL};

	return core_alloc(&sb->core, &settings);
}


int switchboard_trunks_changed(struct switchboard *sb)
{
	struct core_settings settings = {.n_lines = 0};
	int err;

	err = settings_make(&settings, &sb->c);
	if (err)
		return err;

	for (uint16_t i = 0; i < settings.n_lines; i++)
		core_ring_back(sb->core, i, settings.lines[i].ring_back &&
						    !budget_is_spent(sb));
	tick_arm(sb);

	return 0;
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
		.srtph = sb->c.srtph,
		.expecth = sb->c.expecth,
		.arg = sb->c.credentials_arg,
		.trace = {step_trace_log, NULL},
	};

	return legs_alloc(&sb->legs, &config);
}


/* each call takes a pair of ports, and so does whom it talks with */
static uint32_t places(const struct config *c)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < c->n_media; i++)
		n += (c->media[i].high - c->media[i].low + 1u) / 4;

	return n < LIMIT_ON_LINE ? n : LIMIT_ON_LINE;
}


static int surge_start(struct switchboard *sb)
{
	const struct surge_terms terms = {
		.calls_a_minute = sb->c.config->calls_a_minute,
		.places = places(sb->c.config),
	};

	return surge_alloc(&sb->surge, &terms, tmr_jiffies());
}


static int lists_alloc(struct switchboard *sb)
{
	int err;

	err = hash_alloc(&sb->calls, HASH_SIZE);
	if (err)
		return err;
	err = hash_alloc(&sb->ears, HASH_SIZE);
	if (err)
		return err;
	err = hash_alloc(&sb->numbers, HASH_SIZE);
	if (err)
		return err;

	return hash_alloc(&sb->offers, HASH_SIZE);
}


static int sound_start(struct switchboard *sb)
{
	const struct config *config = sb->c.config;
	char path[LIMIT_NAME];
	int err;

	if (sb->c.sound) {
		sb->sound = mem_ref(sb->c.sound);
		sound_handle(sb->sound, &sound_handlers, sb);
		return 0;
	}

	config_media_path(path, config, 0);
	err = sound_alloc(&sb->sound, path, &sound_handlers, sb);
	for (uint32_t i = 1; i < config->media_processes && !err; i++) {
		config_media_path(path, config, i);
		err = sound_add(sb->sound, path);
	}

	return err;
}


static int parts_start(struct switchboard *sb)
{
	int err;

	err = handles_alloc(&sb->handles);
	if (err)
		return err;
	err = sb->c.held ? 0 : held_random(&sb->own);
	if (err)
		return err;
	sb->held = sb->c.held ? sb->c.held : sb->own;
	err = ledger_alloc(&sb->ledger, sb->c.store, clerk_on_made,
			   clerk_on_promised, sb);
	if (err)
		return err;
	ledger_on_settled(sb->ledger, clerk_on_settled);
	err = sound_start(sb);
	if (err)
		return err;
	err = legs_start(sb);
	if (err)
		return err;
	err = consoles_alloc(&sb->consoles, console_changed, counsellor_truth,
			     sb);
	if (err)
		return err;
	err = board_alloc(&sb->board, sb);
	if (err)
		return err;
	err = alarms_alloc(&sb->alarms, sb);
	if (err)
		return err;
	err = audit_alloc(&sb->audit, sb->c.store);
	if (err)
		return err;
	err = wiper_alloc(&sb->wiper);
	if (err)
		return err;
	err = looks_alloc(&sb->looks, sb);
	if (err)
		return err;
	err = marks_alloc(&sb->marks, sb);
	if (err)
		return err;
	err = people_alloc(&sb->people, &sb->words, &people_handlers, sb);
	if (err)
		return err;

	return wall_alloc(&sb->wall, on_time, sb);
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

	err = lists_alloc(sb);
	if (err)
		goto out;
	err = surge_start(sb);
	if (!err)
		err = budget_alloc(sb);
	if (!err)
		err = core_start(sb);
	if (err)
		goto out;
	err = parts_start(sb);
	if (err)
		goto out;
	on_time(wall_now(), sb);
	if (sb->c.registrar)
		registrar_on_change(sb->c.registrar, phone_changed, sb);
	err = start_expect(sb);
	if (err)
		goto out;
	err = switchboard_people_changed(sb);
	if (err)
		goto out;
	err = switchboard_marks_changed(sb);
	if (err)
		goto out;
	start_pauses(sb);
	err = start_restore(sb);
	if (!err)
		err = budget_restore(sb);
	if (err)
		goto out;
	sound_found_end(sb->sound);

out:
	if (err)
		mem_deref(sb);
	else
		*sbp = sb;

	return err;
}
