/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alloc.h  Who is offered which call
 */
#ifndef RINGBACK_CORE_ALLOC_H
#define RINGBACK_CORE_ALLOC_H

struct call;
struct turn;

/** Put a call into the queue, at the place that its arrival gives it. */
void alloc_wait(struct turn *t, struct call *c);

/** Take a call out of the queue. */
void alloc_unwait(struct turn *t, struct call *c);

/** Offer waiting calls to free counsellors, until one of them runs out. */
void alloc_run(struct turn *t);

#endif
