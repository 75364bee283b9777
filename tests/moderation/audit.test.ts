// SPDX-License-Identifier: Apache-2.0
// Goal: what operators do stays readable, and nobody can flood them with reports.
import { newClientId } from '@guanxi/sdk';
import { beforeAll, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { people, person, refused, type Person } from '../support/people.ts';

const house = useServer({ settings: { 'limits.reports_per_day': 2 } });
let owner: Person;

beforeAll(async () => {
	owner = await person(house.server, 'owner');
});

it('tells operators who did what to whom, newest first', async () => {
	const one = await person(house.server);
	await owner.call('operator.suspend', { account_id: one.id, reason: 'sold fakes' });
	await owner.call('operator.unsuspend', { account_id: one.id });
	const { invite } = await owner.call('invites.create');
	const first = await owner.call('operator.list_audit', { limit: 1 });
	expect(first.entries).toMatchObject([{ operator: owner.account, action: 'create_invite', account: null, note: invite.code }]);
	const rest = await owner.call('operator.list_audit', { cursor: first.next ?? '' });
	expect(rest.entries).toMatchObject([
		{ operator: owner.account, action: 'unsuspend', account: one.account },
		{ operator: owner.account, action: 'suspend', account: one.account, note: 'sold fakes' },
	]);
	expect(rest.next).toBeNull();
});

it('is for operators only', async () => {
	const one = await person(house.server);
	await refused(one.call('operator.list_audit'), 'core.forbidden');
});

it('takes so many reports a day from one person', async () => {
	const [one, other] = await people(house.server, 2);
	const report = (): Promise<unknown> => {
		return one.call('reports.create', { client_id: newClientId(), reason: 'spam', account_id: other.id });
	};
	await report();
	await report();
	const error = await refused(report(), 'moderation.too_many_reports');
	expect(error.retryAfterMs).toBeGreaterThan(0);
});
