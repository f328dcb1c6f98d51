/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config.c  The configuration: each folder config/CASE holds a wrong file and
 * the exact message it must give; what is right is read, written and read
 * back here.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/config.h"
#include "epoch/retention.h"

#include "oom.h"


enum { TEXT = 65536, LEAST_CASES = 20 };

static const char file_name[] = "ringback.conf";

struct fixture {
	char dir[64];
	char path[80];
	int err_fd; /* the true standard error, while ours is caught */
	FILE *said;
};


static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct fixture *f = test_calloc(1, sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "%s/ringback-config-XXXXXX",
		       tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, file_name);
	*state = f;

	return 0;
}


static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->path);
	(void)rmdir(f->dir);
	test_free(f);

	return 0;
}


static void catch_begin(struct fixture *f)
{
	f->said = tmpfile();
	assert_non_null(f->said);
	f->err_fd = dup(STDERR_FILENO);
	assert_true(f->err_fd >= 0);
	assert_true(dup2(fileno(f->said), STDERR_FILENO) >= 0);
}


static void catch_end(struct fixture *f, char *text, size_t size)
{
	size_t n;

	(void)fflush(stderr);
	assert_true(dup2(f->err_fd, STDERR_FILENO) >= 0);
	(void)close(f->err_fd);
	rewind(f->said);
	n = fread(text, 1, size - 1, f->said);
	text[n] = '\0';
	(void)fclose(f->said);
}


static void file_fill(const struct fixture *f, const char *text, size_t n)
{
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}


static size_t file_get(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (!file)
		return 0;
	n = fread(text, 1, size - 1, file);
	text[n] = '\0';
	(void)fclose(file);

	return n;
}


static struct config *read_text(const struct fixture *f, const char *text)
{
	struct config *c = NULL;

	file_fill(f, text, strlen(text));
	assert_int_equal(config_read(&c, f->dir), 0);

	return c;
}


/* ---- the folders ---- */

static void case_check(struct fixture *f, const char *name)
{
	static char said[TEXT], expect[TEXT];
	struct config *c = NULL;
	char path[320];
	int err;

	(void)snprintf(path, sizeof(path), CASES "/%s", name);
	assert_int_equal(chdir(path), 0);
	assert_true(file_get("expect", expect, sizeof(expect)) > 0);

	catch_begin(f);
	err = config_read(&c, ".");
	catch_end(f, said, sizeof(said));

	if (!err || strcmp(said, expect) != 0)
		print_error("config/%s:\n%s", name, said);
	assert_int_not_equal(err, 0);
	assert_int_not_equal(err, ENOMEM);
	assert_null(c);
	assert_string_equal(said, expect);
}


static void test_cases(void **state)
{
	struct dirent **names = NULL;
	const int n = scandir(CASES, &names, NULL, alphasort);
	int n_cases = 0;

	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.') {
			case_check(*state, names[i]->d_name);
			++n_cases;
		}
		free(names[i]);
	}
	free(names);
	assert_true(n_cases >= LEAST_CASES);
}


static void test_no_file(void **state)
{
	struct fixture *f = *state;
	struct config *c = NULL;
	char said[1024], long_dir[2 * LIMIT_PATH];
	int none, folder, too_long;

	memset(long_dir, 'x', sizeof(long_dir) - 1);
	long_dir[sizeof(long_dir) - 1] = '\0';

	catch_begin(f);
	none = config_read(&c, f->dir);
	assert_int_equal(mkdir(f->path, 0700), 0);
	folder = config_read(&c, f->dir);
	too_long = config_read(&c, long_dir);
	catch_end(f, said, sizeof(said));
	assert_int_equal(rmdir(f->path), 0);

	assert_int_equal(none, ENOENT);
	assert_non_null(strstr(said, "ringback init"));
	assert_int_equal(folder, EISDIR);
	assert_non_null(strstr(said, "this is no file"));
	assert_int_equal(too_long, ENAMETOOLONG);
	assert_int_equal(config_read(NULL, f->dir), EINVAL);
	assert_int_equal(config_read(&c, NULL), EINVAL);
	assert_null(c);
}


