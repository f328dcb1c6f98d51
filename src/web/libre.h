/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file libre.h  libre beside jansson: both have a JSON_STRING
 *
 * To be included instead of <re.h> wherever there is jansson too.
 */
#ifndef RINGBACK_WEB_LIBRE_H
#define RINGBACK_WEB_LIBRE_H

#define JSON_STRING RE_JSON_STRING
#define JSON_NULL   RE_JSON_NULL
#include <re.h>
#undef JSON_STRING
#undef JSON_NULL

#endif
