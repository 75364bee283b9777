// SPDX-License-Identifier: Apache-2.0
// Goal: many edges on one port hold what none of them could alone: nobody is refused while one has room,
// a full one takes connections again once it has room, and what is for all reaches all.
// Method: processes that may hold 640 files, so that an edge holds about 300 streams.
import { newClientId } from '@guanxi/sdk';
import { expect, it } from 'vitest';
import { RawStream } from '../support/frames.ts';
import { useServer } from '../support/house.ts';
import { person } from '../support/people.ts';

const house = useServer({ workers: 3, descriptors: 640 });
const AT_ONCE = 20;

async function openStreams(token: string, count: number): Promise<RawStream[]> {
	const streams: RawStream[] = [];
	while (streams.length < count) {
		const some = Math.min(AT_ONCE, count - streams.length);
		streams.push(...(await Promise.all(Array.from({ length: some }, () => RawStream.open(house.server, token)))));
	}
	return streams;
}

/** That each of them is open and hears what is for all. */
async function expectHeard(streams: RawStream[], text: string): Promise<void> {
	expect(new Set(streams.map(({ answer }) => answer.status))).toEqual(new Set([101]));
	for (const stream of streams) expect(JSON.stringify(await stream.json())).toContain(text);
}

it('fills all edges, whichever is full first, and fills them again', async () => {
	const log = (): string => house.server.log.join('\n');
	const owner = await person(house.server, 'owner');
	const tell = (text: string): Promise<unknown> => owner.call('operator.create_notice', { client_id: newClientId(), text });
	const streams = await openStreams(owner.token, 890);
	await tell('all of you');
	await expectHeard(streams, 'all of you');
	expect(log()).toContain('supervisor.edge_full');
	const gone = streams.splice(0, 400);
	for (const stream of gone) stream.connection.destroy();
	await expect.poll(log, { timeout: 15_000 }).toContain('supervisor.edge_has_room');
	streams.push(...(await openStreams(owner.token, 400)));
	await tell('again');
	await expectHeard(streams, 'again');
	for (const stream of streams) stream.connection.destroy();
});
