/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web_path.c  Which paths are a route's, who may, and where pages come from.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/config.h"
#include "web/path.h"
#include "web/session.h"


enum { IDS = 2 };

static const struct {
	const char *pattern;
	const char *path;
	bool fits;
	uint64_t ids[IDS];
} paths[] = {
	{"/me", "/me", true, {0, 0}},
	{"/me", "/me/", false, {0, 0}},
	{"/me/", "/me", false, {0, 0}},
	{"/me", "/mine", false, {0, 0}},
	{"/me", "", false, {0, 0}},
	{"/c/{id}", "/c/1", true, {1, 0}},
	{"/c/{id}", "/c/18446744073709551615", true, {UINT64_MAX, 0}},
	{"/c/{id}", "/c/18446744073709551616", false, {0, 0}},
	{"/c/{id}", "/c/99999999999999999999", false, {0, 0}},
	{"/c/{id}", "/c/", false, {0, 0}},
	{"/c/{id}", "/c/0", false, {0, 0}},
	{"/c/{id}", "/c/07", false, {0, 0}},
	{"/c/{id}", "/c/-7", false, {0, 0}},
	{"/c/{id}", "/c/+7", false, {0, 0}},
	{"/c/{id}", "/c/ 7", false, {0, 0}},
	{"/c/{id}", "/c/7x", false, {0, 0}},
	{"/c/{id}", "/c/7/", false, {0, 0}},
	{"/c/{id}", "/c/7/take", false, {0, 0}},
	{"/c/{id}/take", "/c/7/take", true, {7, 0}},
	{"/c/{id}/take", "/c/7/taken", false, {0, 0}},
	{"/c/{id}/take", "/c/7", false, {0, 0}},
	{"/c/{id}/take", "/c/{id}/take", false, {0, 0}},
	{"/c/{id}/d/{id}", "/c/7/d/8", true, {7, 8}},
	{"/c/{id}/{id}/{id}", "/c/7/8/9", false, {0, 0}},
};


static void test_paths(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		uint64_t ids[IDS] = {0};
		const bool fits = path_match(ids, IDS, paths[i].pattern,
					     paths[i].path);

		if (fits != paths[i].fits)
			fail_msg("%s, %s", paths[i].pattern, paths[i].path);
		if (fits)
			assert_memory_equal(ids, paths[i].ids, sizeof(ids));
	}
}


static void test_roles(void **state)
{
	const struct session one = {.on = {[3] = SESSION_COUNSELLOR}};
	const struct session all = {.all = SESSION_COORDINATOR};
	const struct session none = {0};

	(void)state;
	assert_true(session_may(&one, 3, SESSION_COUNSELLOR));
	assert_true(session_may(&one, 3, SESSION_ANY));
	assert_true(session_may(&one, -1, SESSION_COUNSELLOR));
	assert_false(session_may(&one, 2, SESSION_COUNSELLOR));
	assert_false(session_may(&one, 3, SESSION_COORDINATOR));
	assert_false(session_may(&one, -1, SESSION_COORDINATOR));
	assert_true(session_may(&all, 15, SESSION_COORDINATOR));
	assert_true(session_may(&all, -1, SESSION_COORDINATOR));
	assert_false(session_may(&all, 16, SESSION_COORDINATOR));
	assert_false(session_may(&all, 0, SESSION_COUNSELLOR));
	assert_false(session_may(&none, -1, SESSION_ANY));
}


static void test_origins(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		const char *certificate;
		const char *origin;
		const char *wanted;
	} rows[] = {
		{"127.0.0.1", 8080, "", "", "http://127.0.0.1:8080"},
		{"127.0.0.1", 80, "", "", "http://127.0.0.1"},
		{"127.0.0.1", 443, "", "", "http://127.0.0.1:443"},
		{"::1", 8080, "", "", "http://[::1]:8080"},
		{"192.0.2.7", 443, "c.pem", "", "https://192.0.2.7"},
		{"192.0.2.7", 8443, "c.pem", "", "https://192.0.2.7:8443"},
		{"::", 443, "c.pem", "https://h.example",
		 "https://h.example"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config cfg = {.http = {.port = rows[i].port}};
		char origin[LIMIT_URI];

		strcpy(cfg.http.host, rows[i].host);
		strcpy(cfg.http_certificate, rows[i].certificate);
		strcpy(cfg.http_origin, rows[i].origin);
		config_origin(origin, &cfg);
		assert_string_equal(origin, rows[i].wanted);
	}
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