static void test_too_long(void **state)
{
	struct fixture *f = *state;
	struct config *c = NULL;
	const size_t n = LIMIT_CONFIG + 1;
	char *text = test_malloc(n);
	char said[1024];
	int err;

	memset(text, '\n', n);
	file_fill(f, text, n);
	test_free(text);
	catch_begin(f);
	err = config_read(&c, f->dir);
	catch_end(f, said, sizeof(said));
	assert_int_equal(err, EFBIG);
	assert_non_null(strstr(said, "too long"));
}


/* ---- what is right ---- */

static void line_defaults_check(const struct config_line *line)
{
	assert_string_equal(line->name, "main");
	assert_int_equal(line->kind, CONFIG_KIND_ORDINARY);
	assert_int_equal(line->n_numbers, 0);
	assert_int_equal(line->n_languages, 1);
	assert_string_equal(line->languages[0], "en");
	assert_int_equal(line->n_skills, 0);
	assert_string_equal(line->organisation, "");
	assert_string_equal(line->region, "");
	assert_int_equal(line->n_hours, 0);
	assert_int_equal(line->tells, CONFIG_TELLS_POSITION);
	assert_true(line->notice);
	assert_true(line->messages);
	assert_true(line->ring_back);
	assert_false(line->show_numbers);
	assert_int_equal(line->accept_key, 0);
	assert_string_equal(line->trunk, "");
	assert_string_equal(line->shows, "");
	assert_string_equal(line->neutral, "");
	assert_int_equal(line->n_may_ring, 0);
	assert_int_equal(line->max_wait_s, 600);
	assert_int_equal(line->promise_minutes, 240);
	assert_int_equal(line->climb_minutes, 60);
	assert_int_equal(line->attempts, 5);
	assert_int_equal(line->attempt_minutes, 10);
	assert_true(line->transfer);
	assert_int_equal(line->n_third, 0);
	assert_false(line->listen);
	assert_int_equal(line->keep_notes, RETENTION_NOTES);
	assert_int_equal(line->keep_calls, RETENTION_CALLS);
	assert_int_equal(line->keep_messages, RETENTION_MESSAGES);
}


static void defaults_check(const struct config *c)
{
	assert_string_equal(c->name, "Ringback");
	assert_int_equal(c->n_sip, 1);
	assert_string_equal(c->sip[0].host, "127.0.0.1");
	assert_int_equal(c->sip[0].port, 5060);
	assert_string_equal(c->http.host, "127.0.0.1");
	assert_int_equal(c->http.port, 8080);
	assert_int_equal(c->n_media, 1);
	assert_string_equal(c->media[0].host, "127.0.0.1");
	assert_int_equal(c->media[0].low, 20000);
	assert_int_equal(c->media[0].high, 29999);
	assert_int_equal(c->strategy, CONFIG_STRATEGY_ALL);
	assert_int_equal(c->ring_at_once, 0);
	assert_int_equal(c->ring_s, 20);
	assert_int_equal(c->rest_s, 15);
	assert_int_equal(c->wrap_up_s, 30);
	assert_int_equal(c->short_call_s, 5);
	assert_int_equal(c->session_s, 1800);
	assert_int_equal(c->log, LOG_NOTE);
	assert_string_equal(c->prompts, "");
	assert_int_equal(c->tier_s, 20);
	assert_int_equal(c->ring_backs_at_once, 2);
	assert_string_equal(c->timezone, "");
	assert_int_equal(c->n_lines, 1);
	line_defaults_check(&c->lines[0]);
}


static void test_defaults(void **state)
{
	struct config *c = read_text(*state, "line \"main\" { }");

	defaults_check(c);
	config_free(c);
}


