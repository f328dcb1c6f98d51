/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file about.h  `PROGRAM --about`: what a keeper asks before it starts one
 *
 * Two lines, stable: "version 0.1.0" and "wire 0123456789abcdef", wire_hash().
 * Programs of one hash can run side by side. The keeper's program adds "store
 * 18" and "oldest 18", store_shape().
 */
#ifndef RINGBACK_WIRE_ABOUT_H
#define RINGBACK_WIRE_ABOUT_H

#include <stdbool.h>

/** Were we asked? Then it is printed, and the program is to end. */
bool wire_about(int argc, char *argv[]);

#endif
