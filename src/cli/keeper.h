/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file keeper.h  The inside of the keeper, shared by keeper.c (what runs),
 * change.c (one release in place of another) and handover.c alone
 */
#ifndef RINGBACK_CLI_KEEPER_H
#define RINGBACK_CLI_KEEPER_H

#include "base/config.h"
#include "change.h"
#include "child.h"
#include "release.h"

/* all lives of media, web and line */
enum { KEEPER_CHILDREN = LIMIT_PLACES + 2 };

struct keeper {
	/* in the order of starting; they are stopped the other way round */
	struct child children[KEEPER_CHILDREN];
	size_t n_children;
	char dir[LIMIT_PATH];
	char user[LIMIT_NAME]; /* as configured */
	struct release now;
	struct change change;
	struct held *key; /* the dialler's: for each line that is started */
	uint64_t key_due; /* the line that was adopted has another one: ask it
			     for it then; UINT64_MAX: never */
	unsigned n_asked; /* in vain */
	int sigfd;
	int lock;     /* run/keeper.lock                              */
	int desk;     /* run/keeper.sock: `ringback upgrade` asks here */
	bool stopping;
	int code;
};

uint64_t keeper_now_ms(void);

/** The child that holds this lock, NULL none. borrow, until one is added */
struct child *keeper_child(struct keeper *k, const char *lock);

/** Another life of a media process, of this release, before all others.
 *  @return NULL all its lives are there */
struct child *keeper_life_add(struct keeper *k, const char *base,
			      const struct release *r);

#endif
