/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file audited.h  What is done at the machine's command line, for the audit
 * log: by person 0, whoever that is
 */
#ifndef RINGBACK_CLI_AUDITED_H
#define RINGBACK_CLI_AUDITED_H

#include "store/audit.h"

/** A row of what is done now. @param whom A person's id, 0 nobody */
struct store_audit audited_row(const char *what, uint32_t whom);

/** Goes with the next write: store_audit_along(). */
int audited(struct store *store, const char *what, uint32_t whom,
	    const char *detail);

#endif
