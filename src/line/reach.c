/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * reach.c  Finds a counsellor's telephone. Must not know callers, nor log where
 * it is.
 */
#include <errno.h>
#include <string.h>

#include "number.h"
#include "reach.h"


static int by_number(struct reach *r, const struct reach_through *through,
		     const char *number, uint16_t line)
{
	const struct config_line *config = &through->config->lines[line];
	struct secret_text dialled;
	struct pl pl;
	int err;

	pl_set_str(&pl, number);
	err = number_read(&dialled, &pl);
	if (!err && !number_may_ring(through->config, line, &dialled))
		err = EPERM;
	if (!err)
		err = trunks_way(through->trunks, config, &r->way);
	if (!err && re_snprintf(r->uri[0].hidden, sizeof(r->uri[0].hidden),
				"sip:%s@%s", secret_reveal(&dialled),
				r->way.target) < 0)
		err = ENAMETOOLONG;
	secret_wipe(&dialled);
	if (err)
		return err;

	(void)identity_make(&r->as, r->from, config->shows, &r->way);
	r->by_number = r->asks = true;
	r->n = 1;

	return 0;
}


static int by_phone(struct reach *r, const struct reach_through *through,
		    uint32_t person, uint16_t line)
{
	const size_t scheme = strlen(STORE_PHONE_NUMBER);
	struct secret_text phone;
	int err;

	err = people_phone(&phone, through->people, person);
	if (err)
		return err == ENOENT ? 0 : err;

	if (!strncmp(secret_reveal(&phone), STORE_PHONE_NUMBER, scheme)) {
		err = by_number(r, through, secret_reveal(&phone) + scheme,
				line);
	}
	else {
		r->uri[0] = phone;
		r->asks = people_asks(through->people, person);
		r->n = 1;
	}
	secret_wipe(&phone);

	return err;
}


int reach_find(struct reach *r, const struct reach_through *through,
	       uint32_t person, uint16_t line)
{
	memset(r, 0, sizeof(*r));
	r->n = registrar_places(through->registrar, person, r->uri,
				OWNPHONE_PLACES);
	if (r->n) {
		r->registered = true;
		r->asks = people_asks(through->people, person) &&
			  !people_has_number(through->people, person);
		return 0;
	}

	return by_phone(r, through, person, line);
}


void reach_wipe(struct reach *r)
{
	for (size_t i = 0; i < OWNPHONE_PLACES; i++)
		secret_wipe(&r->uri[i]);
}
