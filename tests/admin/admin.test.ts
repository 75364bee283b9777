// SPDX-License-Identifier: Apache-2.0
// Goal: what an administrator does on the command line works on real data: people, roles, a lost
// password.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { person } from '../support/people.ts';

const house = useServer();

function admin(...words: string[]): { status: number; text: string } {
	const done = spawnSync(findBinary(), ['admin', ...words, '--data', house.server.dataFolder], { encoding: 'utf8' });
	return { status: done.status ?? -1, text: done.stdout + done.stderr };
}

describe('people', () => {
	it('are administered only while no server runs', async () => {
		await person(house.server);
		const refused = admin('accounts');
		expect(refused.status).not.toBe(0);
		expect(refused.text).toMatch(/server/);
	});

	it('are listed, get roles, and a code for a lost password', async () => {
		const one = await person(house.server);
		const { username } = (await one.call('me.get')).account;
		await house.server.stop();
		expect(admin('accounts').text).toContain(username);
		expect(admin('role', username, 'operator').status).toBe(0);
		expect(admin('role', 'nobody-is-called-so', 'operator').status).not.toBe(0);
		const reset = admin('reset-password', username);
		const code = /^[a-z0-9]{5}-[a-z0-9]{5}$/m.exec(reset.text)?.[0];
		expect(reset.status).toBe(0);
		await house.server.begin();
		expect((await one.call('me.get')).role).toBe('operator');
		const answer = await fetch(`${house.server.url}/api/v1/password-resets`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ username, code, password: 'a password of later' }),
		});
		expect(answer.status).toBe(201);
	});
});
