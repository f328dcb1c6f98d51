/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * message.c  A message: spoken or not. Must not know where it is kept.
 */
#include "dialogue.h"
#include "message.h"
#include "plant.h"
#include "promise.h"


void message_row_begin(void *obj, void *arg)
{
	struct call *c = obj;

	(void)call_ask_record(arg, c, CORE_UPDATE);
	(void)call_ask(arg, c, CORE_RECORD_MESSAGE);
}


/* Nothing of this call's messages is worth keeping: one that was said stays,
 * whatever follows it. */
static void drop_if_unsaid(struct call *c, struct turn *t)
{
	if (!c->voiced || PLANTED_BUG(PLANT_MESSAGE_DROPPED))
		(void)call_ask(t, c, CORE_DROP_MESSAGE);
}


int message_filed(struct call *c, struct turn *t)
{
	const bool said = t->ev->voiced_ms >= MESSAGE_VOICED_MS;

	if (!call_expects(c, CALL_EV_FILED))
		return call_unexpected(c, CALL_EV_FILED, t);

	c->voiced = c->voiced || said;
	if (!said || PLANTED_BUG(PLANT_MESSAGE_DROPPED))
		drop_if_unsaid(c, t);
	if (c->state == CALL_FILING)
		return call_step(c, promise_settle(c, t) ? CALL_EV_FILED
							 : CALL_EV_SILENT, t);

	return call_step(c, said ? CALL_EV_FILED : CALL_EV_SILENT, t);
}


void message_row_kept(void *obj, void *arg)
{
	struct call *c = obj;

	(void)call_ask_record(arg, c, CORE_UPDATE);
	dialogue_tell(c, MENU_EV_FILED, arg);
}


void message_row_silent(void *obj, void *arg)
{
	dialogue_tell(obj, MENU_EV_SILENT, arg);
}


/* hanging up is the usual way to end it */
void message_row_gone(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	dialogue_over(c, t);
	if (!c->talked)
		c->record.wait_ms = t->now - c->arrived;
	(void)call_ask_record(t, c, CORE_UPDATE);
}


/* our own fault: if nothing was said yet, that is why */
void message_row_close(void *obj, void *arg)
{
	struct call *c = obj;
	struct turn *t = arg;

	(void)call_ask(t, c, CORE_HANG_UP);
	c->record.cause = t->cause;
	if (c->before.kind == PROMISE_NONE)
		c->cut_off = true;
	message_row_gone(c, t);
}