static const char everything[] =
	"# all of it\n"
	"name = \"Nachtlinie S\xc3\xbc"
	"d\"\n"
	"sip = {\"192.0.2.7:5060\", # one\n"
	"\t\"[2001:db8::7]:5070\"}\n"
	"http = \"[::]:80\"\n"
	"http_certificate = \"cert.pem\"\n"
	"http_key = \"/etc/key.pem\"\n"
	"http_origin = \"https://hotline.example:8443\"\n"
	"media = {\"192.0.2.7:1000-1003\", \"[2001:db8::7]:65000-65535\"}\n"
	"media_public = {\"203.0.113.5\", \"2001:db8::8\"}\n"
	"ring_at_once = 32\n"
	"ring_seconds = 1\n"
	"rest_seconds = \"0\"\n"
	"wrap_up_seconds = 3600\n"
	"home = \"+49 0\"\n"
	"short_call_seconds = 0\n"
	"session_seconds = 90\n"
	"log = debug\n"
	"prompts = \"/srv/a b//c#d\"\n"
	"line \"one\"\n"
	"{\n"
	"\tnumbers = {\"100\", \"+1-800_x\"} // two\n"
	"\tlanguages = \"es-mx\"\n"
	"}\n"
	"line two { numbers = {} /* none */ }\n"
	"line 'drei' { numbers = \"101\" numbers += {\"102\"} }\n"
	"strategy = tiers\n"
	"tier_seconds = 600\n"
	"ring_backs_at_once = 32\n"
	"timezone = \"Australia/Lord_Howe\"\n"
	"line \"four\" {\n"
	"\tkind = \"detention\"\n"
	"\tskills = {\"legal\", \"a b\"}\n"
	"\torganisation = \"Haus S\xc3\xbc"
	"d\"\n"
	"\tregion = \"North\"\n"
	"\thours = {\"Mon-Fri 09:00-17:00\", \"Sat 22:00-02:00\"}\n"
	"\ttells = wait\n"
	"\tnotice = no\n"
	"\tmessages = \"no\"\n"
	"\tring_back = no\n"
	"\tshow_numbers = yes\n"
	"\taccept_key = \"#\"\n"
	"\ttrunk = \"out\"\n"
	"\tshows = \"+15550100\"\n"
	"\tneutral = \"5550199\"\n"
	"\tmay_ring = {\"+1\", \"0\"}\n"
	"\tmax_wait_seconds = 30\n"
	"\tpromise_minutes = 10080\n"
	"\tclimb_minutes = 1\n"
	"\tattempts = 20\n"
	"\tattempt_minutes = 1440\n"
	"\tkeep_notes = 120 keep_calls = 120 keep_messages = 1\n"
	"}\n"
	"line 'five' { kind = 'after_hours' shows = 'help' numbers = 'help'\n"
	"\tthird = {\"Interpreter: night: +49 (30) 901-820\", \"Fire:112\"}\n"
	"\tlisten = yes\n"
	"}\n";


/* the line "four" */
static void line_check(const struct config_line *line)
{
	assert_int_equal(line->kind, CONFIG_KIND_DETENTION);
	assert_int_equal(line->n_skills, 2);
	assert_string_equal(line->skills[1], "a b");
	assert_string_equal(line->organisation, "Haus S\xc3\xbc"
						"d");
	assert_string_equal(line->region, "North");
	assert_int_equal(line->n_hours, 2);
	assert_int_equal(line->hours[0].days, 0x1f);
	assert_int_equal(line->hours[1].days, 0x20);
	assert_int_equal(line->hours[1].from, 1320);
	assert_int_equal(line->hours[1].until, 120);
	assert_int_equal(line->tells, CONFIG_TELLS_WAIT);
	assert_false(line->notice);
	assert_false(line->messages);
	assert_false(line->ring_back);
	assert_true(line->show_numbers);
	assert_int_equal(line->accept_key, '#');
	assert_string_equal(line->trunk, "out");
	assert_string_equal(line->shows, "+15550100");
	assert_string_equal(line->neutral, "5550199");
	assert_int_equal(line->n_may_ring, 2);
	assert_string_equal(line->may_ring[1], "0");
	assert_int_equal(line->max_wait_s, 30);
	assert_int_equal(line->promise_minutes, 10080);
	assert_int_equal(line->climb_minutes, 1);
	assert_int_equal(line->attempts, 20);
	assert_int_equal(line->attempt_minutes, 1440);
	assert_int_equal(line->keep_notes, 120);
	assert_int_equal(line->keep_calls, 120);
	assert_int_equal(line->keep_messages, 1);
	assert_false(line->transfer);
	assert_false(line->listen);
}


