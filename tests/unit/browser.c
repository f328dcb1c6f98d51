/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * browser.c  Tests of one ring at a counsellor's page: sound and click in any
 * order, both only once.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "line/browser.h"
#include "machine.h"
#include "oom.h"
#include "sip_peer.h"
#include "tmpdir.h"
#include "wire/conn.h"


#define SDP "v=0\r\n"

enum { QUESTIONS = 8, LIKE = 77 * LIMIT_PLACES };

/* what a page was answered */
struct page {
	unsigned n;
	int err;
};

struct fixture {
	char dir[TMPDIR_SIZE];
	char before[512];
	struct wire_server *server;
	struct wire_conn *media;
	struct wire_msg asked[QUESTIONS]; /* ids of LEG_ANSWER */
	struct wire_leg_open open[QUESTIONS];
	unsigned n_asked, n_closed;
	struct sound *sound;
	struct browser *browser;
	struct page *page;
	enum core_cause cause;
	unsigned n_accepted, n_back, n_over;
};


static void media_asked(struct wire_conn *conn, const struct wire_msg *msg,
			void *arg)
{
	const struct wire_leg_stats stats = {.leg = 0};
	struct fixture *f = arg;

	f->media = conn;
	if (msg->type == WIRE_LEG_ANSWER) {
		assert_true(f->n_asked < QUESTIONS);
		f->asked[f->n_asked].id = msg->id;
		f->asked[f->n_asked].type = msg->type;
		memcpy(&f->open[f->n_asked++], msg->payload,
		       sizeof(f->open[0]));
	}
	else if (msg->type == WIRE_LEG_CLOSE) {
		++f->n_closed;
		(void)wire_reply(conn, msg, WIRE_LEG_STATS, &stats, NULL, 0);
	}
	else {
		(void)wire_reply_done(conn, msg);
	}
}


static void lost(uint32_t process, void *arg)
{
	(void)process;
	(void)arg;
}


static void up(uint64_t leg, void *arg)
{
	struct fixture *f = arg;

	if (leg == browser_leg(f->browser))
		browser_up(f->browser);
}


static void dead(uint64_t leg, void *arg)
{
	struct fixture *f = arg;

	if (leg == browser_leg(f->browser))
		browser_dead(f->browser);
}


static void on_news(enum browser_news news, enum core_cause cause, void *arg)
{
	struct fixture *f = arg;

	if (news == BROWSER_ACCEPTED) {
		++f->n_accepted;
		return;
	}
	if (news == BROWSER_BACK) {
		++f->n_back;
		return;
	}
	++f->n_over;
	f->cause = cause;
	f->browser = mem_deref(f->browser);
}


static void on_sdp(int err, const struct pl *sdp, void *arg)
{
	struct page *page = arg;

	++page->n;
	page->err = err;
	assert_int_equal(pl_isset(sdp), !err);
}


static bool media_is_up(void *arg)
{
	const struct fixture *f = arg;

	return sound_is_up(f->sound);
}


static int begin(void **state)
{
	static const struct sound_handlers handlers = {
		.losth = lost, .uph = up, .deadh = dead};
	struct fixture *f = test_calloc(1, sizeof(*f));

	*state = f;
	clock_reset();
	assert_non_null(getcwd(f->before, sizeof(f->before)));
	tmpdir_make(f->dir, "browser");
	assert_int_equal(chdir(f->dir), 0);
	assert_int_equal(wire_listen(&f->server, "media.sock", WIRE_MEDIA,
				     WIRE_LINE, media_asked, NULL, f), 0);
	assert_int_equal(sound_alloc(&f->sound, "media.sock", &handlers, f),
			 0);
	assert_int_equal(browser_alloc(&f->browser, f->sound, 5, NULL,
				       on_news, f), 0);
	sip_loop(media_is_up, f, "media");
	f->page = mem_zalloc(sizeof(*f->page), NULL);
	assert_non_null(f->page);

	return 0;
}


static int end(void **state)
{
	struct fixture *f = *state;

	mem_deref(f->browser);
	mem_deref(f->sound);
	mem_deref(f->server);
	assert_int_equal(mem_nrefs(f->page), 1);
	mem_deref(f->page);
	assert_int_equal(chdir(f->before), 0);
	tmpdir_remove(f->dir);
	test_free(f);

	return 0;
}


/* ---- what happens -------------------------------------------------------- */

static int offer(struct fixture *f)
{
	struct mbuf *sdp = mbuf_alloc(16);
	int err;

	assert_int_equal(mbuf_write_str(sdp, SDP), 0);
	mbuf_set_pos(sdp, 0);
	err = browser_offer(f->browser, sdp, LIKE, LIKE, on_sdp, f->page);
	mem_deref(sdp);

	return err;
}


struct wanted {
	const unsigned *np;
	unsigned n;
};


static bool is_so(void *arg)
{
	const struct wanted *w = arg;

	return *w->np >= w->n;
}


static void await(const unsigned *np, unsigned n)
{
	struct wanted w = {np, n};

	sip_loop(is_so, &w, "what is awaited");
	assert_int_equal(*np, n);
}


