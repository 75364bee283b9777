// SPDX-License-Identifier: Apache-2.0
// The checker: `node check.ts URL LOG SEED` reads the workload's log, asks the server for everything
// that each person can see, and prints a line for each thing that is wrong. Exit status 1 when there
// is one. It knows the API and nothing else.
import { factsOf, type Facts } from './facts.ts';
import { gather, type Wanted } from './gather.ts';
import { faultsOf } from './judge.ts';
import { readLog, type CastEntry } from './log.ts';
import { randomFrom } from './random.ts';

const CURSORS = 2;
const MEDIA = 20;
const FAULTS_TOLD = 40;

/** From the first event heard, and from some at random. */
function wantedOf(facts: Facts, random: () => number): Wanted {
	const cursors = new Map<string, string[]>();
	for (const [who, entries] of facts.heard) {
		const places = [0, ...Array.from({ length: CURSORS }, () => Math.floor(random() * entries.length))];
		cursors.set(who, places.flatMap((place) => entries[place]?.cursor ?? []));
	}
	const media = new Map<string, CastEntry>();
	for (const call of facts.calls.filter(({ op, out }) => op === 'media.upload' && out !== undefined).slice(-MEDIA)) {
		const owner = facts.cast.get(call.who);
		if (owner) media.set((call.out as { id: string }).id, owner);
	}
	return { people: [...facts.cast.values()], cursors, media };
}

const [url = '', path = '', seed = '1'] = process.argv.slice(2);
const facts = factsOf(readLog(path));
const seen = await gather(url, wantedOf(facts, randomFrom(Number(seed))));
const faults = faultsOf(facts, seen);
for (const fault of faults.slice(0, FAULTS_TOLD)) process.stdout.write(`${fault.slice(0, 2000)}\n`);
if (faults.length > FAULTS_TOLD) process.stdout.write(`… and ${faults.length - FAULTS_TOLD} more\n`);
const done = facts.calls.filter(({ verdict }) => verdict === 'done').length;
process.stderr.write(`${facts.calls.length} calls, ${done} done, ${facts.calls.filter((c) => c.verdict === 'unsure').length} unsure\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
