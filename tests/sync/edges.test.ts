// SPDX-License-Identifier: Apache-2.0
// Goal: many edges on one port hold what none of them could alone: nobody is refused while one has room,
// and what is for all reaches all.
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

it('fills the emptiest edge first, so that none is full while another has room', async () => {
	const owner = await person(house.server, 'owner');
	const tell = (text: string): Promise<unknown> => owner.call('operator.create_notice', { client_id: newClientId(), text });
	const streams = await openStreams(owner.token, 840);
	await tell('all of you');
	await expectHeard(streams, 'all of you');
	/* By chance each edge would get a third of what comes back; two have no room for it. */
	house.server.expectLog(/child_died|core.edge_gone/);
	expect(house.server.killEdge()).toBe(true);
	await expect.poll(() => streams.filter(({ connection }) => connection.isOver).length).toBeGreaterThan(200);
	const stayed = streams.filter(({ connection }) => !connection.isOver);
	const all = [...stayed, ...(await openStreams(owner.token, 840 - stayed.length))];
	await tell('again');
	await expectHeard(all, 'again');
	for (const stream of all) stream.connection.destroy();
});
