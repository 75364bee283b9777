// SPDX-License-Identifier: Apache-2.0
// Proof of work for sign-up: find a nonce so that SHA-256(challenge ":" nonce) starts with `bits`
// zero bits. An own SHA-256, because crypto.subtle is missing on plain HTTP away from localhost
// and answers each hash by a promise, which is a hundred times slower.

const K = new Uint32Array(64);
const H0 = new Uint32Array(8);

/** The constants are the fraction bits of square and cube roots of the first primes. */
function fillConstants(): void {
	const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32);
	let count = 0;
	for (let n = 2; count < 64; n++) {
		let isPrime = true;
		for (let d = 2; d * d <= n; d++) if (n % d === 0) isPrime = false;
		if (!isPrime) continue;
		if (count < 8) H0[count] = fraction(Math.sqrt(n));
		K[count++] = fraction(Math.cbrt(n));
	}
}
fillConstants();

const at = (words: Uint32Array, i: number): number => words[i] ?? 0;
const rotate = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

function expand(w: Uint32Array): void {
	for (let i = 16; i < 64; i++) {
		const x = at(w, i - 15);
		const y = at(w, i - 2);
		const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
		const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
		w[i] = at(w, i - 16) + s0 + at(w, i - 7) + s1;
	}
}

function compress(state: Uint32Array, w: Uint32Array): void {
	expand(w);
	let a = at(state, 0), b = at(state, 1), c = at(state, 2), d = at(state, 3);
	let e = at(state, 4), f = at(state, 5), g = at(state, 6), h = at(state, 7);
	for (let i = 0; i < 64; i++) {
		const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(K, i) + at(w, i)) | 0;
		const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
	}
	[a, b, c, d, e, f, g, h].forEach((v, i) => (state[i] = at(state, i) + v));
}

/** SHA-256 of ASCII text, as eight words. */
export function sha256(text: string): Uint32Array {
	const blocks = ((text.length + 8) >> 6) + 1;
	const words = new Uint32Array(blocks * 16);
	for (let i = 0; i < text.length; i++)
		words[i >> 2] = at(words, i >> 2) | (text.charCodeAt(i) << (24 - 8 * (i & 3)));
	words[text.length >> 2] = at(words, text.length >> 2) | (0x80 << (24 - 8 * (text.length & 3)));
	words[words.length - 1] = text.length * 8;
	const state = H0.slice();
	const w = new Uint32Array(64);
	for (let i = 0; i < words.length; i += 16) {
		w.set(words.subarray(i, i + 16));
		compress(state, w);
	}
	return state;
}

function zeroBits(hash: Uint32Array): number {
	let bits = 0;
	for (const word of hash) {
		bits += Math.clz32(word);
		if (word !== 0) break;
	}
	return bits;
}

export interface Proof {
	challenge: string;
	nonce: string;
}

/** Searches in slices of about 10 ms, so that a page stays alive meanwhile. */
export async function solveProof(
	{ challenge, bits }: { challenge: string; bits: number },
	signal?: AbortSignal,
): Promise<Proof> {
	let sliceEnd = performance.now() + 10;
	for (let n = 0; ; n++) {
		const nonce = n.toString(36);
		if (zeroBits(sha256(`${challenge}:${nonce}`)) >= bits) return { challenge, nonce };
		if (n % 256 !== 0 || performance.now() < sliceEnd) continue;
		await new Promise((resolve) => setTimeout(resolve, 0));
		signal?.throwIfAborted();
		sliceEnd = performance.now() + 10;
	}
}
