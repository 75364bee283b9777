// SPDX-License-Identifier: Apache-2.0
// Goal: a password can be changed and, when forgotten, replaced by a code; nobody else gets in by it.
import { beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../support/clock.ts';
import { useServer } from '../support/house.ts';
import { nobody, PASSWORD, people, person, refused, signIn, type Person } from '../support/people.ts';

const house = useServer();
const NEW = 'another good password';
let owner: Person;

beforeAll(async () => {
	owner = await person(house.server, 'owner');
});

function reset(who: Person, code: string, password = NEW): Promise<{ session: { token: string } }> {
	return nobody(house.server).call('password_resets.create', { username: who.account.username, code, password });
}

async function canSignIn(who: Person, password: string): Promise<boolean> {
	const input = { username: who.account.username, password };
	return nobody(house.server).call('sessions.create', input).then(() => true, () => false);
}

describe('changing', () => {
	it('wants the old one and signs out the other devices', async () => {
		const one = await person(house.server);
		const two = await signIn(house.server, one);
		await refused(one.call('me.set_password', { old: 'wrong password', new: NEW }), 'accounts.wrong_password');
		await one.call('me.set_password', { old: PASSWORD, new: NEW });
		await one.call('me.get');
		await refused(two.call('me.get'), 'core.unauthenticated');
		expect([await canSignIn(one, PASSWORD), await canSignIn(one, NEW)]).toEqual([false, true]);
	});

	it('refuses a new one that is weak', async () => {
		const one = await person(house.server);
		await refused(one.call('me.set_password', { old: PASSWORD, new: 'short' }), 'core.invalid_field');
		await refused(one.call('me.set_password', { old: PASSWORD, new: '12345678' }), 'accounts.common_password');
	});
});

describe('recovery codes', () => {
	it('are ten, good once each, and end the other sessions', async () => {
		const one = await person(house.server);
		await refused(one.call('recovery_codes.create', { password: 'wrong password' }), 'accounts.wrong_password');
		const { codes } = await one.call('recovery_codes.create', { password: PASSWORD });
		expect(new Set(codes).size).toBe(10);
		const { session } = await reset(one, codes[3] ?? '');
		await refused(one.call('me.get'), 'core.unauthenticated');
		await nobody(house.server).as(session.token).call('me.get');
		expect([await canSignIn(one, PASSWORD), await canSignIn(one, NEW)]).toEqual([false, true]);
		await refused(reset(one, codes[3] ?? ''), 'accounts.bad_reset_code');
		await reset(one, codes[4] ?? '', 'yet another password');
	});

	it('end when there are new ones, and are good for one account only', async () => {
		const [one, other] = await people(house.server, 2);
		const old = (await one.call('recovery_codes.create', { password: PASSWORD })).codes;
		const { codes } = await one.call('recovery_codes.create', { password: PASSWORD });
		await refused(reset(one, old[0] ?? ''), 'accounts.bad_reset_code');
		await refused(reset(other, codes[0] ?? ''), 'accounts.bad_reset_code');
		await reset(one, codes[0] ?? '');
	});

	it('can\'t be guessed: attempts are counted', async () => {
		const one = await person(house.server);
		for (let i = 0; ; i++) {
			expect(i).toBeLessThan(30);
			const error: unknown = await reset(one, `aaaaa-bbbb${i % 10}`).catch((e: unknown) => e);
			if ((error as { code: string }).code === 'accounts.throttled') break;
			expect(error).toMatchObject({ code: 'accounts.bad_reset_code' });
		}
	});
});

describe('an operator\'s reset code', () => {
	it('lets someone in who forgot the password, once and for an hour', async () => {
		const one = await person(house.server);
		const { code, expires_at } = await owner.call('operator.reset_password', { account_id: one.id });
		expect(expires_at).toBeGreaterThan(house.server.clock.nowMs);
		await reset(one, code);
		await refused(reset(one, code), 'accounts.bad_reset_code');
		const late = await owner.call('operator.reset_password', { account_id: one.id });
		house.server.clock.advance(2 * HOUR_MS);
		await refused(reset(one, late.code), 'accounts.bad_reset_code');
	});
});
