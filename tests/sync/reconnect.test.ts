// SPDX-License-Identifier: Apache-2.0
// Goal: whoever loses his connection again and again, or stays away for long, hears everything once
// and in order, and nobody is closed for it.
// Method: listeners that break off at random and return with their last cursor, while others write;
// one who returns to more than any socket takes and does not read at first.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { befriend, group, people, person, type Person } from '../support/people.ts';

const WRITING_MS = 6_000;

interface Heard {
	cursor: string;
	seqs: number[];
}

/** Takes what one connection brings until it breaks or `enough` says so. */
async function listen(stream: RawStream, heard: Heard, enough: () => boolean): Promise<void> {
	try {
		while (!enough()) {
			const { t, cursor, event } = (await stream.json()) as { t: string; cursor: string; event: { type: string; message?: { seq: number } } };
			if (t !== 'event') continue;
			heard.cursor = cursor;
			if (event.type === 'message' && event.message) heard.seqs.push(event.message.seq);
		}
	} catch (error) {
		if (!stream.connection.socket.destroyed) throw error;
	}
}

describe('breaking off', () => {
	const house = useServer();

	/** Connections of random length, one after the other, until `isOver`; then one to the end. */
	async function comeAndGo(who: Person, heard: Heard, isOver: () => boolean, last: () => number): Promise<void> {
		while (!isOver()) {
			const stream = await RawStream.open(house.server, who.token, heard.cursor);
			expect(stream.answer.status).toBe(101);
			const timer = setTimeout(() => stream.destroy(), Math.random() ** 2 * 300);
			await listen(stream, heard, () => false);
			clearTimeout(timer);
		}
		const stream = await RawStream.open(house.server, who.token, heard.cursor);
		await listen(stream, heard, () => (heard.seqs.at(-1) ?? 0) >= last());
		stream.destroy();
	}

	it('loses and repeats nothing while others write', async () => {
		const all = await people(house.server, 5);
		const [owner, ...others] = all;
		for (const other of others) await befriend(owner, other);
		const conversation = await group(owner, others);
		const { cursor } = await owner.call('sync.get');
		const first = (await owner.say(conversation, 'first')).seq;
		const end = Date.now() + WRITING_MS;
		let last = first;
		let isOver = false;
		const write = async (who: Person): Promise<void> => {
			while (Date.now() < end) {
				const { seq } = await who.say(conversation, 'x');
				last = Math.max(last, seq);
				await sleep(Math.random() * 10);
			}
		};
		const listeners = all.flatMap((who) => [who, who]).map((who) => ({ who, heard: { cursor, seqs: [] } }));
		const listening = listeners.map(({ who, heard }) => comeAndGo(who, heard, () => isOver, () => last));
		await Promise.all(all.map(write));
		isOver = true;
		await Promise.all(listening);
		const expected = Array.from({ length: last - first + 1 }, (_, i) => first + i);
		for (const { heard } of listeners) expect(heard.seqs).toEqual(expected);
	});
});

describe('staying away', () => {
	const house = useServer();
	const MISSED = 450;

	it('brings back more than a socket takes, without closing', async () => {
		const who = await person(house.server);
		const own = await who.selfConversation();
		const { cursor } = await who.call('sync.get');
		const text = '满'.repeat(8000);
		for (let i = 0; i < MISSED; i += 20) await Promise.all(Array.from({ length: 20 }, () => who.say(own, text)));
		const stream = await RawStream.open(house.server, who.token, cursor);
		stream.connection.socket.pause();
		await sleep(1_500);
		stream.connection.socket.resume();
		const heard: Heard = { cursor, seqs: [] };
		await listen(stream, heard, () => heard.seqs.length === MISSED);
		expect(heard.seqs).toEqual(Array.from({ length: MISSED }, (_, i) => i + 1));
		stream.destroy();
	});
});

describe('too many streams', () => {
	const house = useServer({ settings: { 'limits.streams_per_account': 3 } });

	it('closes the oldest with 4008', async () => {
		const who = await person(house.server);
		const streams: RawStream[] = [];
		for (let i = 0; i < 4; i += 1) streams.push(await RawStream.open(house.server, who.token));
		expect(await streams[0]?.closed()).toBe(4008);
		await who.say(await who.selfConversation(), 'hello');
		for (const stream of streams.slice(1)) {
			expect(await stream.json()).toMatchObject({ t: 'event', event: { type: 'message' } });
			stream.destroy();
		}
	});
});
