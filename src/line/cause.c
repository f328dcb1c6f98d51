/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cause.c  Compares how rings ended. Must not know what rang.
 */
#include "cause.h"


enum core_cause cause_better(enum core_cause a, enum core_cause b)
{
	static const uint8_t rank[CAUSES] = {
		[CAUSE_DEAD] = 1,
		[CAUSE_NETWORK] = 2,
		[CAUSE_BUSY] = 3,
		[CAUSE_NO_ANSWER] = 4,
		[CAUSE_DECLINED] = 5,
	};

	if (!a)
		return b;

	return rank[b] > rank[a] ? b : a;
}
