// SPDX-License-Identifier: Apache-2.0
// Rounds of faults. In each one the workload runs, something is done to the server, the workload
// comes to rest, and the checker says whether anything is wrong. A few rounds share a server.
import { parseArgs } from 'node:util';
import { KINDS, type Kind } from './kinds.ts';
import { randomFrom } from './random.ts';
import { pause, Stage } from './stage.ts';

/** What was done before is checked again in each round, so that later ones take longer. */
const ROUNDS_PER_SERVER = 5;

const LOG_TOLD = 20;

const usage = `usage: tests/faults/run [--rounds N] [--seed S] [--only KIND]… [--keep]

Lets people chat on a server of its own while things break, and checks after each round that nothing
acknowledged is lost, doubled or out of order. The same seed makes the same rounds; what the machine
does meanwhile is its own.

  --rounds N    how many (default 20)
  --seed S      default: from the clock; it is printed
  --only KIND   only this kind, or these
  --keep        leaves the folder of a server on which something was wrong

Kinds:
${KINDS.map(({ name, about }) => `  ${name.padEnd(12)}  ${about}`).join('\n')}

GUANXI_BINARY names the server to test.
`;

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

/** Each kind in proportion to its weight, in a random order; each at least once if there is room. */
function plan(kinds: Kind[], rounds: number, random: () => number): Kind[] {
	const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
	const list = kinds.flatMap((kind) => Array.from({ length: Math.max(1, Math.floor((rounds * kind.weight) / total)) }, () => kind));
	while (list.length < rounds) {
		let dice = random() * total;
		list.push(kinds.find(({ weight }) => (dice -= weight) < 0) ?? list[0] ?? failPlan());
	}
	return list.map((kind) => ({ kind, place: random() })).sort((a, b) => a.place - b.place).map(({ kind }) => kind).slice(0, rounds);
}

function failPlan(): never {
	throw new Error('no kinds');
}

interface Tally {
	passed: number;
	failed: number;
	skipped: number;
}

async function round(stage: Stage, kind: Kind): Promise<{ faults: string[]; skip: string | undefined; told: string }> {
	stage.go();
	await pause(100 + stage.random() * 400);
	const skip = await kind.happen(stage);
	await pause(50 + stage.random() * 200);
	const happened = Date.now();
	const told = await stage.quiet();
	const rested = Date.now();
	const faults = [...(await stage.check()), ...stage.server.takeFaults()];
	return { faults, skip, told: `${told}, came to rest in ${rested - happened} ms, checked in ${Date.now() - rested} ms` };
}

/** Some rounds on one server; after a fault the rest of them would say nothing more. */
async function scene(kinds: Kind[], first: number, seed: number, isKept: boolean, tally: Tally): Promise<void> {
	const stage = await Stage.open(seed + first, randomFrom(seed + first));
	let faults: string[] = [];
	for (const [i, kind] of kinds.entries()) {
		if (faults.length > 0) break;
		const begun = Date.now();
		let skip: string | undefined;
		let told = '';
		try {
			({ faults, skip, told } = await round(stage, kind));
		} catch (error) {
			faults = [error instanceof Error ? error.message : String(error)];
		}
		const end = faults.length > 0 ? 'FAILED' : skip === undefined ? 'ok' : `skipped: ${skip}`;
		say(`round ${first + i + 1} ${kind.name}: ${end} (${told}, ${Date.now() - begun} ms)`);
		for (const fault of faults) say(`  ${fault}`);
		if (faults.length > 0) for (const line of stage.server.log.slice(-LOG_TOLD)) say(`  log: ${line}`);
		if (faults.length > 0) tally.failed += 1;
		else if (skip === undefined) tally.passed += 1;
		else tally.skipped += 1;
	}
	await stage.close();
	const late = stage.server.takeFaults();
	for (const fault of late) say(`  at the end: ${fault}`);
	if (late.length > 0 && faults.length === 0) tally.failed += 1;
	if (faults.length > 0 && isKept) say(`  kept: ${stage.server.folder}`);
	else stage.remove();
}

const { values } = parseArgs({
	options: {
		rounds: { type: 'string', default: '20' }, seed: { type: 'string' }, only: { type: 'string', multiple: true },
		keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
	},
});
if (values.help) {
	process.stdout.write(usage);
	process.exit(0);
}
const rounds = Number(values.rounds);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const chosen = values.only ? KINDS.filter(({ name }) => values.only?.includes(name) === true) : KINDS;
if (chosen.length === 0 || !Number.isInteger(rounds) || !Number.isInteger(seed)) {
	process.stderr.write(usage);
	process.exit(2);
}
say(`seed ${seed}, ${rounds} rounds`);
const kinds = plan(chosen, rounds, randomFrom(seed));
const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
for (let first = 0; first < kinds.length; first += ROUNDS_PER_SERVER)
	await scene(kinds.slice(first, first + ROUNDS_PER_SERVER), first, seed, values.keep, tally);
if (tally.skipped > 0) say(`${tally.skipped} skipped`);
say(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed > 0 ? 1 : 0);
