// SPDX-License-Identifier: Apache-2.0
// Goal: what an administrator does on the command line works on real data: people, roles, a lost
// password, a backup beside a running server, and a restore after which no client is led astray.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, people, person } from '../support/people.ts';

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

describe('a backup', () => {
	it('is made beside a running server; restored, it has everything and refuses cursors of a lost future', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const say = (text: string) => a.call('messages.send', { conversation_id: conversation, client_id: text, kind: 'text', body: { text } });
		await say('before');
		const folder = mkdtempSync(`${tmpdir()}/guanxi-backup-`);
		try {
			expect(admin('backup', '--to', `${folder}/copy`).status).toBe(0);
			await say('after');
			const { cursor } = await b.call('sync.get');
			await house.server.stop();
			rmSync(house.server.dataFolder, { recursive: true });
			expect(admin('restore', '--from', `${folder}/copy`)).toMatchObject({ status: 0 });
			expect(admin('check').text).toContain('sound');
			await house.server.begin();
			const { messages } = await b.call('messages.list', { conversation_id: conversation });
			expect(messages.filter((m) => m.kind === 'text').map((m) => m.client_id)).toEqual(['before']);
			await expect(b.call('sync.get', { since: cursor })).rejects.toMatchObject({ problem: { code: 'sync.too_old' } });
			await say('anew');
			expect((await b.call('sync.get', { since: (await b.call('sync.get')).cursor })).events).toEqual([]);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});
});
