// SPDX-License-Identifier: Apache-2.0
// Goal: who reads the data folder or the log finds nothing there that opens an account.
// Method: secrets of each kind are used once, then every file of the folder is searched for them,
// as text and as the bytes that the text stands for; while the server runs, and when it has ended.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { nobody, PASSWORD, person, signIn } from '../support/people.ts';

const house = useServer();
const NEW = 'another correct battery';

function everyByte(folder: string): Buffer {
	const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);
	return Buffer.concat(files.filter((name) => statSync(name).isFile()).map((name) => readFileSync(name)));
}

/** A secret in each shape that it could be kept in. */
function shapes(text: string): Buffer[] {
	const inner = text.replace(/^\d+\./, '');
	return [text, inner, inner.replaceAll('-', ''), Buffer.from(inner).toString('hex')].map((shape) => Buffer.from(shape))
		.concat(inner.length > 40 ? [Buffer.from(inner, 'base64url')] : []);
}

describe('what is on disk', () => {
	it('holds no token, no code and no password', async () => {
		const { server } = house;
		const owner = await person(server, 'owner');
		const one = await person(server, 'one');
		const phone = await signIn(server, one, 'phone');
		const { codes } = await one.call('recovery_codes.create', { password: PASSWORD });
		const unused = (await owner.call('operator.reset_password', { account_id: one.id })).code;
		const used = codes[0] ?? '';
		const { session } = await nobody(server).call('password_resets.create', {
			username: one.account.username, code: used, password: NEW,
		});
		const secrets = [owner.token, one.token, phone.token, session.token, ...codes, unused, PASSWORD, NEW];
		expect(secrets.filter((secret) => secret.length < 8)).toEqual([]);

		const look = (): void => {
			const bytes = everyByte(server.dataFolder);
			const log = Buffer.from(server.log.join('\n'));
			expect(bytes.includes(one.account.username)).toBe(true); // it is the right folder
			const found = secrets.filter((secret) => shapes(secret).some((shape) => bytes.includes(shape) || log.includes(shape)));
			expect(found).toEqual([]);
		};
		look();
		await server.stop();
		look();
	});
});
