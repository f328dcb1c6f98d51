/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * browser.c  A ring at a counsellor's page: sound that becomes ready, and a
 * click, in either order. Must not know calls or people.
 */
#include "browser.h"


enum browser_state {
	BROWSER_SILENT = 0, /**< rings; no sound (any more)              */
	BROWSER_ASKING,     /**< media answers the page's offer          */
	BROWSER_READY,      /**< answered; not up yet                    */
	BROWSER_UP,         /**< sound could flow; not accepted          */
	BROWSER_EAGER,      /**< accepted while media still answers      */
	BROWSER_WAITING,    /**< accepted; not up yet                    */
	BROWSER_TALKING,    /**< accepted and up                         */
	/* the media process died: the page has to offer its sound anew */
	BROWSER_RING_LOST,    /**< it rings                              */
	BROWSER_EAGER_LOST,   /**< accepted, and was not up              */
	BROWSER_LOST,         /**< they talked                           */
	BROWSER_MENDING,      /**< media answers the page's new offer    */
	BROWSER_MENDED,       /**< answered; not up yet                  */
	BROWSER_GONE,
	BROWSER_STATES
};

enum browser_event {
	BROWSER_EV_OFFER = 0, /**< the page offers its sound             */
	BROWSER_EV_ANSWERED,  /**< media has answered it                 */
	BROWSER_EV_REFUSED,   /**< media cannot                          */
	BROWSER_EV_UP,
	BROWSER_EV_DEAD,
	BROWSER_EV_LOST,      /**< the media process died                */
	BROWSER_EV_ACCEPT,
	BROWSER_EV_TIME,      /**< it is still not up                    */
	BROWSER_EV_END,       /**< we want it over                       */
	BROWSER_EVENTS
};

/* one question of the page about its sound */
struct asking {
	struct browser *browser; /* borrow; NULL: answered already */
	struct sound *sound;     /* borrow */
	uint64_t leg;
	sound_sdp_h *h;
	void *arg;
};

struct browser {
	struct sound *sound; /* borrow */
	struct asking *asking;
	struct step_trace trace;
	struct tmr tmr;
	browser_news_h *h;
	void *arg;
	uint64_t id;
	uint64_t leg;
	uint8_t state;
};


static void move(struct browser *b, enum browser_event event,
		 enum core_cause cause);


static void asking_destructor(void *data)
{
	struct asking *a = data;

	mem_deref(a->arg);
}


/* who asked is told once; media may answer later all the same */
static void asking_tell(struct asking *a, int err, const struct pl *sdp)
{
	if (!a->browser)
		return;
	a->browser = NULL;
	a->h(err, sdp, a->arg);
}


static void asking_drop(struct browser *b)
{
	struct asking *a = b->asking;

	b->asking = NULL;
	if (a)
		asking_tell(a, ECANCELED, &pl_null);
	mem_deref(a);
}


static void sound_drop(struct browser *b)
{
	asking_drop(b);
	if (b->leg)
		sound_close(b->sound, b->leg);
	b->leg = 0;
}


static void browser_destructor(void *data)
{
	struct browser *b = data;

	tmr_cancel(&b->tmr);
	if (b->asking) /* a destructor tells nobody */
		b->asking->browser = NULL;
	mem_deref(b->asking);
}


/* ---- the machine --------------------------------------------------------- */

static void silence(void *obj, void *arg)
{
	(void)arg;

	sound_drop(obj);
}


static void over(void *obj, void *arg)
{
	const enum core_cause *cause = arg;
	struct browser *b = obj;

	tmr_cancel(&b->tmr);
	mem_ref(b);
	sound_drop(b);
	b->h(BROWSER_OVER, *cause, b->arg);
	mem_deref(b);
}


static void too_late(void *arg)
{
	move(arg, BROWSER_EV_TIME, CAUSE_NETWORK);
}


static void await_sound(void *obj, void *arg)
{
	struct browser *b = obj;
	(void)arg;

	tmr_start(&b->tmr, BROWSER_ACCEPT_MS, too_late, b);
}


static void lost(void *obj, void *arg)
{
	struct browser *b = obj;
	(void)arg;

	sound_drop(b);
	tmr_start(&b->tmr, BROWSER_LOST_MS, too_late, b);
}


static void back(void *obj, void *arg)
{
	struct browser *b = obj;
	(void)arg;

	tmr_cancel(&b->tmr);
	b->h(BROWSER_BACK, CAUSE_NONE, b->arg);
}


static void accepted(void *obj, void *arg)
{
	struct browser *b = obj;
	(void)arg;

	tmr_cancel(&b->tmr);
	b->h(BROWSER_ACCEPTED, CAUSE_NONE, b->arg);
}


#define S(name) BROWSER_##name
#define E(name) BROWSER_EV_##name

