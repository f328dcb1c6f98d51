/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file alloc.h  Who is offered which call
 *
 * The rule, for every strategy:
 *
 * 1. One each: the longest waiting call for which nobody rings is offered to
 *    the counsellor whom the strategy names, until either runs out.
 * 2. Then the rest: who is still free is offered the longest waiting call that
 *    may have one more ring, until either runs out.
 *
 * So no caller waits without a ring while somebody is free, an earlier caller
 * is never behind a later one, and nobody is free while another ring is
 * allowed. A ring that is out stays with its call: it is not moved to a caller
 * who comes later.
 *
 * A strategy is a row of a table in alloc.c: how many rings a call may have at
 * once, and who of those who are free is rung next.
 *
 *     all           ring_at_once   free longest
 *     longest_idle  1              free longest
 *     round_robin   1              the next number after the last one rung
 *
 * It takes O(1) for an offer (O(people) for round_robin, which makes one in a
 * step), and O(calls) at most for a call that comes back to the queue.
 */
#ifndef RINGBACK_CORE_ALLOC_H
#define RINGBACK_CORE_ALLOC_H

struct call;
struct turn;

/** Put a call that may be rung for where its arrival and its rings belong:
 *  no ring yet, some, or as many as it may have. */
void alloc_place(struct turn *t, struct call *c);

/** Nobody is to be rung for this call any more. */
void alloc_remove(struct turn *t, struct call *c);

/** Offer calls to free counsellors, as far as the rule goes. */
void alloc_run(struct turn *t);

#endif
