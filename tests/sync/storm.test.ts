// SPDX-License-Identifier: Apache-2.0
// Goal: when everybody comes back at once, each gets exactly what he missed, once and in order, and then
// what happens; whether the server knows by heart what it was or has to look.
import { newClientId } from '@guanxi/sdk';
import { beforeAll, expect, it } from 'vitest';
import { RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { befriend, crowd, group, type Person } from '../support/people.ts';

const house = useServer({ workers: 3 });
const PEOPLE = 20;
const DEVICES = 100;

interface Client {
	who: Person;
	stream: RawStream;
	cursor: string;
}

let all: [Person, ...Person[]];
let owner: Person;
let place: string;
let clients: Client[];

/** What a frame tells: the text of a message or of a notice. */
function wordsOf(frame: Record<string, unknown>): string {
	const { type, message, notice } = frame.event as { type: string; message?: { body: { text: string } }; notice?: { text: string } };
	return `${type} ${message?.body.text ?? notice?.text ?? ''}`;
}

/** The next `count` events of each client; moves the cursors. */
async function hear(count: number): Promise<string[][]> {
	return Promise.all(
		clients.map(async (client) => {
			const words: string[] = [];
			while (words.length < count) {
				const frame = await client.stream.json();
				words.push(wordsOf(frame));
				client.cursor = frame.cursor as string;
			}
			return words;
		}),
	);
}

function leaveAll(): void {
	for (const { stream } of clients) stream.connection.destroy();
}

async function openAll(): Promise<void> {
	await Promise.all(
		clients.map(async (client) => {
			client.stream = await RawStream.open(house.server, client.who.token, client.cursor);
			expect(client.stream.answer.status).toBe(101);
		}),
	);
}

beforeAll(async () => {
	all = (await crowd(house.server, PEOPLE)) as [Person, ...Person[]];
	owner = all[0];
	for (const other of all.slice(1)) await befriend(owner, other);
	place = await group(owner, all.slice(1));
	const { cursor } = await owner.call('sync.get');
	clients = all.flatMap((who) => Array.from({ length: DEVICES }, () => ({ who, cursor, stream: undefined as unknown as RawStream })));
	await openAll();
});

it('brings each what was missed, in order, and then what happens', async () => {
	await owner.say(place, 'live');
	for (const words of await hear(1)) expect(words).toEqual(['message live']);
	leaveAll();
	await owner.say(place, 'missed');
	await owner.call('operator.create_notice', { client_id: newClientId(), text: 'to all' });
	const lucky = all.at(7) ?? owner;
	await lucky.say(await lucky.selfConversation(), 'his own');
	await openAll();
	await owner.say(place, 'end');
	const missed = ['message missed', 'notice to all', 'message end'];
	const heard = await hear(3);
	for (const [i, { who }] of clients.entries())
		if (who !== lucky) expect(heard[i]).toEqual(missed);
		else expect(heard[i]).toEqual([...missed.slice(0, 2), 'message his own']);
	for (const client of clients)
		if (client.who === lucky) expect(wordsOf(await client.stream.json())).toBe('message end');
}, 60_000);

it('brings only what is new when nothing was missed, or when it was the same for all', async () => {
	await owner.say(place, 'before');
	for (const client of clients) {
		let frame: Record<string, unknown>;
		do frame = await client.stream.json();
		while (wordsOf(frame) !== 'message before');
		client.cursor = frame.cursor as string;
	}
	leaveAll();
	await openAll();
	await owner.say(place, 'first');
	for (const words of await hear(1)) expect(words).toEqual(['message first']);
	leaveAll();
	await owner.call('operator.create_notice', { client_id: newClientId(), text: 'one' });
	await owner.call('operator.create_notice', { client_id: newClientId(), text: 'two' });
	await openAll();
	await owner.say(place, 'last');
	for (const words of await hear(3)) expect(words).toEqual(['notice one', 'notice two', 'message last']);
}, 60_000);

it('knows nothing by heart after a restart, and brings it all the same', async () => {
	leaveAll();
	await owner.say(place, 'before it went');
	await house.server.stop();
	await house.server.begin();
	await openAll();
	await owner.say(place, 'since it is back');
	for (const words of await hear(2)) expect(words).toEqual(['message before it went', 'message since it is back']);
}, 60_000);