static const struct step_rule rules[] = {
	{S(SILENT),  E(OFFER),    NULL,     S(ASKING)},
	{S(SILENT),  E(LOST),     NULL,     S(SILENT)},
	{S(SILENT),  E(END),      over,     S(GONE)},

	{S(ASKING),  E(OFFER),    silence,  S(ASKING)},
	{S(ASKING),  E(ANSWERED), NULL,     S(READY)},
	{S(ASKING),  E(REFUSED),  silence,  S(SILENT)},
	{S(ASKING),  E(ACCEPT),   await_sound, S(EAGER)},
	{S(ASKING),  E(DEAD),     silence,  S(SILENT)},
	{S(ASKING),  E(LOST),     silence,  S(RING_LOST)},
	{S(ASKING),  E(END),      over,     S(GONE)},

	{S(READY),   E(OFFER),    silence,  S(ASKING)},
	{S(READY),   E(UP),       NULL,     S(UP)},
	{S(READY),   E(DEAD),     silence,  S(SILENT)},
	{S(READY),   E(ACCEPT),   await_sound, S(WAITING)},
	{S(READY),   E(LOST),     silence,  S(RING_LOST)},
	{S(READY),   E(END),      over,     S(GONE)},

	{S(UP),      E(OFFER),    silence,  S(ASKING)},
	{S(UP),      E(DEAD),     silence,  S(SILENT)},
	{S(UP),      E(ACCEPT),   accepted, S(TALKING)},
	{S(UP),      E(LOST),     silence,  S(RING_LOST)},
	{S(UP),      E(END),      over,     S(GONE)},

	{S(EAGER),   E(OFFER),    silence,  S(EAGER)},
	{S(EAGER),   E(ANSWERED), NULL,     S(WAITING)},
	{S(EAGER),   E(REFUSED),  over,     S(GONE)},
	{S(EAGER),   E(DEAD),     over,     S(GONE)},
	{S(EAGER),   E(LOST),     silence,  S(EAGER_LOST)},
	{S(EAGER),   E(TIME),     over,     S(GONE)},
	{S(EAGER),   E(END),      over,     S(GONE)},

	/* a page that was loaded anew may offer its sound anew */
	{S(WAITING), E(OFFER),    silence,  S(EAGER)},
	{S(WAITING), E(UP),       accepted, S(TALKING)},
	{S(WAITING), E(DEAD),     over,     S(GONE)},
	{S(WAITING), E(LOST),     silence,  S(EAGER_LOST)},
	{S(WAITING), E(TIME),     over,     S(GONE)},
	{S(WAITING), E(END),      over,     S(GONE)},

	{S(TALKING), E(DEAD),     over,     S(GONE)},
	{S(TALKING), E(LOST),     lost,     S(LOST)},
	{S(TALKING), E(END),      over,     S(GONE)},

	{S(RING_LOST), E(OFFER),  NULL,     S(ASKING)},
	{S(RING_LOST), E(LOST),   NULL,     S(RING_LOST)},
	{S(RING_LOST), E(END),    over,     S(GONE)},

	{S(EAGER_LOST), E(OFFER), NULL,     S(EAGER)},
	{S(EAGER_LOST), E(LOST),  NULL,     S(EAGER_LOST)},
	{S(EAGER_LOST), E(TIME),  over,     S(GONE)},
	{S(EAGER_LOST), E(END),   over,     S(GONE)},

	{S(LOST),    E(OFFER),    NULL,     S(MENDING)},
	{S(LOST),    E(LOST),     NULL,     S(LOST)},
	{S(LOST),    E(TIME),     over,     S(GONE)},
	{S(LOST),    E(END),      over,     S(GONE)},

	{S(MENDING), E(OFFER),    silence,  S(MENDING)},
	{S(MENDING), E(ANSWERED), NULL,     S(MENDED)},
	{S(MENDING), E(REFUSED),  silence,  S(LOST)},
	{S(MENDING), E(DEAD),     silence,  S(LOST)},
	{S(MENDING), E(LOST),     silence,  S(LOST)},
	{S(MENDING), E(TIME),     over,     S(GONE)},
	{S(MENDING), E(END),      over,     S(GONE)},

	{S(MENDED),  E(OFFER),    silence,  S(MENDING)},
	{S(MENDED),  E(UP),       back,     S(TALKING)},
	{S(MENDED),  E(DEAD),     silence,  S(LOST)},
	{S(MENDED),  E(LOST),     silence,  S(LOST)},
	{S(MENDED),  E(TIME),     over,     S(GONE)},
	{S(MENDED),  E(END),      over,     S(GONE)},

	{S(GONE),    E(END),      NULL,     S(GONE)},
};

static const char *const states[] = {
	[BROWSER_SILENT] = "SILENT", [BROWSER_ASKING] = "ASKING",
	[BROWSER_READY] = "READY", [BROWSER_UP] = "UP",
	[BROWSER_EAGER] = "EAGER", [BROWSER_WAITING] = "WAITING",
	[BROWSER_TALKING] = "TALKING",
	[BROWSER_RING_LOST] = "RING_LOST", [BROWSER_EAGER_LOST] = "EAGER_LOST",
	[BROWSER_LOST] = "LOST", [BROWSER_MENDING] = "MENDING",
	[BROWSER_MENDED] = "MENDED", [BROWSER_GONE] = "GONE",
};

