// SPDX-License-Identifier: AGPL-3.0-or-later
// For esbuild: the words of recovery shares, from the same file that the
// server's are made of (src/seal/meson.build).
export const words = {
	alias: { "bip39-english":
		"/usr/lib/python3/dist-packages/mnemonic/wordlist/english.txt" },
	loader: { ".txt": "text" },
};
