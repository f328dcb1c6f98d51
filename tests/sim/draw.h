/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file draw.h  The core's machines as Markdown tables: docs/states.md
 */
#ifndef RINGBACK_SIM_DRAW_H
#define RINGBACK_SIM_DRAW_H

#include <stdio.h>

/** "call", "person", "guest", or "all" for the whole page. EINVAL if none of them. */
int draw(FILE *f, const char *what);

#endif
