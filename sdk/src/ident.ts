// SPDX-License-Identifier: Apache-2.0

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A new client_id: 22 characters, 132 random bits. */
export function newClientId(): string {
	let text = '';
	for (const byte of crypto.getRandomValues(new Uint8Array(22))) text += ALPHABET.charAt(byte & 63);
	return text;
}
