/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * routes.c  The list of all tables of routes. Must not handle anything.
 */
#include "accounts.h"
#include "alarms.h"
#include "board.h"
#include "calls.h"
#include "colleagues.h"
#include "events.h"
#include "grants.h"
#include "listen.h"
#include "marks.h"
#include "numbers.h"
#include "openapi.h"
#include "promises.h"
#include "routes.h"
#include "talk.h"
#include "upkeep.h"
#include "vault.h"


const struct route_table *const routes_all[] = {
	&events_routes, &talk_routes, &board_routes, &alarms_routes,
	&promises_routes,
	&calls_routes, &colleagues_routes, &listen_routes,
	&signin_routes, &totp_routes, &key_routes, &session_routes,
	&people_routes, &vault_routes, &grants_routes,
	&numbers_routes,
	&recovery_routes, &notes_routes, &upkeep_routes,
	&marks_routes, &marks_index_routes,
	&openapi_routes,
	NULL,
};


void routes_print(FILE *f)
{
	static const char *const methods[ROUTE_METHODS] = {"GET", "POST"};

	for (size_t t = 0; routes_all[t]; t++) {
		for (size_t i = 0; i < routes_all[t]->n; i++) {
			const struct route *r = &routes_all[t]->v[i];

			(void)fprintf(f, "%s %s\n", methods[r->method],
				      r->path);
		}
	}
}
