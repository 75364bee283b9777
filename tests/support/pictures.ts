// SPDX-License-Identifier: Apache-2.0
// Small files of real kinds, made here so that nothing binary lies in the tree.
import { deflateSync } from 'node:zlib';

function crc32(bytes: Uint8Array): number {
	let crc = ~0;
	for (const byte of bytes) {
		crc ^= byte;
		for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc >>> 0;
}

function chunk(type: string, data: Uint8Array): Buffer {
	const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
	const frame = Buffer.alloc(8);
	frame.writeUInt32BE(data.length, 0);
	frame.writeUInt32BE(crc32(body), 4);
	return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A picture whose bytes differ by `seed`. */
export function png(width: number, height: number, seed = 1): Uint8Array<ArrayBuffer> {
	const head = Buffer.alloc(13);
	head.writeUInt32BE(width, 0);
	head.writeUInt32BE(height, 4);
	head.set([8, 2], 8); // 8 bits, RGB
	const rows = Buffer.alloc(height * (1 + width * 3));
	for (let y = 0; y < height; y++)
		for (let x = 0; x < width * 3; x++) rows[y * (1 + width * 3) + 1 + x] = (x * seed + y) & 255;
	const parts = [chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
	return new Uint8Array(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]));
}

/** The smallest GIF. */
export function gif(): Uint8Array<ArrayBuffer> {
	const hex = '47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b';
	return new Uint8Array(Buffer.from(hex, 'hex'));
}

/** A second of silence. */
export function wav(): Uint8Array<ArrayBuffer> {
	const head = Buffer.alloc(44 + 8000);
	head.write('RIFF', 0, 'latin1');
	head.writeUInt32LE(36 + 8000, 4);
	head.write('WAVEfmt ', 8, 'latin1');
	head.writeUInt32LE(16, 16);
	head.writeUInt16LE(1, 20);
	head.writeUInt16LE(1, 22);
	head.writeUInt32LE(8000, 24);
	head.writeUInt32LE(8000, 28);
	head.writeUInt16LE(1, 32);
	head.writeUInt16LE(8, 34);
	head.write('data', 36, 'latin1');
	head.writeUInt32LE(8000, 40);
	head.fill(128, 44);
	return new Uint8Array(head);
}

/** The first box of an MP4 file, and an empty rest. */
export function mp4(): Uint8Array<ArrayBuffer> {
	const bytes = Buffer.alloc(64);
	bytes.writeUInt32BE(24, 0);
	bytes.write('ftypisom', 4, 'latin1');
	bytes.write('isommp42', 16, 'latin1');
	bytes.writeUInt32BE(40, 24);
	bytes.write('mdat', 28, 'latin1');
	return new Uint8Array(bytes);
}
