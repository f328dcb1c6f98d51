/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file marks.h  Callers who are blocked, or have a care plan
 *
 * A mark is made in a talk, by who talks; a coordinator can make one of a
 * promise that is open, looks at each again, or removes it. Whose number it is
 * neither web nor the page of who makes it sees: the line seals it. Whoever is
 * entitled to the line opens it in the browser, once a day, and seals it to the
 * dialler key, so that the line knows it for that day.
 */
#ifndef RINGBACK_WEB_MARKS_H
#define RINGBACK_WEB_MARKS_H

#include "http.h"

/** /talk/{offer}/mark, /calls/{call}/mark, /marks/{id}/... */
extern const struct route_table marks_routes;

/** /marks, /marks/index */
extern const struct route_table marks_index_routes;

#endif
