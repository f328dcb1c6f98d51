/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file addr.h  Which addresses sound may go to and come from
 */
#ifndef RINGBACK_MEDIA_ADDR_H
#define RINGBACK_MEDIA_ADDR_H

#include <stdbool.h>
#include <re.h>

#include "wire/wire.h"

/** A network as it came over the wire: known family, sane prefix length. */
bool addr_net_valid(const struct wire_addr *net);

/** The address (not the port) lies in the network. An IPv4 address never
 *  lies in an IPv6 network. */
bool addr_in_net(const struct sa *sa, const struct wire_addr *net);

/** 127/8 or ::1, or a part of it. */
bool addr_net_is_loopback(const struct wire_addr *net);

/** Of a private network, of a provider's translation, or of this machine: not
 *  an address by which the world knows a host. */
bool addr_is_inside(const struct sa *sa);

/** A host of its own that packets can be sent to: not the unspecified
 *  address, multicast, broadcast, "this network", reserved, link-local IPv6
 *  (which needs a scope), nor IPv4 dressed up as IPv6. */
bool addr_is_host(const struct sa *sa);

#endif
