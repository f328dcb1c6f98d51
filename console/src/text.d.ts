// SPDX-License-Identifier: AGPL-3.0-or-later
/** The words of BIP-39, a word a line: see build.mjs. */
declare module "bip39-english" {
	const list: string;
	export default list;
}
