// SPDX-License-Identifier: Apache-2.0
// Two people who go on talking while somebody else misbehaves, and what the server's processes take.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { Ear } from '../support/ear.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, people } from '../support/people.ts';
import type { Server } from '../support/server.ts';

const MIB = 1 << 20;
const isSanitized = readFileSync(findBinary()).includes('__asan_init');
// What was freed would stand in ASan's quarantine for long.
if (isSanitized) process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1`;

/** Resident memory of all of a server's processes, in bytes. */
export function residentBytes(server: Server): number {
	return [server.pid, ...server.processes().map(({ pid }) => pid)]
		.map((pid) => Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096)
		.reduce((sum, bytes) => sum + bytes, 0);
}

/** Bounds are of the real program; a sanitizer's shadow and red zones take more. */
export function bound(mib: number): number {
	return mib * MIB * (isSanitized ? 4 : 1);
}

export class Witness {
	readonly #server: Server;
	readonly #before: number;
	#isOver = false;
	#most: number;
	readonly #talk: Promise<void>;
	sent = 0;

	private constructor(server: Server, talk: (witness: Witness) => Promise<void>) {
		this.#server = server;
		this.#before = this.#most = residentBytes(server);
		this.#talk = talk(this);
		this.#talk.catch(() => undefined); // told by done()
	}

	/** They send in turn; each message must reach the other before the next is sent. */
	static async begin(server: Server): Promise<Witness> {
		const [ann, ben] = await people(server, 2);
		const conversation = await befriend(ann, ben);
		const ears = [await Ear.open(ann), await Ear.open(ben)] as const;
		const input = (text: string) => ({ conversation_id: conversation, client_id: text, kind: 'text' as const, body: { text } });
		return new Witness(server, async (witness) => {
			do {
				const [from, to] = witness.sent % 2 === 0 ? ears : [ears[1], ears[0]];
				const text = `witness-${witness.sent}`;
				await from.stream.call('messages.send', input(text));
				await to.message(text);
				witness.sent += 1;
				witness.#most = Math.max(witness.#most, residentBytes(server));
				await new Promise((resolve) => setTimeout(resolve, 5));
			} while (!witness.#isOver);
			ears.forEach(({ stream }) => stream.close());
			const { messages } = await ann.call('messages.list', { conversation_id: conversation, limit: 1 });
			expect(messages.at(-1)?.seq).toBe(witness.sent + 1); // and the notice at the beginning
		});
	}

	/** Ends the talk: every message came, once, and memory grew by no more than that. */
	async done(growthMib: number): Promise<void> {
		this.#isOver = true;
		await this.#talk;
		this.#most = Math.max(this.#most, residentBytes(this.#server));
		expect(this.sent).toBeGreaterThan(0);
		expect(this.#most - this.#before).toBeLessThan(bound(growthMib));
	}
}
