/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * request.c  One request and its answer: finds the route, runs the handler,
 * makes the response. Must not decide who may (check.c).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "http_parts.h"
#include "path.h"

#define LOG_MODULE "http"
#include "base/log.h"


static const char *const methods[ROUTE_METHODS] = {"GET", "POST"};

static const struct failure {
	int err;
	unsigned status;
	const char *word;
	const char *message;
} failures[] = {
	{EINVAL, 400, "invalid", "the server does not understand this"},
	{EACCES, 403, "not_allowed", "this account may not do that"},
	{ENOENT, 404, "not_found", "there is no such thing (any more)"},
	{EEXIST, 409, "exists", "there is one of that name already"},
	{EPROTO, 409, "not_now", "that cannot be done just now"},
	{EPERM, 409, "not_possible", "that cannot be done"},
	{EBUSY, 409, "busy", "that is being done just now"},
	{ERANGE, 409, "too_far", "that is too far, or too often"},
	{ENOTCONN, 503, "line_down",
	 "the telephone part of the server does not answer; try again"},
	{ETIMEDOUT, 503, "no_answer",
	 "the server took too long; look whether it was done"},
	{ENOSPC, 503, "full", "the server has no room left for this"},
	{ENOMEM, 503, "no_memory", "the server is short of memory"},
};

static const struct failure unknown = {
	0, 503, "failed", "the server could not do it; try again",
};


static void destructor(void *data)
{
	struct request *req = data;
	struct request_parts *p = req->parts;

	tmr_cancel(&p->tmr);
	list_unlink(&p->le);
	if (p->resp)
		MHD_destroy_response(p->resp);
	json_decref(req->body);
	if (p->mb && p->mb->buf)
		explicit_bzero(p->mb->buf, p->mb->size);
	mem_deref(p->mb);
	mem_deref(req->state);
	explicit_bzero(req->cookie, sizeof(req->cookie));
	explicit_bzero(p->headers, sizeof(p->headers));
}


int request_alloc(struct request **reqp, struct http *http,
		  struct MHD_Connection *conn)
{
	struct {
		struct request req;
		struct request_parts parts;
	} *both = mem_zalloc(sizeof(*both), destructor);

	if (!both)
		return ENOMEM;

	both->req.web = http->cfg.web;
	both->req.parts = &both->parts;
	both->parts.http = http;
	both->parts.conn = conn;
	tmr_init(&both->parts.tmr);
	both->parts.mb = mbuf_alloc(512);
	if (!both->parts.mb) {
		mem_deref(both);
		return ENOMEM;
	}
	*reqp = &both->req;

	return 0;
}


const char *request_value(const struct request *req, const char *name)
{
	return MHD_lookup_connection_value(req->parts->conn, MHD_HEADER_KIND,
					   name);
}


/* ---- which route ---- */

static const struct route *find(const struct http *h, uint64_t *ids,
				const char *path, const char *method,
				unsigned *allowedp)
{
	*allowedp = 0;
	for (size_t t = 0; h->cfg.tables[t]; t++) {
		const struct route_table *table = h->cfg.tables[t];

		for (size_t i = 0; i < table->n; i++) {
			const struct route *r = &table->v[i];

			if (!path_match(ids, HTTP_IDS, r->path, path))
				continue;
			if (strcmp(methods[r->method], method) == 0)
				return r;
			*allowedp |= 1u << r->method;
		}
	}

	return NULL;
}


static void not_that_way(struct request *req, unsigned allowed)
{
	static const char *const allow[] = {
		[1 << ROUTE_GET] = "GET, HEAD",
		[1 << ROUTE_POST] = "POST",
		[1 << ROUTE_GET | 1 << ROUTE_POST] = "GET, HEAD, POST",
	};

	request_header(req, "Allow", allow[allowed]);
	request_error(req, 405, "method",
		      "this can be asked for in another way only");
}


static void page(struct request *req, const char *method, const char *path)
{
	if (strcmp(method, "GET") == 0)
		console_serve(req, path);
	else
		not_that_way(req, 1 << ROUTE_GET);
}


void request_run(struct request *req, const char *method, const char *path)
{
	unsigned allowed;

	if (strcmp(method, "HEAD") == 0)
		method = methods[ROUTE_GET];
	if (req->parts->too_long) {
		request_error(req, 413, "too_long",
			      "this is more than the server takes at once");
		return;
	}

	if (strncmp(path, "/api/", 5) != 0) {
		page(req, method, path);
		return;
	}
	req->route = find(req->parts->http, req->ids, path, method, &allowed);
	if (!req->route && allowed)
		not_that_way(req, allowed);
	else if (!req->route)
		request_error(req, 404, "not_found",
			      "the server has nothing of that name");
	else if (check_request(req))
		req->route->h(req);
}


/* ---- answers ---- */

static void wake(struct request *req)
{
	struct request_parts *p = req->parts;

	if (!p->suspended)
		return;
	p->suspended = false;
	list_unlink(&p->le);
	tmr_cancel(&p->tmr);
	http_resume(p->http, p->conn);
}


