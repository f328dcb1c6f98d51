/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file events.h  What the server tells open pages (server-sent events), and
 * who has a page that is open and alive
 *
 * A person is present from the first event stream and heartbeat on, until the
 * last stream has been closed for three seconds, or no heartbeat came for
 * twenty. A page that does not read is cut off.
 */
#ifndef RINGBACK_WEB_EVENTS_H
#define RINGBACK_WEB_EVENTS_H

#include "http.h"

struct events;

/** A person has come, or has gone. */
typedef void(events_presence_h)(uint32_t person, bool present, void *arg);

/** A stream has been opened: tell it what is the case. */
struct stream;
typedef void(events_open_h)(struct stream *s, uint32_t person, void *arg);

/** new */
int events_alloc(struct events **ep, events_presence_h *presenceh,
		 events_open_h *openh, void *arg);

/** Tell all pages of one person. @param json takes, NULL: {} */
void events_tell(struct events *e, uint32_t person, const char *name,
		 json_t *json);

/** Tell every page. @param json takes, NULL: {} */
void events_tell_all(struct events *e, const char *name, json_t *json);

/** Tell one page. @param json takes */
void stream_tell(struct stream *s, const char *name, json_t *json);

/** A session is over: its pages are told signed_out, and closed. */
void events_signed_out(struct events *e, uint64_t session);

/** All sessions of a person are over. */
void events_person_out(struct events *e, uint32_t person);

bool events_present(const struct events *e, uint32_t person);

/** Walk all who are present. */
void events_each(const struct events *e,
		 void (*h)(uint32_t person, void *arg), void *arg);

/** GET /events, POST /me/heartbeat */
extern const struct route_table events_routes;

#endif
