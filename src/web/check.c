/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * check.c  What a request must pass before its handler sees it, and the
 * headers that tell a browser what an answer must not be used for. Must not
 * know any route.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "http_parts.h"


enum { PORT_TEXT = 8 };

/* 0, or an answer has been given */
typedef bool(check_h)(struct request *req);

static const struct {
	const char *name;
	const char *value;
} headers[] = {
	/* libsodium is WebAssembly: compiled, never evaluated text */
	{"Content-Security-Policy",
	 "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
	 "style-src 'self'; img-src 'self' data:; font-src 'self'; "
	 "connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; "
	 "worker-src blob:; base-uri 'none'; form-action 'self'; "
	 "frame-ancestors 'none'"},
	{"X-Frame-Options", "DENY"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy",
	 "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), "
	 "display-capture=()"},
};


int headers_add(struct MHD_Response *resp, const struct http *h)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		if (MHD_add_response_header(resp, headers[i].name,
					    headers[i].value) != MHD_YES)
			return ENOMEM;
	}
	if (h->secure &&
	    MHD_add_response_header(resp, "Strict-Transport-Security",
				    "max-age=31536000") != MHD_YES)
		return ENOMEM;

	return 0;
}


/* with nothing configured, this machine's browser may say either */
static bool is_localhost(const struct http *h, const char *origin)
{
	static const char begin[] = "http://localhost:";
	char port[PORT_TEXT];

	if (!h->local || strncmp(origin, begin, sizeof(begin) - 1) != 0)
		return false;
	(void)re_snprintf(port, sizeof(port), "%u", sa_port(&h->cfg.addr));

	return strcmp(origin + sizeof(begin) - 1, port) == 0;
}


/* another page can make a browser send a form, but neither this header nor our
 * origin */
static bool check_origin(struct request *req)
{
	const struct http *h = req->parts->http;
	const char *origin = request_value(req, "Origin");
	const char *mark = request_value(req, "X-Ringback");
	char text[LIMIT_URI + 64];

	if (req->route->method == ROUTE_GET)
		return true;

	if (origin && strcmp(origin, h->cfg.origin) != 0 &&
	    !is_localhost(h, origin)) {
		(void)re_snprintf(text, sizeof(text),
				  "this page was not opened as %s, which is "
				  "its address (option http_origin)",
				  h->cfg.origin);
		request_error(req, 403, "origin", text);
		return false;
	}
	if (!mark || strcmp(mark, "1") != 0) {
		request_error(req, 403, "header",
			      "the header X-Ringback: 1 is missing");
		return false;
	}

	return true;
}


static bool check_type(struct request *req)
{
	static const char json[] = "application/json";
	const char *type = request_value(req, "Content-Type");
	const size_t n = sizeof(json) - 1;

	if (req->route->method == ROUTE_GET)
		return true;
	if (type && strncasecmp(type, json, n) == 0 &&
	    (!type[n] || type[n] == ';' || type[n] == ' '))
		return true;

	request_error(req, 415, "type",
		      "the body must be JSON: Content-Type: "
		      "application/json");
	return false;
}


/* the value of our cookie: a session is opened with nothing else */
static void cookie_take(struct request *req)
{
	const char *v = MHD_lookup_connection_value(
		req->parts->conn, MHD_COOKIE_KIND,
		http_cookie_name(req->parts->http));

	if (v && strlen(v) < sizeof(req->cookie))
		(void)str_ncpy(req->cookie, v, sizeof(req->cookie));
}


static bool check_session(struct request *req)
{
	const struct http *h = req->parts->http;

	cookie_take(req);
	if (req->cookie[0])
		req->signed_in = h->cfg.sessionh(&req->session, req->web,
						 req->cookie) == 0;
	if (req->signed_in)
		req->parts->peer->said = PEER_SIGNED_IN;
	if (req->signed_in || req->route->flags & ROUTE_OPEN)
		return true;

	request_error(req, 401, "signed_out", "please sign in");
	return false;
}


static bool check_role(struct request *req)
{
	const unsigned roles = req->route->roles;

	if (!roles || session_may(&req->session, -1, roles))
		return true;

	request_errno(req, EACCES);
	return false;
}


static enum MHD_Result count(void *cls, enum MHD_ValueKind kind,
			     const char *key, const char *value)
{
	unsigned *np = cls;

	(void)kind;
	(void)value;
	*np += strcmp(key, "limit") == 0 ? 1 : 256;

	return MHD_YES;
}


static bool check_query(struct request *req)
{
	const unsigned most = req->route->flags & ROUTE_QUERY ? 1 : 0;
	unsigned n = 0;

	(void)MHD_get_connection_values(req->parts->conn,
					MHD_GET_ARGUMENT_KIND, count, &n);
	if (n <= most)
		return true;

	request_error(req, 400, "invalid",
		      "there is something in the address after the ? that "
		      "the server does not know");
	return false;
}


static bool check_body(struct request *req)
{
	const struct mbuf *mb = req->parts->mb;

	if (req->route->method == ROUTE_GET) {
		if (!mb->end)
			return true;
		request_error(req, 400, "invalid", "GET has no body");
		return false;
	}

	req->body = json_loadb((const char *)mb->buf, mb->end,
			       JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(req->body))
		return true;

	request_error(req, 400, "invalid",
		      "the body must be one JSON object");
	return false;
}


/* a proxy on this machine says last for whom it asks: each one appends */
static bool take_peer(struct request *req)
{
	const char *list = request_value(req, "X-Forwarded-For");
	const char *last;
	struct sa sa;

	if (!list || !sa_is_loopback(&req->peer))
		return true;

	last = strrchr(list, ',');
	last = last ? last + 1 : list;
	last += strspn(last, " ");
	if (!sa_set_str(&sa, last, 0))
		req->peer = sa;

	return true;
}


bool check_request(struct request *req)
{
	static check_h *const checks[] = {
		take_peer, check_origin, check_type, check_query,
		check_session, check_role, check_body,
	};

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		if (!checks[i](req))
			return false;
	}

	return true;
}
