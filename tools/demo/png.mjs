// SPDX-License-Identifier: Apache-2.0
// png.mjs - pictures as functions from a point to a colour, and their bytes as PNG.
import { crc32, deflateSync } from 'node:zlib';

/** A chunk of a PNG file: length, kind, bytes, checksum. */
function chunk(kind, bytes) {
	const body = Buffer.concat([Buffer.from(kind, 'latin1'), bytes]);
	const out = Buffer.alloc(body.length + 8);
	out.writeUInt32BE(bytes.length, 0);
	body.copy(out, 4);
	out.writeUInt32BE(crc32(body), body.length + 4);
	return out;
}

/**
 * Draws width × height pixels. `paint(x, y)` gets a point with x and y in pixels and gives
 * [red, green, blue], each 0 to 255.
 */
export function png(width, height, paint) {
	const head = Buffer.alloc(13);
	head.writeUInt32BE(width, 0);
	head.writeUInt32BE(height, 4);
	head.set([8, 2, 0, 0, 0], 8); // eight bits a channel, red green blue
	const rows = Buffer.alloc(height * (1 + width * 3));
	let at = 0;
	for (let y = 0; y < height; y++) {
		rows[at++] = 0; // no filter
		for (let x = 0; x < width; x++) {
			const [r, g, b] = paint(x + 0.5, y + 0.5);
			rows[at++] = r;
			rows[at++] = g;
			rows[at++] = b;
		}
	}
	return Buffer.concat([
		Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
		chunk('IHDR', head),
		chunk('IDAT', deflateSync(rows, { level: 9 })),
		chunk('IEND', Buffer.alloc(0)),
	]);
}

/** "#336699" as [51, 102, 153]. */
export function colour(hex) {
	return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** `from` at 0, `to` at 1. */
export function mix(from, to, share) {
	const s = Math.min(1, Math.max(0, share));
	return from.map((value, i) => value + (to[i] - value) * s);
}

/** How much of a pixel lies inside an edge at `distance` (negative: inside). */
export function cover(distance) {
	return Math.min(1, Math.max(0, 0.5 - distance));
}

/** Whole numbers that look random and are the same each time. */
export function dice(seed) {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 4294967296;
	};
}
