/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * coarse.c  Rounds times. Must not read or write anything else.
 */
#include <string.h>

#include "coarse.h"


int64_t coarse_moment(int64_t at, int64_t step)
{
	return at < step ? at : at - at % step;
}


uint64_t coarse_span(uint64_t ms, uint64_t step)
{
	const uint64_t over = ms % step;

	return over && ms <= INT64_MAX - step ? ms - over + step : ms;
}


static void moment(int64_t *at, int64_t step)
{
	*at = coarse_moment(*at, step);
}


void coarse_call(struct store_call *call)
{
	if (!call->outcome[0])
		return;

	moment(&call->arrived_at, COARSE_QUARTER);
	call->wait_ms = coarse_span(call->wait_ms, COARSE_SECONDS);
	call->talk_ms = coarse_span(call->talk_ms, COARSE_MINUTE);
}


static bool promise_is_over(const struct store_promise *promise)
{
	static const char *const over[] = {"kept", "declined", "closed"};

	for (size_t i = 0; i < sizeof(over) / sizeof(over[0]); i++) {
		if (strcmp(promise->state, over[i]) == 0)
			return true;
	}

	return false;
}


void coarse_promise(struct store_promise *promise)
{
	if (!promise_is_over(promise))
		return;

	moment(&promise->made_at, COARSE_HOUR);
	moment(&promise->due_at, COARSE_HOUR);
	moment(&promise->next_at, COARSE_HOUR);
}


void coarse_attempt(struct store_attempt *attempt)
{
	moment(&attempt->at, COARSE_QUARTER);
}


void coarse_audit(struct store_audit *row)
{
	moment(&row->at, COARSE_MINUTE);
}


void coarse_session(struct store_session *session)
{
	moment(&session->made_at, COARSE_SIGHT);
	moment(&session->seen_at, COARSE_SIGHT);
}


void coarse_credential(struct store_credential *credential)
{
	moment(&credential->made_at, COARSE_SIGHT);
	moment(&credential->used_at, COARSE_SIGHT);
}