/* media answers the question of this number, from 0 */
static void media_answers(struct fixture *f, unsigned i, int err)
{
	const struct wire_leg_sdp sdp = {f->open[i].leg};

	if (err)
		(void)wire_reply_refused(f->media, &f->asked[i], err, "no");
	else
		(void)wire_reply(f->media, &f->asked[i], WIRE_LEG_SDP, &sdp,
				 SDP, strlen(SDP));
}


static void media_says(struct fixture *f, enum wire_type type, uint64_t id)
{
	const struct wire_leg leg = {id};

	assert_int_equal(wire_event(f->media, type, &leg), 0);
}


/* asked, and answered */
static void ready(struct fixture *f)
{
	const unsigned n = f->n_asked;

	assert_int_equal(offer(f), 0);
	await(&f->n_asked, n + 1);
	assert_true(f->open[n].web);
	assert_int_equal(f->open[n].like, LIKE);
	assert_int_equal(f->open[n].leg, browser_leg(f->browser));
	media_answers(f, n, 0);
	await(&f->page->n, n + 1);
	assert_int_equal(f->page->err, 0);
}


/* ---- cases --------------------------------------------------------------- */

static void every_pair(void **state)
{
	bool seen[MACHINE_STATES] = {true};
	(void)state;

	machine_walk(&browser_machine);
	machine_reach(&browser_machine, seen, NULL, 0);
	for (size_t i = 0; i < browser_machine.n_states; i++)
		assert_true(seen[i]);
}


static void accepted_then_up(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(browser_accept(f->browser), EPROTO);
	ready(f);
	media_says(f, WIRE_LEG_UP, browser_leg(f->browser));
	media_says(f, WIRE_LEG_UP, 999); /* of nobody */
	assert_int_equal(f->n_accepted, 0);
	assert_int_equal(browser_accept(f->browser), 0);
	/* not up here yet: the news is under way */
	await(&f->n_accepted, 1);
	assert_int_equal(browser_accept(f->browser), EPROTO);
	assert_int_equal(offer(f), EPROTO);
	browser_end(f->browser, CAUSE_HUNG_UP);
	assert_int_equal(f->n_over, 1);
	assert_int_equal(f->cause, CAUSE_HUNG_UP);
	await(&f->n_closed, 1);
}


static void accepted_before_the_answer(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(offer(f), 0);
	assert_int_equal(browser_accept(f->browser), 0);
	await(&f->n_asked, 1);
	media_answers(f, 0, 0);
	await(&f->page->n, 1);
	assert_int_equal(f->n_accepted, 0);
	browser_up(f->browser);
	assert_int_equal(f->n_accepted, 1);
	browser_dead(f->browser);
	assert_int_equal(f->n_over, 1);
}


static void accepted_and_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(offer(f), 0);
	assert_int_equal(browser_accept(f->browser), 0);
	await(&f->n_asked, 1);
	media_answers(f, 0, ENOTSUP);
	await(&f->n_over, 1);
	assert_int_equal(f->cause, CAUSE_NO_CODEC);
	assert_int_equal(f->page->n, 1);
	assert_int_equal(f->page->err, ENOTSUP);
}


static void never_up(void **state)
{
	struct fixture *f = *state;
	struct clock *clock = clock_get();

	ready(f);
	clock->n_starts = 0;
	clock->speed = 100;
	assert_int_equal(browser_accept(f->browser), 0);
	assert_int_equal(clock->starts[0], BROWSER_ACCEPT_MS);
	await(&f->n_over, 1);
	assert_int_equal(f->cause, CAUSE_NETWORK);
	assert_int_equal(f->n_accepted, 0);
}


static void refused_and_asked_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(offer(f), 0);
	await(&f->n_asked, 1);
	media_answers(f, 0, ENOSPC);
	await(&f->page->n, 1);
	assert_int_equal(f->page->err, ENOSPC);
	assert_int_equal(browser_leg(f->browser), 0);
	assert_int_equal(browser_accept(f->browser), EPROTO);
	ready(f);
	assert_int_equal(f->n_over, 0);
}


/* A page that was loaded anew: the first sound is closed, its answer is told
 * to nobody. */
static void asked_twice(void **state)
{
	struct fixture *f = *state;
	uint64_t first;

	assert_int_equal(offer(f), 0);
	first = browser_leg(f->browser);
	assert_int_equal(offer(f), 0);
	assert_int_equal(f->page->n, 1);
	assert_int_equal(f->page->err, ECANCELED);
	assert_int_not_equal(browser_leg(f->browser), first);
	await(&f->n_asked, 2);
	media_answers(f, 0, 0);
	media_answers(f, 1, 0);
	await(&f->page->n, 2);
	assert_int_equal(f->page->err, 0);
	/* when it was asked, and when media had it open after all */
	await(&f->n_closed, 2);
}