static void test_everything(void **state)
{
	struct config *c = read_text(*state, everything);

	assert_string_equal(c->name, "Nachtlinie S\xc3\xbc"
				     "d");
	assert_int_equal(c->n_sip, 2);
	assert_string_equal(c->sip[1].host, "2001:db8::7");
	assert_int_equal(c->sip[1].port, 5070);
	assert_string_equal(c->http.host, "::");
	assert_int_equal(c->n_media, 2);
	assert_int_equal(c->media[0].low, 1000);
	assert_int_equal(c->media[1].high, 65535);
	assert_int_equal(c->n_media_public, 2);
	assert_string_equal(c->media_public[1], "2001:db8::8");
	assert_int_equal(c->strategy, CONFIG_STRATEGY_TIERS);
	assert_int_equal(c->ring_at_once, 32);
	assert_int_equal(c->ring_s, 1);
	assert_int_equal(c->rest_s, 0);
	assert_int_equal(c->wrap_up_s, 3600);
	assert_string_equal(c->home.country, "49");
	assert_string_equal(c->home.prefix, "0");
	assert_int_equal(c->short_call_s, 0);
	assert_int_equal(c->session_s, 90);
	assert_int_equal(c->log, LOG_DEBUG);
	assert_string_equal(c->prompts, "/srv/a b//c#d");
	assert_int_equal(c->tier_s, 600);
	assert_int_equal(c->ring_backs_at_once, 32);
	assert_string_equal(c->timezone, "Australia/Lord_Howe");
	assert_int_equal(c->n_lines, 5);
	assert_string_equal(c->lines[0].name, "one");
	assert_int_equal(c->lines[0].n_numbers, 2);
	assert_string_equal(c->lines[0].numbers[1], "+1-800_x");
	assert_int_equal(c->lines[0].n_languages, 1);
	assert_string_equal(c->lines[0].languages[0], "es-mx");
	assert_string_equal(c->lines[1].name, "two");
	assert_int_equal(c->lines[1].n_numbers, 0);
	assert_int_equal(c->lines[1].n_languages, 1);
	assert_string_equal(c->lines[2].name, "drei");
	assert_int_equal(c->lines[2].n_numbers, 2);
	assert_string_equal(c->lines[2].numbers[1], "102");
	line_check(&c->lines[3]);
	assert_int_equal(c->lines[4].kind, CONFIG_KIND_AFTER_HOURS);
	assert_string_equal(c->lines[4].shows, "help");
	assert_true(c->lines[4].listen);
	assert_int_equal(c->lines[4].n_third, 2);
	assert_string_equal(c->lines[4].third[0].name, "Interpreter: night");
	assert_string_equal(c->lines[4].third[0].number, "+4930901820");
	assert_string_equal(c->lines[4].third[1].number, "112");
	config_free(c);
}


/* what is common, and what must not be an error by itself */
static void test_detention(void **state)
{
	struct config *c =
		read_text(*state, "line \"main\" { kind = detention }");

	assert_int_equal(c->lines[0].kind, CONFIG_KIND_DETENTION);
	assert_int_equal(c->lines[0].accept_key, 0);
	config_free(c);
}


static void test_strategies(void **state)
{
	static const char *const words[CONFIG_STRATEGIES] = {
		"all", "longest_idle", "round_robin", "tiers"};
	char text[128];

	for (int i = 0; i < CONFIG_STRATEGIES; i++) {
		struct config *c;

		(void)snprintf(text, sizeof(text),
			       "strategy = %s\nline \"main\" { }", words[i]);
		c = read_text(*state, text);
		assert_int_equal(c->strategy, i);
		config_free(c);
	}
}


/* ---- writing ---- */

