// SPDX-License-Identifier: Apache-2.0
// Goal: the processes that read what strangers send hold nothing that a stranger wants.
// Method: what the kernel says of the running server's processes, after people have used it.
// What such a process may still ask of the kernel is tested in server/edge/edge_confined_test.c.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, people } from '../support/people.ts';

function status(pid: number): Map<string, string> {
	const lines = readFileSync(`/proc/${pid}/status`, 'utf8').trim().split('\n');
	return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

/** What each descriptor is open on; those closed between are left out. */
function descriptors(pid: number): string[] {
	return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
		try {
			return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
		} catch {
			return [];
		}
	});
}

const isRoot = process.getuid?.() === 0;

// Under a sanitizer, which asks the kernel for more, there is no filter: steps.sh runs this file with the plain build.
describe.skipIf(findBinary().includes('/asan/'))('an edge', () => {
	const house = useServer({ workers: 2 });

	async function edges(): Promise<number[]> {
		const [ann, ben] = await people(house.server, 2);
		await befriend(ann, ben);
		return house.server.processes().filter((p) => p.name.endsWith('edge')).map((p) => p.pid);
	}

	it('has given up its rights', async () => {
		const pids = await edges();
		expect(pids).toHaveLength(2);
		for (const pid of pids) {
			const of = status(pid);
			expect([of.get('Seccomp'), of.get('NoNewPrivs')]).toEqual(['2', '1']);
			expect([of.get('CapEff'), of.get('CapPrm'), of.get('CapInh')]).toEqual(Array(3).fill('0000000000000000'));
			if (isRoot) expect([of.get('Groups'), of.get('Uid')]).toEqual(['', '65534\t65534\t65534\t65534']);
		}
	});

	it('has no file of the data folder open but the empty lock, and no folder but an empty one', async () => {
		for (const pid of await edges()) {
			// The lock is what tells the next start of a forgotten edge.
			const open = descriptors(pid).filter((name) => name !== `${house.server.dataFolder}/lock`);
			expect(open.length).toBeGreaterThan(4);
			expect(open.filter((name) => name.includes(house.server.dataFolder))).toEqual([]);
			// Sockets, the loop, the page where it counts, and what serve itself was given.
			const others = open.filter((name) => !/^(socket|anon_inode|pipe):|^\/memfd:|\/dev\/null$/.test(name));
			expect(others.filter((name) => !name.includes('/web/dist/'))).toEqual([]);
			if (isRoot) expect(readdirSync(`/proc/${pid}/root/`)).toEqual([]);
		}
	});
});
