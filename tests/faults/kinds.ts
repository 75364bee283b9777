// SPDX-License-Identifier: Apache-2.0
// The kinds of faults. Each happens while the workload runs, and is over when its function ends.
import type { Stage } from './stage.ts';

/** Undefined, or why it can't be done here. */
export type Skip = string | undefined;
export interface Kind {
	name: string;
	about: string;
	/** How many of a hundred rounds. */
	weight: number;
	happen: (stage: Stage) => Promise<Skip>;
}

export function pause(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

async function killCore({ server, random }: Stage): Promise<Skip> {
	for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
		// Between two cores there is a moment without one.
		while (!server.killCore()) await pause(5);
		await pause(random() * 300);
	}
	return undefined;
}

async function killEdge({ server, random }: Stage): Promise<Skip> {
	for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
		server.killEdge();
		await pause(random() * 200);
	}
	return undefined;
}

async function killAll({ server, random }: Stage): Promise<Skip> {
	await server.kill();
	await pause(random() * 100);
	await server.begin();
	return undefined;
}

export const KINDS: Kind[] = [
	{ name: 'core', about: 'kill -9 of the core, up to three times', weight: 20, happen: killCore },
	{ name: 'edge', about: 'kill -9 of an edge, up to three times', weight: 10, happen: killEdge },
	{ name: 'all', about: 'kill -9 of everything, and a new start', weight: 20, happen: killAll },
];
