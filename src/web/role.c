/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * role.c  Whether a session's roles reach. Must not read them from anywhere.
 */
#include "base/limits.h"
#include "libre.h"
#include "session.h"


bool session_may(const struct session *s, int line, unsigned roles)
{
	unsigned has = s->all;

	if (line >= (int)ARRAY_SIZE(s->on))
		return false;
	if (line >= 0)
		has |= s->on[line];
	for (size_t i = 0; line < 0 && i < ARRAY_SIZE(s->on); i++)
		has |= s->on[i];

	return has & roles;
}