static const char *const events[] = {
	[BROWSER_EV_OFFER] = "offer", [BROWSER_EV_ANSWERED] = "answered",
	[BROWSER_EV_REFUSED] = "refused", [BROWSER_EV_UP] = "up",
	[BROWSER_EV_DEAD] = "dead", [BROWSER_EV_LOST] = "lost",
	[BROWSER_EV_ACCEPT] = "accept",
	[BROWSER_EV_TIME] = "time", [BROWSER_EV_END] = "end",
};

const struct step_machine browser_machine = {
	.noun = "browser",
	.states = states, .n_states = BROWSER_STATES,
	.events = events, .n_events = BROWSER_EVENTS,
	.rules = rules, .n_rules = STEP_COUNT(rules),
};


static int try(struct browser *b, enum browser_event event,
	       enum core_cause cause)
{
	return step(&browser_machine, &b->state, b->id, event, &b->trace, b,
		    &cause);
}


static void move(struct browser *b, enum browser_event event,
		 enum core_cause cause)
{
	(void)try(b, event, cause);
}


/* may a page do this now? what it may not is no news for the trace */
static bool may(const struct browser *b, enum browser_event event)
{
	return step_find(&browser_machine, b->state, event) != NULL;
}


/* ---- sound --------------------------------------------------------------- */

static void answered(int err, const struct pl *sdp, void *arg)
{
	struct asking *a = arg;
	struct browser *b = a->browser;

	/* nobody wants it any more; it was opened perhaps after we closed */
	if (!b) {
		if (!err)
			sound_close(a->sound, a->leg);
		return;
	}

	mem_ref(a);
	b->asking = mem_deref(b->asking);
	asking_tell(a, err, sdp);
	mem_deref(a);
	move(b, err ? BROWSER_EV_REFUSED : BROWSER_EV_ANSWERED,
	     err == ENOTSUP ? CAUSE_NO_CODEC : CAUSE_NETWORK);
}


int browser_offer(struct browser *b, const struct mbuf *sdp, uint64_t like,
		  uint64_t near, sound_sdp_h *h, void *arg)
{
	struct asking *a;
	int err;

	if (!may(b, BROWSER_EV_OFFER))
		return EPROTO;

	a = mem_zalloc(sizeof(*a), asking_destructor);
	if (!a)
		return ENOMEM;
	a->leg = sound_leg_new(b->sound, near);
	if (!a->leg) {
		mem_deref(a);
		return ENOMEM;
	}
	a->browser = b;
	a->sound = b->sound;
	a->h = h;
	a->arg = mem_ref(arg);
	err = sound_answer_browser(b->sound, a->leg, like, sdp, answered, a);
	if (err) {
		sound_leg_forget(b->sound, a->leg);
		mem_deref(a);
		return err;
	}

	move(b, BROWSER_EV_OFFER, CAUSE_NONE);
	b->asking = a;
	b->leg = a->leg;

	return 0;
}


int browser_accept(struct browser *b)
{
	if (!may(b, BROWSER_EV_ACCEPT))
		return EPROTO;

	move(b, BROWSER_EV_ACCEPT, CAUSE_NONE);

	return 0;
}


void browser_up(struct browser *b)
{
	move(b, BROWSER_EV_UP, CAUSE_NONE);
}


void browser_dead(struct browser *b)
{
	move(b, BROWSER_EV_DEAD, CAUSE_NETWORK);
}


void browser_lost(struct browser *b)
{
	/* what says good-bye needs no sound for that */
	if (may(b, BROWSER_EV_LOST))
		move(b, BROWSER_EV_LOST, CAUSE_NETWORK);
}


bool browser_is_lost(const struct browser *b)
{
	return b && (b->state == BROWSER_RING_LOST ||
		     b->state == BROWSER_EAGER_LOST ||
		     b->state == BROWSER_LOST);
}


bool browser_is_talking(const struct browser *b)
{
	return b && b->state == BROWSER_TALKING;
}


bool browser_may_offer(const struct browser *b)
{
	return b && may(b, BROWSER_EV_OFFER);
}


void browser_end(struct browser *b, enum core_cause cause)
{
	move(b, BROWSER_EV_END, cause);
}


int browser_restore(struct browser **bp, struct sound *sound, uint64_t id,
		    uint64_t leg, const struct step_trace *trace,
		    browser_news_h *h, void *arg)
{
	const int err = browser_alloc(bp, sound, id, trace, h, arg);

	if (err)
		return err;
	(*bp)->leg = leg;
	(*bp)->state = BROWSER_TALKING;

	return 0;
}


uint64_t browser_leg(const struct browser *b)
{
	return b ? b->leg : 0;
}


int browser_alloc(struct browser **bp, struct sound *sound, uint64_t id,
		  const struct step_trace *trace, browser_news_h *h,
		  void *arg)
{
	struct browser *b;

	if (!bp || !sound || !h)
		return EINVAL;

	b = mem_zalloc(sizeof(*b), browser_destructor);
	if (!b)
		return ENOMEM;
	b->sound = sound;
	b->id = id;
	if (trace)
		b->trace = *trace;
	b->h = h;
	b->arg = arg;
	*bp = b;

	return 0;
}
