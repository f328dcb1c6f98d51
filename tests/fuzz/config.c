/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config.c  The configuration file.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "fuzz.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char dir[] = "/tmp/fuzz-config-XXXXXX", path[64];
	struct config *cfg = NULL;
	FILE *f;

	fuzz_quietly();
	HOLDS(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/ringback.conf", dir);
	f = fopen(path, "we");
	HOLDS(f);
	(void)fwrite(data, 1, n, f);
	(void)fclose(f);

	if (!config_read(&cfg, dir)) {
		char origin[LIMIT_URI];

		HOLDS(cfg->n_lines <= LIMIT_LINES && cfg->n_sip <= LIMIT_LISTEN);
		config_origin(origin, cfg);
		config_free(cfg);
	}
	(void)unlink(path);
	(void)rmdir(dir);

	return 0;
}
