// SPDX-License-Identifier: AGPL-3.0-or-later
/** Security keys and passkeys: what the server wants to know, asked by the
 *  browser. All bytes as base64url without padding. */
import { Refused } from "./api";
import type { Asked, KeyOptions } from "./wire";

const PATIENCE_MS = 90_000; // a challenge is good for two minutes

export function to_base64url(bytes: ArrayBuffer): string {
	return btoa(String.fromCharCode(...new Uint8Array(bytes)))
		.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function from_base64url(text: string): Uint8Array<ArrayBuffer> {
	const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));

	return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

const known = (ids: readonly string[]): PublicKeyCredentialDescriptor[] =>
	ids.map((id) => ({ type: "public-key", id: from_base64url(id) }));

/** What else signing in asks for, if that is why it was refused. */
export function code_asked(reason: unknown): Asked | null {
	return reason instanceof Refused && reason.word === "code_needed"
		? reason.body as Asked : null;
}

/** Why the browser did not do it, as a word that the page can say. */
function refusal(reason: unknown): Refused {
	const name = reason instanceof DOMException ? reason.name : "";

	return new Refused(name === "InvalidStateError" ? "key_known"
		: name === "SecurityError" ? "no_host_name" : "key_silent", 0);
}

async function asked_of_browser(
	ask: (all: CredentialsContainer) => Promise<Credential | null>):
	Promise<PublicKeyCredential> {
	if (!("PublicKeyCredential" in window))
		throw new Refused("key_unknown_here", 0);
	const found = await ask(navigator.credentials)
		.catch((reason: unknown) => { throw refusal(reason); });

	return found as PublicKeyCredential;
}

/** Have a key make itself known. */
export async function key_create(o: KeyOptions):
	Promise<{ client: string; attestation: string }> {
	const found = await asked_of_browser((all) => all.create({ publicKey: {
		challenge: from_base64url(o.challenge),
		rp: { id: o.host, name: o.hotline },
		user: { id: from_base64url(o.user), name: o.name,
			displayName: o.name },
		pubKeyCredParams: o.algorithms.map((alg) =>
			({ type: "public-key", alg })),
		excludeCredentials: known(o.exclude),
		authenticatorSelection: { residentKey: "discouraged",
			userVerification: "preferred" },
		attestation: "none", timeout: PATIENCE_MS,
	} }));
	const response = found.response as AuthenticatorAttestationResponse;

	return { client: to_base64url(response.clientDataJSON),
		attestation: to_base64url(response.attestationObject) };
}

/** Have a key answer. */
export async function key_get(asked: Asked): Promise<{ id: string;
	client: string; data: string; signature: string }> {
	const challenge = asked.challenge;

	if (challenge === null)
		throw new Refused("no_host_name", 0);
	const found = await asked_of_browser((all) => all.get({ publicKey: {
		challenge: from_base64url(challenge),
		allowCredentials: known(asked.credentials),
		userVerification: "preferred", timeout: PATIENCE_MS,
	} }));
	const response = found.response as AuthenticatorAssertionResponse;

	return { id: to_base64url(found.rawId),
		client: to_base64url(response.clientDataJSON),
		data: to_base64url(response.authenticatorData),
		signature: to_base64url(response.signature) };
}
