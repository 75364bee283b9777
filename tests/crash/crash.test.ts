// SPDX-License-Identifier: Apache-2.0
// Goal: an acknowledged message is never lost, never doubled, never out of order, whatever is killed.
// Method: several people write numbered messages over HTTP and the stream while the core, an edge or
// everything is killed with SIGKILL at random moments; unanswered ones are sent again. Then a checker
// that knows only the acknowledgements reads both sides' histories and the database file.
// GUANXI_CRASH_SEED repeats a run, GUANXI_CRASH_KILLS makes it longer.
import { expect, it } from 'vitest';
import { takeFaults } from '../support/checked.ts';
import { befriend, group, people } from '../support/people.ts';
import { Server } from '../support/server.ts';
import { faultsInFile, faultsOf, faultsOfHearing, readHistory } from './checker.ts';
import { Listener } from './listener.ts';
import { randomFrom } from './random.ts';
import { Writer } from './writer.ts';

const seed = Number(process.env.GUANXI_CRASH_SEED ?? Date.now() % 1_000_000);
const kills = Number(process.env.GUANXI_CRASH_KILLS ?? 24);
const random = randomFrom(seed);

function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Kills something; answers what. */
async function killSomething(server: Server): Promise<string> {
	const dice = random();
	if (dice < 0.5) {
		// Between two cores there is a moment without one.
		while (!server.killCore()) await pause(5);
		return 'core';
	}
	if (dice < 0.6) {
		server.killEdge();
		return 'edge';
	}
	await server.kill();
	await server.begin();
	return 'all';
}

it(`seed ${seed}: ${kills} kills lose nothing and double nothing`, async () => {
	const server = await Server.start({ workers: 2 });
	server.expectLog(/ error | warn /);
	const [a, b, c] = await people(server, 3);
	const direct = await befriend(a, b);
	await befriend(a, c);
	const shared = await group(a, [b, c]);
	const listeners = [new Listener(b), new Listener(c)];
	const writers = [
		new Writer('a-stream', a, 'stream'), new Writer('a-http', a, 'http'), new Writer('b-stream', b, 'stream'),
		new Writer('c-stream', c, 'stream'), new Writer('c-http', c, 'http'),
	];
	const places = [direct, direct, direct, shared, shared];
	const running = writers.map((writer, i) => writer.run(places[i] ?? direct, 8));
	const killed: Record<string, number> = {};
	for (let i = 0; i < kills; i++) {
		await pause(50 + random() * 600);
		const what = await killSomething(server);
		killed[what] = (killed[what] ?? 0) + 1;
	}
	for (const writer of writers) writer.stop();
	await Promise.all(running);

	const acknowledged = writers.flatMap((w) => w.acknowledged);
	const faults: string[] = [];
	const rows = new Map<string, number>();
	for (const [conversation, readers] of [[direct, [a, b]], [shared, [a, b, c]]] as const) {
		const own = acknowledged.filter(({ conversationId }) => conversationId === conversation);
		for (const reader of readers) {
			const history = await readHistory(reader, conversation);
			faults.push(...faultsOf(history, own));
			rows.set(conversation, history.length);
			for (const listener of listeners.filter(({ person }) => person === reader)) {
				await expect.poll(() => listener.heard.get(conversation)?.at(-1)?.seq, { timeout: 15_000 }).toBe(history.length);
				faults.push(...faultsOfHearing(listener.heard.get(conversation) ?? [], history));
			}
		}
	}
	for (const listener of listeners) {
		expect(listener.resyncs).toBe(0);
		listener.close();
	}
	await server.stop();
	faults.push(...faultsInFile(server.dataFolder, rows), ...server.takeFaults(), ...takeFaults());
	expect(faults).toEqual([]);
	// A run in which little happened shows little.
	expect(acknowledged.length).toBeGreaterThan(kills * 20);
	expect(writers.reduce((sum, w) => sum + w.repeats, 0)).toBeGreaterThan(0);
	process.stdout.write(`seed ${seed}: ${acknowledged.length} acknowledged, killed ${JSON.stringify(killed)}\n`);
	server.remove();
});
