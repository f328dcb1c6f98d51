// SPDX-License-Identifier: AGPL-3.0-or-later
/** One tab of this browser takes the calls: two would close each other's
 *  sound. Whoever holds the lock is the one. */

const LOCK = "ringback-console";
const forever = () => new Promise<never>(() => undefined);

export interface TabHandlers {
	readonly here: () => void;
	readonly elsewhere: () => void;
}

/** Become the one, if no other is; by force: even then. Browsers offer locks
 *  on secure pages only; without them every tab is the one. */
export function tab_take(handlers: TabHandlers, force: boolean): void {
	const locks = (navigator as { locks?: LockManager }).locks;
	const options = force ? { steal: true } : { ifAvailable: true };

	if (!locks) {
		handlers.here();
		return;
	}
	locks.request(LOCK, options, (lock) => {
		if (!lock) {
			handlers.elsewhere();
			return undefined;
		}
		handlers.here();
		return forever();
	}).catch(() => handlers.elsewhere()); // taken by another tab
}
