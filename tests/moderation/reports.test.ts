// SPDX-License-Identifier: Apache-2.0
// Goal: who is harmed can say so, an operator decides, and the one who said it learns the outcome.
import { newClientId, type Report } from '@guanxi/sdk';
import { beforeAll, describe, expect, it } from 'vitest';
import { useServer } from '../support/house.ts';
import { befriend, nobody, PASSWORD, people, person, refused, type Person } from '../support/people.ts';

const house = useServer();
let owner: Person;

beforeAll(async () => {
	owner = await person(house.server, 'owner');
});

async function report(who: Person, what: object): Promise<Report> {
	const input = { client_id: newClientId(), reason: 'spam', ...what } as const;
	return (await who.call('reports.create', input)).report;
}

describe('reporting', () => {
	it('a message keeps its words, whatever the sender does then', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		const { seq } = await a.say(conversation_id, 'buy my fakes');
		const made = await report(b, { conversation_id, seq, reason: 'fraud', note: '假货' });
		expect(made).toMatchObject({
			reporter: b.account, account: a.account, conversation_id, seq, excerpt: 'buy my fakes', reason: 'fraud', note: '假货',
			state: 'open', action: null, closed_at: null,
		});
		await a.call('messages.recall', { conversation_id, seq });
		const { reports } = await owner.call('operator.list_reports', { state: 'open' });
		expect(reports.find(({ id }) => id === made.id)?.excerpt).toBe('buy my fakes');
		expect((await b.call('reports.list')).reports).toEqual([made]);
		expect((await a.call('reports.list')).reports).toEqual([]);
	});

	it('an account', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		expect(await report(b, { account_id: a.id, reason: 'harassment' })).toMatchObject({ account: a.account, conversation_id: null, seq: null });
	});

	it('is repeatable by client_id', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		const first = await report(b, { account_id: a.id, client_id: 'once' });
		expect(await report(b, { account_id: a.id, client_id: 'once' })).toEqual(first);
		await refused(report(b, { account_id: a.id, client_id: 'once', reason: 'other' }), 'moderation.client_id_reused');
	});

	it('needs something one can see', async () => {
		const [a, b, outsider] = await people(house.server, 3);
		const conversation_id = await befriend(a, b);
		const { seq } = await a.say(conversation_id, 'private');
		await refused(report(outsider, { conversation_id, seq }), 'moderation.no_subject');
		await refused(report(b, { conversation_id, seq: 999 }), 'moderation.no_subject');
		await refused(report(b, { account_id: '999999' }), 'moderation.no_subject');
		await refused(report(b, { account_id: a.id, reason: 'boring' }), 'core.invalid_field');
	});
});

describe('deciding', () => {
	it('closes a report once, and the reporter sees how', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		const { id } = await report(b, { account_id: a.id });
		const closed = await owner.call('operator.close_report', { report_id: id, action: 'none', note: '没有违规' });
		expect(closed.report).toMatchObject({ state: 'closed', action: 'none', answer: '没有违规' });
		expect((await b.call('reports.list')).reports).toMatchObject([{ id, state: 'closed', action: 'none', answer: '没有违规' }]);
		await refused(owner.call('operator.close_report', { report_id: id, action: 'none' }), 'moderation.already_closed');
		await refused(owner.call('operator.close_report', { report_id: '999999', action: 'none' }), 'moderation.no_report');
		const listed = await owner.call('operator.list_reports', { state: 'closed' });
		expect(listed.reports.map((r) => r.id)).toContain(id);
	});

	it('may suspend the account, but not one that is protected', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		await befriend(owner, b);
		const { id } = await report(b, { account_id: a.id });
		await owner.call('operator.close_report', { report_id: id, action: 'suspend', note: 'fakes' });
		await refused(a.call('me.get'), 'core.unauthenticated');
		const signIn = { username: a.account.username, password: PASSWORD };
		await refused(nobody(house.server).call('sessions.create', signIn), 'accounts.suspended');
		const against = await report(b, { account_id: owner.id });
		await refused(owner.call('operator.close_report', { report_id: against.id, action: 'suspend' }), 'accounts.protected');
	});

	it('lists reports by pages', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		const made: string[] = [];
		for (let i = 0; i < 3; i++) made.push((await report(b, { account_id: a.id })).id);
		const found: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await b.call('reports.list', cursor === undefined ? { limit: 1 } : { limit: 1, cursor });
			found.push(...page.reports.map(({ id }) => id));
			cursor = page.next ?? undefined;
		} while (cursor !== undefined);
		expect(found.sort()).toEqual(made.sort());
	});
});
