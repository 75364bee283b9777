// SPDX-License-Identifier: Apache-2.0
// Goal: operators can help, suspend and see who is there; nobody else can, and not against the owner.
import { beforeAll, describe, expect, it } from 'vitest';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { befriend, crowd, nobody, PASSWORD, people, person, refused, type Person } from '../support/people.ts';

const house = useServer({ settings: { 'accounts.appeals': 'appeals@example.org' } });
let owner: Person;
let operator: Person;

beforeAll(async () => {
	owner = await person(house.server, 'owner');
	operator = await person(house.server, 'oper');
	await owner.call('operator.set_role', { account_id: operator.id, role: 'operator' });
});

function signIn(who: Person): Promise<unknown> {
	return nobody(house.server).call('sessions.create', { username: who.account.username, password: PASSWORD });
}

describe('roles', () => {
	it('are given by the owner only, and take effect at once', async () => {
		const [one, other] = await people(house.server, 2);
		await refused(one.call('operator.list_accounts'), 'core.forbidden');
		await owner.call('operator.set_role', { account_id: one.id, role: 'operator' });
		await one.call('operator.list_accounts');
		await refused(one.call('operator.set_role', { account_id: other.id, role: 'operator' }), 'core.forbidden');
		await owner.call('operator.set_role', { account_id: one.id, role: 'member' });
		await refused(one.call('operator.list_accounts'), 'core.forbidden');
	});

	it('leave the owner the owner', async () => {
		await refused(owner.call('operator.set_role', { account_id: owner.id, role: 'member' }), 'accounts.protected');
		await refused(owner.call('operator.set_role', { account_id: '999999', role: 'member' }), 'accounts.no_account');
	});

	it('every operation for operators refuses members and strangers', async () => {
		const one = await person(house.server);
		for (const who of [one.client, nobody(house.server)]) {
			const code = who === one.client ? 'core.forbidden' : 'core.unauthenticated';
			await refused(who.call('invites.create'), code);
			await refused(who.call('invites.list'), code);
			await refused(who.call('invites.delete', { code: 'x' }), code);
			await refused(who.call('operator.get_instance'), code);
			await refused(who.call('operator.list_accounts'), code);
			await refused(who.call('operator.list_reports'), code);
			await refused(who.call('operator.close_report', { report_id: '1', action: 'none' }), code);
			await refused(who.call('operator.reset_password', { account_id: owner.id }), code);
			await refused(who.call('operator.suspend', { account_id: owner.id, reason: 'x' }), code);
			await refused(who.call('operator.unsuspend', { account_id: owner.id }), code);
			await refused(who.call('operator.set_role', { account_id: one.id, role: 'operator' }), code);
		}
	});
});

describe('suspension', () => {
	it('ends the sessions, says why at sign-in, and can be lifted', async () => {
		const [one, friend] = await people(house.server, 2);
		const conversation = await befriend(one, friend);
		const ear = await Ear.open(one);
		const signedOut = new Promise<void>((resolve) => ear.stream.on('signed_out', resolve));
		await operator.call('operator.suspend', { account_id: one.id, reason: 'sold fakes' });
		await signedOut;
		await refused(one.call('me.get'), 'core.unauthenticated');
		const error = await refused(signIn(one), 'accounts.suspended');
		expect(error.message).toContain('sold fakes');
		expect(error.message).toContain('appeals@example.org');
		const listed = await operator.call('operator.list_accounts', { q: one.account.username });
		expect(listed.accounts).toMatchObject([{ is_suspended: true, suspended_reason: 'sold fakes', role: 'member' }]);
		await friend.say(conversation, 'are you there?');
		await operator.call('operator.unsuspend', { account_id: one.id });
		await signIn(one);
	});

	it('tells a wrong password nothing', async () => {
		const one = await person(house.server);
		await operator.call('operator.suspend', { account_id: one.id, reason: 'x' });
		const wrong = { username: one.account.username, password: 'wrong password' };
		await refused(nobody(house.server).call('sessions.create', wrong), 'accounts.bad_credentials');
	});

	it('is not for the owner, oneself or other operators', async () => {
		await refused(operator.call('operator.suspend', { account_id: owner.id, reason: 'x' }), 'accounts.protected');
		await refused(owner.call('operator.suspend', { account_id: owner.id, reason: 'x' }), 'accounts.protected');
		await refused(operator.call('operator.suspend', { account_id: operator.id, reason: 'x' }), 'accounts.protected');
		await refused(operator.call('operator.suspend', { account_id: '999999', reason: 'x' }), 'accounts.no_account');
		await refused(operator.call('operator.unsuspend', { account_id: '999999' }), 'accounts.no_account');
	});
});

describe('help', () => {
	it('with a password, not against the owner', async () => {
		await refused(operator.call('operator.reset_password', { account_id: owner.id }), 'accounts.protected');
		await refused(operator.call('operator.reset_password', { account_id: '999999' }), 'accounts.no_account');
		await owner.call('operator.reset_password', { account_id: owner.id });
	});

	it('lists accounts by pages, and those whose name begins so', async () => {
		const all = await crowd(house.server, 5);
		const found: string[] = [];
		let cursor: string | undefined;
		do {
			const input = cursor === undefined ? { limit: 2 } : { limit: 2, cursor };
			const page = await operator.call('operator.list_accounts', input);
			expect(page.accounts.length).toBeLessThanOrEqual(2);
			found.push(...page.accounts.map(({ account }) => account.id));
			cursor = page.next ?? undefined;
		} while (cursor !== undefined);
		expect(new Set(found).size).toBe(found.length);
		expect(found).toEqual(expect.arrayContaining([owner.id, operator.id, ...all.map(({ id }) => id)]));
		const one = all[0]?.account.username ?? '';
		const { accounts } = await operator.call('operator.list_accounts', { q: one });
		expect(accounts.map(({ account }) => account.username)).toEqual([one]);
		expect((await operator.call('operator.list_accounts', { q: '%' })).accounts).toEqual([]);
	});

	it('says how others reach this server', async () => {
		const instance = await operator.call('operator.get_instance');
		expect(instance).toMatchObject({ is_loopback_only: true, is_secure: false, registration: 'open' });
		expect(instance.listen).toBe(new URL(house.server.url).host);
		expect(instance.accounts_count).toBeGreaterThan(2);
	});
});