void request_answer(struct request *req, unsigned status,
		    struct MHD_Response *resp)
{
	struct request_parts *p = req->parts;
	bool bad = !resp || headers_add(resp, p->http);

	for (size_t i = 0; i < p->n_headers && !bad; i++)
		bad = MHD_add_response_header(resp, p->headers[i].name,
					      p->headers[i].value) != MHD_YES;
	if (!p->conn || p->resp || bad) {
		if (resp)
			MHD_destroy_response(resp);
		/* an empty answer is better than none at all */
		resp = p->conn && !p->resp && bad
			       ? MHD_create_response_from_buffer(
					 0, NULL, MHD_RESPMEM_PERSISTENT)
			       : NULL;
		status = 503;
	}
	if (!resp)
		return;

	log_debug("%s %u", req->route ? req->route->path : "page", status);
	p->resp = resp;
	p->status = status;
	wake(req);
}


/* what a page was told may be what nobody else should read */
static void text_free(void *text)
{
	explicit_bzero(text, strlen(text));
	free(text);
}


void request_reply(struct request *req, unsigned status, json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	struct MHD_Response *resp = NULL;

	json_decref(json);
	if (text)
		resp = MHD_create_response_from_buffer_with_free_callback(
			strlen(text), text, text_free);
	if (!resp && text)
		text_free(text);

	request_header(req, "Content-Type", "application/json");
	request_header(req, "Cache-Control", "no-store");
	request_answer(req, status, resp);
}


void request_done(struct request *req)
{
	request_reply(req, 200, json_object());
}


void request_error(struct request *req, unsigned status, const char *word,
		   const char *message)
{
	request_reply(req, status,
		      json_pack("{s:s, s:s}", "error", word, "message",
				message));
}


void request_errno(struct request *req, int err)
{
	const struct failure *f = &unknown;

	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (failures[i].err == err)
			f = &failures[i];
	}
	request_error(req, f->status, f->word, f->message);
}


struct bytes {
	size_t n;
	uint8_t *buf;
};


static ssize_t bytes_read(void *cls, uint64_t pos, char *buf, size_t max)
{
	const struct bytes *b = cls;
	const size_t left = b->n - (size_t)pos;

	if (!left)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (max > left)
		max = left;
	memcpy(buf, b->buf + pos, max);

	return (ssize_t)max;
}


static void bytes_free(void *cls)
{
	struct bytes *b = cls;

	explicit_bzero(b->buf, b->n);
	free(b->buf);
	free(b);
}


void request_bytes(struct request *req, const char *type, void *buf, size_t n)
{
	struct bytes *b = calloc(1, sizeof(*b));
	struct MHD_Response *resp;

	if (!b) {
		explicit_bzero(buf, n);
		free(buf);
		request_errno(req, ENOMEM);
		return;
	}
	b->buf = buf;
	b->n = n;
	resp = MHD_create_response_from_callback(n, HTTP_BODY, bytes_read, b,
						 bytes_free);
	if (!resp)
		bytes_free(b);

	request_header(req, "Content-Type", type);
	request_header(req, "Cache-Control", "no-store");
	request_answer(req, 200, resp);
}


void request_header(struct request *req, const char *name, const char *value)
{
	struct request_parts *p = req->parts;
	struct request_header *h;

	if (p->n_headers == REQUEST_HEADERS)
		return;
	h = &p->headers[p->n_headers++];
	h->name = name;
	(void)re_snprintf(h->value, sizeof(h->value), "%s", value);
}


void request_cookie(struct request *req, const char *value)
{
	const struct http *h = req->parts->http;
	char text[LIMIT_URI];

	(void)re_snprintf(text, sizeof(text),
			  "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
			  http_cookie_name(h), value ? value : "",
			  h->secure ? "; Secure" : "",
			  value ? "" : "; Max-Age=0");
	request_header(req, "Set-Cookie", text);
	explicit_bzero(text, sizeof(text));
}


static void too_late(void *arg)
{
	request_errno(arg, ETIMEDOUT);
}


void request_later(struct request *req)
{
	req->parts->later = true;
	tmr_start(&req->parts->tmr, REQUEST_LATER_MS, too_late, req);
}


uint32_t request_limit(struct request *req, uint32_t preset, uint32_t most)
{
	const char *text = MHD_lookup_connection_value(
		req->parts->conn, MHD_GET_ARGUMENT_KIND, "limit");
	uint64_t n;

	if (!text || !path_match(&n, 1, "{n}", text))
		return preset;

	return n < most ? (uint32_t)n : most;
}


bool request_unpack(struct request *req, const char *fmt, ...)
{
	char text[LIMIT_URI];
	json_error_t why;
	va_list ap;
	int err;

	va_start(ap, fmt);
	err = json_vunpack_ex(req->body, &why, JSON_STRICT, fmt, ap);
	va_end(ap);
	if (!err)
		return true;

	(void)re_snprintf(text, sizeof(text), "the request: %s", why.text);
	request_error(req, 400, "invalid", text);
	return false;
}
