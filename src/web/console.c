/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * console.c  The files of the page, in memory. Must not open anything once
 * the process serves.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console.h"
#include "http_parts.h"
#include "web.h"

#define LOG_MODULE "console"
#include "base/log.h"


enum {
	FILES = 128,
	FILE_MOST = 8 << 20, /* bytes of one */
	TAG = 16,            /* bytes of an ETag, before it is text */
};

struct file {
	char name[LIMIT_NAME];
	const char *type;
	char etag[2 * TAG + 3];
	uint8_t *buf;
	size_t n;
};

struct console {
	struct file files[FILES];
	size_t n;
};

static const struct {
	const char *ending;
	const char *type;
} types[] = {
	{".html", "text/html; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".css", "text/css; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".json", "application/json"},
	{".webmanifest", "application/manifest+json"},
	{".wasm", "application/wasm"},
	{".woff2", "font/woff2"},
	{".wav", "audio/wav"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char not_built[] =
	"<!doctype html><html lang=\"en\"><title>Ringback</title>"
	"<h1>The console was not built</h1>"
	"<p>This server has no page for counsellors, because the folder "
	"<i>console</i> is missing. Calls are taken all the same, on "
	"telephones.</p><p>Build Ringback anew with Node.js installed, as "
	"its README says, and start it again.</p></html>\n";


static void destructor(void *data)
{
	struct console *c = data;

	for (size_t i = 0; i < c->n; i++)
		free(c->files[i].buf);
}


static const char *type_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].ending, dot) == 0)
			return types[i].type;
	}

	return NULL;
}


static int all_read(int fd, uint8_t *buf, size_t n)
{
	while (n) {
		const ssize_t k = read(fd, buf, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return EIO;
		buf += k;
		n -= (size_t)k;
	}

	return 0;
}


static int file_fill(struct file *f, int fd)
{
	uint8_t tag[TAG];
	struct stat st;
	int err;

	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EISDIR;
	if (st.st_size > FILE_MOST)
		return EFBIG;

	f->n = (size_t)st.st_size;
	f->buf = malloc(f->n + 1);
	if (!f->buf)
		return ENOMEM;
	err = all_read(fd, f->buf, f->n);
	if (err) {
		free(f->buf);
		return err;
	}

	(void)crypto_generichash(tag, sizeof(tag), f->buf, f->n, NULL, 0);
	(void)re_snprintf(f->etag, sizeof(f->etag), "\"%w\"", tag,
			  sizeof(tag));

	return 0;
}


/* what has no type of ours is none of the page's files */
static int file_add(struct console *c, int dirfd, const char *name)
{
	struct file *f = &c->files[c->n];
	const char *type = type_of(name);
	int fd, err;

	if (!type || name[0] == '.' || strlen(name) >= sizeof(f->name))
		return 0;
	if (c->n == FILES)
		return EFBIG;

	fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = file_fill(f, fd);
	(void)close(fd);
	if (err)
		return err == EISDIR ? 0 : err;

	(void)str_ncpy(f->name, name, sizeof(f->name));
	f->type = type;
	++c->n;

	return 0;
}


static int folder_read(struct console *c, const char *dir)
{
	const struct dirent *e;
	DIR *d = opendir(dir);
	int err = 0;

	if (!d)
		return errno;

	while (!err && (e = readdir(d)))
		err = file_add(c, dirfd(d), e->d_name);
	(void)closedir(d);

	return err;
}


int console_alloc(struct console **cp, const char *dir)
{
	struct console *c;
	int err;

	if (!cp || !dir)
		return EINVAL;

	c = mem_zalloc(sizeof(*c), destructor);
	if (!c)
		return ENOMEM;

	err = folder_read(c, dir);
	if (err == ENOENT) {
		log_warn("the counsellors' page was not built: there is no "
			 "folder \"console\"");
		err = 0;
	}
	if (err) {
		log_error("the counsellors' page cannot be read: %s",
			  strerror(err));
		mem_deref(c);
		return err;
	}
	*cp = c;

	return 0;
}


static const struct file *find(const struct console *c, const char *path)
{
	const char *name = strcmp(path, "/") == 0 ? "index.html" : path + 1;

	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->files[i].name, name) == 0)
			return &c->files[i];
	}

	return NULL;
}


static void bytes_serve(struct request *req, unsigned status, const void *buf,
			size_t n)
{
	request_answer(req, status,
		       MHD_create_response_from_buffer(
			       n, (void *)(uintptr_t)buf,
			       MHD_RESPMEM_PERSISTENT));
}


/* a browser asks each time, and is told in a word if nothing has changed: a
 * new console is there at the next opening of the page */
static void file_serve(struct request *req, const struct file *f)
{
	const char *has = request_value(req, "If-None-Match");

	request_header(req, "Content-Type", f->type);
	request_header(req, "Cache-Control", "no-cache");
	request_header(req, "ETag", f->etag);
	if (has && strcmp(has, f->etag) == 0)
		bytes_serve(req, 304, "", 0);
	else
		bytes_serve(req, 200, f->buf, f->n);
}


void console_serve(struct request *req, const char *path)
{
	const struct console *c = req->web->console;
	const struct file *f = find(c, path);

	if (f) {
		file_serve(req, f);
		return;
	}

	request_header(req, "Content-Type", "text/html; charset=utf-8");
	request_header(req, "Cache-Control", "no-store");
	if (strcmp(path, "/") == 0)
		bytes_serve(req, 503, not_built, sizeof(not_built) - 1);
	else
		request_error(req, 404, "not_found",
			      "the server has nothing of that name");
}
