// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Moves a server's time of day: it maps this file and adds what stands in it. */
export class Clock {
	readonly path: string;
	#offsetMs = 0;

	constructor(path: string) {
		this.path = path;
		this.#write('w');
	}

	advance(ms: number): void {
		this.#offsetMs += ms;
		this.#write('r+');
	}

	/** The server's time of day. */
	get nowMs(): number {
		return Date.now() + this.#offsetMs;
	}

	#write(flag: string): void {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64LE(BigInt(this.#offsetMs));
		writeFileSync(this.path, bytes, { flag });
	}
}