static void over_before_the_answer(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(offer(f), 0);
	await(&f->n_asked, 1);
	browser_end(f->browser, CAUSE_NO_ANSWER);
	assert_int_equal(f->n_over, 1);
	assert_int_equal(f->cause, CAUSE_NO_ANSWER);
	assert_int_equal(f->page->n, 1);
	assert_int_equal(f->page->err, ECANCELED);
	media_answers(f, 0, 0);
	await(&f->n_closed, 2);
	assert_int_equal(f->page->n, 1);
	assert_int_equal(browser_leg(f->browser), 0);
}


/* the media process died; the page offers its sound anew */
static void talks(struct fixture *f)
{
	ready(f);
	media_says(f, WIRE_LEG_UP, browser_leg(f->browser));
	assert_int_equal(browser_accept(f->browser), 0);
	await(&f->n_accepted, 1);
	assert_true(browser_is_talking(f->browser));
	assert_false(browser_may_offer(f->browser));
}


static void lost_in_a_talk(void **state)
{
	struct fixture *f = *state;

	talks(f);
	browser_lost(f->browser);
	assert_true(browser_is_lost(f->browser));
	assert_false(browser_is_talking(f->browser));
	assert_int_equal(browser_leg(f->browser), 0);
	browser_lost(f->browser); /* the next one died, too */
	ready(f);
	assert_false(browser_is_lost(f->browser));
	browser_lost(f->browser);
	assert_true(browser_is_lost(f->browser));
	ready(f);
	assert_int_equal(f->n_back, 0);
	browser_up(f->browser);
	assert_int_equal(f->n_back, 1);
	assert_true(browser_is_talking(f->browser));
	browser_end(f->browser, CAUSE_HUNG_UP);
	assert_int_equal(f->n_over, 1);
	assert_int_equal(f->n_accepted, 1);
}


static void lost_and_refused(void **state)
{
	struct fixture *f = *state;

	talks(f);
	browser_lost(f->browser);
	assert_int_equal(offer(f), 0);
	await(&f->n_asked, 2);
	media_answers(f, 1, ENOSPC);
	await(&f->page->n, 2);
	assert_true(browser_is_lost(f->browser));
	assert_true(browser_may_offer(f->browser));
	ready(f);
	browser_dead(f->browser);
	assert_true(browser_is_lost(f->browser));
	assert_int_equal(f->n_over, 0);
}


static void lost_for_good(void **state)
{
	struct fixture *f = *state;

	talks(f);
	clock_get()->speed = 100;
	clock_get()->n_starts = 0;
	browser_lost(f->browser);
	assert_int_equal(clock_get()->starts[0], BROWSER_LOST_MS);
	await(&f->n_over, 1);
	assert_int_equal(f->cause, CAUSE_NETWORK);
	assert_false(browser_is_lost(NULL) || browser_is_talking(NULL) ||
		     browser_may_offer(NULL));
}


static void lost_while_it_rings(void **state)
{
	struct fixture *f = *state;

	browser_lost(f->browser); /* it has none */
	assert_false(browser_is_lost(f->browser));
	ready(f);
	browser_lost(f->browser);
	assert_true(browser_is_lost(f->browser));
	assert_int_equal(browser_accept(f->browser), EPROTO);
	talks(f);
}


static void lost_before_it_was_up(void **state)
{
	struct fixture *f = *state;

	ready(f);
	assert_int_equal(browser_accept(f->browser), 0);
	browser_lost(f->browser);
	assert_true(browser_is_lost(f->browser));
	ready(f);
	browser_up(f->browser);
	assert_int_equal(f->n_accepted, 1);
	assert_int_equal(f->n_back, 0);
}


static int rings(void *arg)
{
	struct fixture *f = arg;
	struct browser *b = NULL;
	struct mbuf *sdp = mbuf_alloc(16);
	int err;

	if (!sdp)
		return ENOMEM;
	err = browser_alloc(&b, f->sound, 6, NULL, on_news, f);
	if (!err)
		err = browser_offer(b, sdp, 0, 0, on_sdp, f->page);
	if (err)
		assert_int_equal(browser_leg(b), 0);
	mem_deref(b);
	mem_deref(sdp);

	return err;
}


static void short_of_memory(void **state)
{
	struct fixture *f = *state;

	assert_true(oom_loop(rings, f) > 3);
	assert_int_equal(f->page->n, 0);
	await(&f->n_asked, 1);
	media_answers(f, 0, 0);
	await(&f->n_closed, 1);
}


#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
		CASE(accepted_then_up),
		CASE(accepted_before_the_answer),
		CASE(accepted_and_refused),
		CASE(never_up),
		CASE(refused_and_asked_again),
		CASE(asked_twice),
		CASE(over_before_the_answer),
		CASE(lost_in_a_talk),
		CASE(lost_and_refused),
		CASE(lost_for_good),
		CASE(lost_while_it_rings),
		CASE(lost_before_it_was_up),
		CASE(short_of_memory),
	};
	int err;

	if (libre_init())
		return 1;
	err = cmocka_run_group_tests(tests, NULL, NULL);
	libre_close();

	return err;
}
