/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * audited.c  Rows of the audit log. Must not write them by itself.
 */
#include <stdio.h>

#include "audited.h"
#include "when.h"


struct store_audit audited_row(const char *what, uint32_t whom)
{
	struct store_audit row = {.at = when_now(), .whom = whom};

	(void)snprintf(row.what, sizeof(row.what), "%s", what);

	return row;
}


int audited(struct store *store, const char *what, uint32_t whom,
	    const char *detail)
{
	struct store_audit row = audited_row(what, whom);

	(void)snprintf(row.detail, sizeof(row.detail), "%s", detail);

	return store_audit_along(store, &row);
}
