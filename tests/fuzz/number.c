/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * number.c  Numbers, URIs, addresses, nets and hours, as people and peers write
 * them.
 */
#include <re.h>

#include "base/config.h"
#include "base/hours.h"
#include "cli/cidr.h"
#include "cli/sipuri.h"
#include "fuzz.h"
#include "line/net.h"
#include "line/number.h"


static void numbers(const char *text)
{
	static const struct config_home home = {.country = "49",
						.prefix = "0"};
	static const struct config config = {.n_lines = 1};
	struct secret_text number, canonical, again, alike;
	struct pl pl;

	pl_set_str(&pl, text);
	if (number_read(&number, &pl))
		return;
	number_canonical(&canonical, &number);
	number_canonical(&again, &canonical);
	HOLDS(!strcmp(secret_reveal(&canonical), secret_reveal(&again)));
	number_alike(&alike, &home, &number);
	(void)number_may_ring(&config, 0, &number);
	(void)number_may_join(&config, secret_reveal(&number));
}


static void addresses(const char *text)
{
	struct config_media media;
	struct config_addr addr;
	struct hours hours;
	struct uri uri;
	struct net net;
	char buf[64];
	size_t n;

	if (!net_decode(&net, text))
		HOLDS(net_has(&net, &net.addr));
	(void)cidr_decode(buf, sizeof(buf), text);
	if (!sipuri_wrong(&uri, text) || !sipuri_host_wrong(&uri, text))
		(void)sipuri_host(text, &n);
	(void)config_addr_decode(&addr, text);
	(void)config_media_decode(&media, text);
	if (!hours_decode(&hours, text))
		HOLDS(hours.days && hours.from < HOURS_DAY_MINUTES &&
		      hours.until <= HOURS_DAY_MINUTES);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct food f = {data, n};
	char *text = food_text(&f);

	numbers(text);
	addresses(text);
	free(text);

	return 0;
}
