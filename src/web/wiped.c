/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wiped.c  What jansson gives back. Must not know what was in it.
 */
#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "wiped.h"


/* whatever malloc() gave, so that free() is right for it too */
static void wiped_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}


void wiped_json(void)
{
	json_set_alloc_funcs(malloc, wiped_free);
}
