// SPDX-License-Identifier: AGPL-3.0-or-later
/** How a passphrase is stretched. Pure, and without the weight of libsodium. */

/** How to stretch a passphrase; binary is base64url without padding. */
export interface Stretch {
	readonly salt: string;
	readonly opslimit: number;
	readonly memlimit: number;
}

/** What the server may ask of this computer, and what it must at least ask:
 *  a server that asks for less would learn the passphrase more cheaply. */
const LEAST = { opslimit: 2, memlimit: 19 << 20 };
const MOST = { opslimit: 20, memlimit: 1 << 30 };

export function stretch_fits(s: Stretch): boolean {
	return s.opslimit >= LEAST.opslimit && s.opslimit <= MOST.opslimit &&
		s.memlimit >= LEAST.memlimit && s.memlimit <= MOST.memlimit;
}
