/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * identity.c  Who we say to be, towards a trunk. Must not know callers: no
 * number but ours goes out by this.
 */
#include <string.h>

#include "identity.h"


bool identity_make(struct leg_identity *as, char from[LIMIT_URI],
		   const char *number, const struct trunk_way *way)
{
	static const char nobody[] = "sip:anonymous@anonymous.invalid";

	memset(as, 0, sizeof(*as));
	if (number[0]) {
		(void)re_snprintf(from, LIMIT_URI, "sip:%s@%s", number,
				  way->domain);
		as->from = as->asserted = from;
		return true;
	}

	as->from = nobody;
	as->asserted = way->account;
	as->withheld = true;
	as->display = "Anonymous";

	return false;
}
