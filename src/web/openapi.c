/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * openapi.c  Hands out docs/openapi.json. Must not make any of it up.
 */
#include "folder.h"
#include "openapi.h"
#include "web.h"

#define LOG_MODULE "web"
#include "base/log.h"


json_t *openapi_read(void)
{
	char path[LIMIT_PATH];
	json_error_t why;
	json_t *json;

	if (folder_find(path, sizeof(path), "docs/openapi.json"))
		return NULL;

	json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
	if (!json)
		log_warn("the description of the API cannot be read: %s",
			 why.text);

	return json;
}


static void on_openapi(struct request *req)
{
	if (req->web->openapi)
		request_reply(req, 200, json_incref(req->web->openapi));
	else
		request_error(req, 404, "not_found",
			      "this server was installed without its "
			      "description");
}


static const struct route routes[] = {
	{ROUTE_GET, "/api/v1/openapi.json", on_openapi, ROUTE_OPEN, 0},
};

const struct route_table openapi_routes = {routes, ARRAY_SIZE(routes)};
