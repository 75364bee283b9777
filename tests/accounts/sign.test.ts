// SPDX-License-Identifier: Apache-2.0
// Goal: people get in by name and password, and nobody else does.
import { newClientId } from '@guanxi/sdk';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../support/clock.ts';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { newUsername, nobody, PASSWORD, people, person, refused, signIn } from '../support/people.ts';

const house = useServer();

function signUp(change: object): Promise<unknown> {
	const input = { username: newUsername(), password: PASSWORD, nickname: '张三', ...change };
	return nobody(house.server).call('accounts.create', input);
}

describe('signing up', () => {
	it('makes an account and a session, and the first one is the owner', async () => {
		expect(await nobody(house.server).call('instance.get')).toMatchObject({ needs_owner: true, registration: 'open' });
		const username = newUsername('Owner');
		const device = { name: 'Phone 1', platform: 'web' };
		const input = { username, password: PASSWORD, nickname: '老板 😀', device };
		const { account, session } = await nobody(house.server).call('accounts.create', input);
		expect(account).toMatchObject({ username, nickname: '老板 😀', signature: '', region: '', avatar: null });
		const owner = nobody(house.server).as(session.token);
		expect((await owner.call('me.get')).account).toEqual(account);
		const { sessions } = await owner.call('sessions.list');
		expect(sessions).toMatchObject([{ device_id: session.device_id, name: 'Phone 1', platform: 'web', is_current: true }]);
		expect((await owner.call('operator.list_accounts')).accounts[0]).toMatchObject({ role: 'owner' });
		expect(await nobody(house.server).call('instance.get')).toMatchObject({ needs_owner: false });
	});

	it('sets the cookie for media', async () => {
		const body = { username: newUsername(), password: PASSWORD, nickname: 'x' };
		const answer = await fetch(`${house.server.url}/api/v1/accounts`, {
			method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
		});
		const { session } = (await answer.json()) as { session: { token: string } };
		const [cookie, ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ');
		expect(cookie).toBe(`gx_media=${session.token}`);
		expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=31536000', 'Path=/api/v1/media', 'SameSite=Strict']);
	});

	it('keeps usernames unique without case', async () => {
		const username = newUsername('Case');
		await signUp({ username });
		await refused(signUp({ username: username.toUpperCase() }), 'accounts.username_taken');
	});

	it('lets only one of a race have the name', async () => {
		const username = newUsername('race');
		const all = await Promise.allSettled(Array.from({ length: 8 }, () => signUp({ username })));
		expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
	});

	it.each([
		['short', 'a1234'], ['long', `a${'b'.repeat(20)}`], ['digit first', '1abcdef'], ['a space', 'abc def'],
		['not ASCII', 'zhāngsān'], ['a dot', 'abc.def'], ['empty', ''],
	])('refuses a username: %s', async (_, username) => {
		const error = await refused(signUp({ username }), 'core.invalid_field');
		expect(error.problem.fields).toEqual(['username']);
	});

	it.each([6, 20])('accepts a username of %d characters', async (length) => {
		await signUp({ username: newUsername('n').padEnd(length, '-') });
	});

	it('refuses passwords that are short, common or no text', async () => {
		const error = await refused(signUp({ password: '1234567' }), 'core.invalid_field');
		expect(error.problem.fields).toEqual(['password']);
		await refused(signUp({ password: 'password' }), 'accounts.common_password');
		await refused(signUp({ password: 12345678 }), 'core.invalid_field');
		await refused(signUp({ password: 'abcd\u0000efgh' }), 'core.invalid_json');
	});

	it.each([['empty', ''], ['33 long', '名'.repeat(33)], ['control', 'a\u0007b'], ['only spaces', '   ']])(
		'refuses a nickname: %s', async (_, nickname) => {
			const error = await refused(signUp({ nickname }), 'core.invalid_field');
			expect(error.problem.fields).toEqual(['nickname']);
		},
	);

	it('takes 32 characters of any kind as a nickname', async () => {
		await signUp({ nickname: '😀'.repeat(32) });
	});

	it('names what is missing and what is unknown', async () => {
		const missing = await refused(signUp({ nickname: undefined }), 'core.missing_field');
		expect(missing.problem.fields).toEqual(['nickname']);
		await refused(signUp({ admin: true }), 'core.unknown_field');
		await refused(signUp({ device: { name: 'x', platform: 'y', more: 1 } }), 'core.unknown_field');
	});
});

describe('signing in', () => {
	it('opens a second device, and any case of the name will do', async () => {
		const one = await person(house.server);
		const two = await signIn(house.server, one);
		expect(two.account).toEqual(one.account);
		expect(two.deviceId).not.toBe(one.deviceId);
		const input = { username: one.account.username.toUpperCase(), password: PASSWORD };
		await nobody(house.server).call('sessions.create', input);
		expect((await one.call('sessions.list')).sessions).toHaveLength(3);
	});

	it('tells nothing about which was wrong, name or password', async () => {
		const one = await person(house.server);
		const client = nobody(house.server);
		const wrong = { username: one.account.username, password: 'wrong password' };
		const first = await refused(client.call('sessions.create', wrong), 'accounts.bad_credentials');
		const unknown = { username: newUsername('none'), password: PASSWORD };
		const second = await refused(client.call('sessions.create', unknown), 'accounts.bad_credentials');
		expect(second.problem).toEqual(first.problem);
	});

	it('counts failures per account and lets one in again later', async () => {
		const one = await person(house.server);
		const client = nobody(house.server);
		const wrong = { username: one.account.username, password: 'wrong password' };
		let error;
		for (let i = 0; i < 30; i++) {
			error = await client.call('sessions.create', wrong).then(() => undefined, (e: unknown) => e as { code: string });
			if (error?.code === 'accounts.throttled') break;
		}
		expect(error).toMatchObject({ code: 'accounts.throttled', status: 429 });
		house.server.clock.advance(20 * MINUTE_MS);
		await signIn(house.server, one);
	});

	it('answers in the reader\'s language', async () => {
		const wrong = JSON.stringify({ username: 'nobody1', password: 'wrong password' });
		const ask = async (language: string): Promise<string> => {
			const headers = { 'content-type': 'application/json', 'accept-language': language };
			const answer = await fetch(`${house.server.url}/api/v1/sessions`, { method: 'POST', headers, body: wrong });
			return ((await answer.json()) as { title: string }).title;
		};
		expect(await ask('en-GB,en;q=0.9')).toMatch(/^[\x20-\x7e]+$/);
		expect(await ask('zh-CN,zh;q=0.9,en;q=0.8')).toMatch(/\p{Script=Han}/u);
	});
});

describe('signing out', () => {
	it('ends this device and no other', async () => {
		const one = await person(house.server);
		const two = await signIn(house.server, one);
		await two.call('sessions.delete_current');
		await refused(two.call('me.get'), 'core.unauthenticated');
		await one.call('me.get');
	});

	it('ends another device and closes its stream with 4001', async () => {
		const one = await person(house.server);
		const two = await signIn(house.server, one);
		const ear = await Ear.open(two);
		const signedOut = new Promise<void>((resolve) => ear.stream.on('signed_out', resolve));
		await one.call('sessions.delete', { device_id: two.deviceId });
		await signedOut;
		await refused(two.call('me.get'), 'core.unauthenticated');
		await refused(one.call('sessions.delete', { device_id: two.deviceId }), 'accounts.no_session');
	});

	it('does not end somebody else\'s', async () => {
		const [one, other] = await people(house.server, 2);
		await refused(one.call('sessions.delete', { device_id: other.deviceId }), 'accounts.no_session');
		await other.call('me.get');
	});

	it('ends the stream that signs itself out', async () => {
		const one = await person(house.server);
		const ear = await Ear.open(one);
		const signedOut = new Promise<void>((resolve) => ear.stream.on('signed_out', resolve));
		await ear.stream.call('sessions.delete_current').catch(() => undefined);
		await signedOut;
	});
});

describe('without a session', () => {
	it.each(['', 'x', newClientId(), 'a'.repeat(200)])('a token "%s" is refused', async (token) => {
		await refused(nobody(house.server).as(token).call('me.get'), 'core.unauthenticated');
	});

	it('an operation for everybody ignores a bad token', async () => {
		await nobody(house.server).as('nonsense').call('instance.get');
	});
});