static void test_write(void **state)
{
	struct fixture *f = *state;
	static char text[TEXT], said[TEXT];
	struct config *c = NULL;
	struct stat st;
	int err;

	assert_int_equal(config_write(f->dir, NULL), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	catch_begin(f);
	err = config_read(&c, f->dir);
	catch_end(f, said, sizeof(said));
	assert_int_equal(err, 0);
	assert_string_equal(said, "");
	defaults_check(c);
	config_free(c);

	/* each option stands there, below a comment */
	assert_true(file_get(f->path, text, sizeof(text)) > 1000);
	for (const char *p = text; (p = strstr(p, " = ")); p++) {
		const char *row = p;

		while (row > text && row[-1] != '\n')
			--row;
		if (*row == '#')
			continue;
		do
			--row;
		while (row > text && row[-1] != '\n');
		assert_int_equal(row[strspn(row, "\t")], '#');
	}

	catch_begin(f);
	err = config_write(f->dir, NULL);
	catch_end(f, said, sizeof(said));
	assert_int_equal(err, EEXIST);
	assert_non_null(strstr(said, file_name));
}


static void test_write_choice(void **state)
{
	struct fixture *f = *state;
	const struct config_choice choice = {
		.name = "Helpline",
		.sip = "[2001:db8::1]:5080",
		.http = "[::1]:8081",
		.media = "192.0.2.1:30000-30099",
	};
	struct config *c = NULL;

	assert_int_equal(config_write(f->dir, &choice), 0);
	assert_int_equal(config_read(&c, f->dir), 0);
	assert_string_equal(c->name, "Helpline");
	assert_string_equal(c->sip[0].host, "2001:db8::1");
	assert_int_equal(c->sip[0].port, 5080);
	assert_string_equal(c->http.host, "::1");
	assert_int_equal(c->media[0].low, 30000);
	config_free(c);
}


struct wrong_choice {
	struct config_choice choice;
	const char *said;
};


static const struct wrong_choice wrong_choices[] = {
	{{.sip = "0.0.0.0:5060"},
	 "--sip \"0.0.0.0:5060\": phones could not answer there; name the "
	 "machine's own address, for example \"192.0.2.7:5060\"\n"},
	{{.http = "8080"},
	 "--http \"8080\": write an IP address and a port from 1 to 65535, "
	 "for example \"127.0.0.1:8080\" or \"[::1]:8080\"\n"},
	{{.media = "127.0.0.1:9-8"},
	 "--media \"127.0.0.1:9-8\": the lower port comes first; write 8-9\n"},
	{{.name = "a\"b"},
	 "--name \"a\"b\": a name takes no quotes, backslashes, dollar or "
	 "control characters; write for example \"Night line\"\n"},
	{{.sip = "127.0.0.1:20000"},
	 "--media: the ports from 20000 to 29999 include 20000, where SIP is "
	 "spoken; move one of the two, as in sip 127.0.0.1:5060 and media "
	 "127.0.0.1:20000-29999\n"},
	{{.sip = "127.0.0.1:8080"},
	 "--http: SIP is spoken there; move one of the two, as in sip "
	 "127.0.0.1:5060 and http 127.0.0.1:8080\n"},
};


static void test_write_wrong(void **state)
{
	struct fixture *f = *state;
	const size_t n = sizeof(wrong_choices) / sizeof(wrong_choices[0]);
	char said[1024];
	int err;

	for (size_t i = 0; i < n; i++) {
		catch_begin(f);
		err = config_write(f->dir, &wrong_choices[i].choice);
		catch_end(f, said, sizeof(said));
		assert_int_equal(err, EINVAL);
		assert_string_equal(said, wrong_choices[i].said);
		assert_int_not_equal(access(f->path, F_OK), 0);
	}
	assert_int_equal(config_write(NULL, NULL), EINVAL);
}


static void test_write_nowhere(void **state)
{
	struct fixture *f = *state;
	char said[1024];
	int err;

	catch_begin(f);
	err = config_write("/nowhere/at/all", NULL);
	catch_end(f, said, sizeof(said));
	assert_int_equal(err, ENOENT);
	assert_non_null(strstr(said, "/nowhere/at/all"));
}


/* ---- addresses ---- */

static void test_addr(void **state)
{
	static const char *const wrong[] = {
		"",
		":",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:x",
		"127.0.0.1:0",
		"127.0.0.1:65536",
		"127.0.0.1: 1",
		"127.0.0.1:+1",
		"127.0.0.1:1 ",
		"127.0.0:1",
		"host:1",
		"::1:1",
		"[::1]",
		"[::1]1",
		"[::1]:",
		"[127.0.0.1]:1",
		"[:1",
		"1.2.3.4:1:2",
		"[::1]:4294967297",
		("[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"
		 ":0000]:1"),
	};
	struct config_addr a = {.port = 7};
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(config_addr_decode(&a, wrong[i]), EINVAL);
	assert_int_equal(a.port, 7);
	assert_int_equal(config_addr_decode(NULL, "127.0.0.1:1"), EINVAL);
	assert_int_equal(config_addr_decode(&a, NULL), EINVAL);

	assert_int_equal(config_addr_decode(&a, "127.0.0.1:5060"), 0);
	assert_string_equal(a.host, "127.0.0.1");
	assert_int_equal(a.port, 5060);
	assert_int_equal(config_addr_decode(&a, "[fe80::1]:65535"), 0);
	assert_string_equal(a.host, "fe80::1");
	assert_int_equal(a.port, 65535);
}


static void test_media(void **state)
{
	static const char *const wrong[] = {
		"",
		"127.0.0.1:1",
		"127.0.0.1:1-",
		"127.0.0.1:-1",
		"127.0.0.1:1-65536",
		"127.0.0.1:0-9",
		"1-2",
		"[::1]1-2",
		"127.0.0.1:1-2-3",
		"127.0.0.1:1 - 2",
	};
	struct config_media m = {.low = 7};
	(void)state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(config_media_decode(&m, wrong[i]), EINVAL);
	assert_int_equal(m.low, 7);
	assert_int_equal(config_media_decode(NULL, "127.0.0.1:1-2"), EINVAL);
	assert_int_equal(config_media_decode(&m, NULL), EINVAL);

	assert_int_equal(config_media_decode(&m, "[::1]:20000-29999"), 0);
	assert_string_equal(m.host, "::1");
	assert_int_equal(m.low, 20000);
	assert_int_equal(m.high, 29999);
}


/* ---- whatever stands in the file ---- */

/* a file that was cut off, or with one byte changed, is read or refused */
static void test_damaged(void **state)
{
	struct fixture *f = *state;
	static char good[TEXT], bad[TEXT], said[TEXT];
	unsigned n_refused = 0;
	size_t n;

	memcpy(good, everything, sizeof(everything));
	n = strlen(good);

	catch_begin(f);
	for (size_t i = 0; i < 2 * n; i++) {
		static const char bytes[] = "{}\"'#=,\\/\n\t \x80\xff$|+(";
		struct config *c = NULL;
		const size_t len = i < n ? i : n;

		memcpy(bad, good, n);
		if (i >= n)
			bad[i - n] = bytes[i % (sizeof(bytes) - 1)];
		file_fill(f, bad, len);
		if (config_read(&c, f->dir))
			++n_refused;
		config_free(c);
	}
	catch_end(f, said, sizeof(said));
	assert_in_range(n_refused, n / 2, 2 * n - 1);
}


static int read_work(void *arg)
{
	struct fixture *f = arg;
	struct config *c = NULL;
	int err;

	err = config_read(&c, f->dir);
	if (err) {
		assert_null(c);
		return err;
	}
	config_free(c);

	return 0;
}


static int write_work(void *arg)
{
	struct fixture *f = arg;
	int err;

	err = config_write(f->dir, NULL);
	if (!err)
		assert_int_equal(unlink(f->path), 0);
	else
		assert_int_not_equal(access(f->path, F_OK), 0);

	return err;
}


static void test_oom(void **state)
{
	struct fixture *f = *state;
	static char said[TEXT];

	catch_begin(f);
	(void)oom_loop(write_work, f);
	file_fill(f, everything, strlen(everything));
	assert_true(oom_loop(read_work, f) > 10);
	catch_end(f, said, sizeof(said));
	assert_non_null(strstr(said, "out of memory"));
}


#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_cases),         CASE(test_no_file),
		CASE(test_too_long),      CASE(test_defaults),
		CASE(test_everything),    CASE(test_detention),
		CASE(test_strategies),    CASE(test_write),
		CASE(test_write_choice),  CASE(test_write_wrong),
		CASE(test_write_nowhere), CASE(test_addr),
		CASE(test_media),         CASE(test_damaged),
		CASE(test_oom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
