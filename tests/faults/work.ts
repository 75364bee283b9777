// SPDX-License-Identifier: Apache-2.0
// The workload: a few people who write to each other, make groups and contacts, read and recall, and
// don't care that the server dies. A program of its own: `node work.ts URL LOG SEED`. It reads words
// from its input: `pause` finishes what is under way and says `quiet`, `go` goes on, `restored`
// tells that the server came from a backup, `end` ends.
import { createInterface } from 'node:readline';
import { Actors } from './actors.ts';
import { Log } from './log.ts';
import { randomFrom } from './random.ts';

const [url = '', path = '', seed = '1'] = process.argv.slice(2);
const QUIET_MS = 100_000;

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

async function quiet(actors: Actors): Promise<void> {
	const late = setTimeout(() => say(`stuck ${actors.busyWith()}`), QUIET_MS);
	await actors.pause();
	clearTimeout(late);
	say(`quiet ${log.callsCount} calls`);
}

const log = new Log(path);
const actors = new Actors(url, log, randomFrom(Number(seed)));
await actors.meet();
say('ready');
for await (const word of createInterface(process.stdin)) {
	if (word === 'pause') await quiet(actors);
	else if (word === 'go') actors.go();
	else if (word === 'restored') {
		await actors.renew();
		say('renewed');
	}
	else break;
}
actors.close();
log.close();
process.exit(0);
