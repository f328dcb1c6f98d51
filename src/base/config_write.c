/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config_write.c  Writes a new, commented configuration from the table of
 * options. Must not replace a file that is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_option.h"


/* the flags of `ringback init` */
static const struct flag {
	const char *option; /* and, with "--" before it, the flag */
	size_t offset;
} flags[] = {
	{"name", offsetof(struct config_choice, name)},
	{"sip", offsetof(struct config_choice, sip)},
	{"http", offsetof(struct config_choice, http)},
	{"media", offsetof(struct config_choice, media)},
};


static const char *chosen(const struct config_choice *choice,
			  const struct flag *flag)
{
	const char *text = NULL;

	if (choice)
		memcpy(&text, (const uint8_t *)choice + flag->offset,
		       sizeof(text));

	return text;
}


static const char *choice_of(const struct config_choice *choice,
			     const struct config_option *o)
{
	for (size_t i = 0; i < CONFIG_COUNT(flags); i++) {
		if (strcmp(flags[i].option, o->name) == 0)
			return chosen(choice, &flags[i]);
	}

	return NULL;
}


/* Only options with a flag can be wrong: the table's defaults are right */
static int choice_decode(struct config *c, const struct config_option *o,
			 const char *text)
{
	uint8_t *base = (uint8_t *)c;
	struct config_why why;
	char buf[CONFIG_SHOWN + 1];

	config_option_preset(c, o);
	if (!text)
		return 0;
	if (!o->type->decode(base + o->offset, text, o, &why))
		return 0;

	fprintf(stderr, "--%s \"%s\": %s\n", o->name, config_shown(buf, text),
		why.text);
	return EINVAL;
}


static int choice_check(const struct config_choice *choice)
{
	const struct config_option *o;
	struct config_why why;
	struct config *c;
	uint32_t i = 0;
	int err = 0;

	c = calloc(1, sizeof(*c));
	if (!c)
		return ENOMEM;

	for (size_t k = 0; k < config_root.n && !err; k++)
		err = choice_decode(c, &config_root.v[k],
				    choice_of(choice, &config_root.v[k]));

	o = err ? NULL : config_clash(c, &i, &why);
	if (o) {
		fprintf(stderr, "--%s: %s\n", o->name, why.text);
		err = EINVAL;
	}
	free(c);

	return err;
}


static void help_print(FILE *f, const char *indent, const char *help)
{
	fprintf(f, "\n%s# ", indent);
	for (; *help; help++) {
		fputc(*help, f);
		if (*help == '\n')
			fprintf(f, "%s# ", indent);
	}
	fputc('\n', f);
}


static void option_print(FILE *f, const char *indent,
			 const struct config_option *o, const char *choice)
{
	const char *quote = o->type->quoted ? "\"" : "";
	const char *one[] = {choice, NULL};
	const char *const *v = choice ? one : o->preset;

	help_print(f, indent, o->help);
	fprintf(f, "%s%s = %s", indent, o->name, o->n_offset ? "{" : "");
	for (size_t i = 0; i < CONFIG_PRESETS && v[i]; i++)
		fprintf(f, "%s%s%s%s", i ? ", " : "", quote, v[i], quote);
	fprintf(f, "%s\n", o->n_offset ? "}" : "");
}


static void table_print(FILE *f, const char *indent,
			const struct config_table *t,
			const struct config_choice *choice)
{
	for (size_t i = 0; i < t->n; i++)
		option_print(f, indent, &t->v[i], choice_of(choice, &t->v[i]));
}


static void file_print(FILE *f, const struct config_choice *choice)
{
	fprintf(f, "# Ringback's configuration, read when the line starts. "
		   "Nothing secret stands\n# here.\n");
	table_print(f, "", &config_root, choice);

	fprintf(f,
		"\n# A line is what callers reach. There may be several; "
		"the first is the default.\n%s \"%s\" {",
		CONFIG_LINE, CONFIG_LINE_NAME);
	table_print(f, "\t", &config_lines, NULL);
	fprintf(f, "}\n");
}


static int folder_sync(const char *dir)
{
	int err = 0, fd;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fsync(fd) < 0)
		err = errno;
	(void)close(fd);

	return err;
}


/* takes fd */
static int file_write(int fd, const struct config_choice *choice)
{
	FILE *f = fdopen(fd, "w");
	int err = 0;

	if (!f) {
		err = errno;
		(void)close(fd);
		return err;
	}

	file_print(f, choice);
	if (fflush(f) != 0 || fsync(fd) < 0)
		err = errno;
	if (fclose(f) != 0 && !err)
		err = errno;

	return err;
}


int config_write(const char *dir, const struct config_choice *choice)
{
	char path[LIMIT_PATH];
	int err, fd;

	if (!dir)
		return EINVAL;

	err = choice_check(choice);
	if (err)
		return err;
	err = config_path(path, sizeof(path), dir);
	if (err)
		return err;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		  S_IRUSR | S_IWUSR);
	if (fd < 0) {
		err = errno;
		fprintf(stderr, "%s: %s\n", path, strerror(err));
		return err;
	}

	err = file_write(fd, choice);
	if (!err)
		err = folder_sync(dir);
	if (err) {
		fprintf(stderr, "%s: %s\n", path, strerror(err));
		(void)unlink(path);
	}

	return err;
}
