// SPDX-License-Identifier: Apache-2.0
// Goal: a list of contacts is its owner's: remarks, tags, stars, and whom to delete or block, of
// which the other side learns only what WeChat tells.
import { describe, expect, it } from 'vitest';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { ask, befriend, crowd, people, refused, signIn } from '../support/people.ts';

const house = useServer({ settings: { 'limits.blocks': 2, 'limits.contact_requests_per_day': 0 } });

describe('remark, tags, star', () => {
	it('change what is given, tell one\'s own devices and nobody else', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const [own, other] = [await Ear.open(await signIn(house.server, a)), await Ear.open(b)];
		await a.call('contacts.update', { account_id: b.id, remark: '老王', tags: ['同事', 'work'], starred: true });
		expect((await own.ever('contact')).contact).toMatchObject({ remark: '老王', tags: ['同事', 'work'], starred: true });
		expect((await own.ever('conversation')).conversation).toMatchObject({ id: conversation, name: '老王' });
		const { contact } = await a.call('contacts.update', { account_id: b.id, tags: [] });
		expect(contact).toMatchObject({ remark: '老王', tags: [], starred: true });
		expect((await a.call('contacts.list')).contacts).toEqual([contact]);
		expect((await a.call('conversations.get', { conversation_id: conversation })).conversation.name).toBe('老王');
		expect((await other.untilNow()).filter(({ type }) => type !== 'message')).toEqual([]);
		expect((await b.call('contacts.list')).contacts).toMatchObject([{ remark: '' }]);
		for (const ear of [own, other]) ear.close();
	});

	it('keep to their limits', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		const change = (more: object): Promise<unknown> => a.call('contacts.update', { account_id: b.id, ...more });
		await change({ remark: '备'.repeat(32), tags: Array.from({ length: 20 }, (_, i) => `tag ${i}`) });
		await refused(change({ remark: '备'.repeat(33) }), 'core.invalid_field');
		await refused(change({ tags: Array.from({ length: 21 }, (_, i) => `tag ${i}`) }), 'core.invalid_field');
		await refused(change({ tags: ['签'.repeat(65)] }), 'core.invalid_field');
		await refused(change({ tags: ['a', 'a'] }), 'core.invalid_field');
		await refused(change({ tags: [1] }), 'core.invalid_field');
		await refused(change({ source: { kind: 'face' } }), 'core.unknown_field');
	});

	it('are for contacts only', async () => {
		const [a, b] = await people(house.server, 2);
		await refused(a.call('contacts.update', { account_id: b.id, remark: 'x' }), 'contacts.no_contact');
		await refused(a.call('contacts.delete', { account_id: b.id }), 'contacts.no_contact');
		await refused(a.call('contacts.delete', { account_id: '999999' }), 'contacts.no_contact');
	});
});

it('lists contacts by pages', async () => {
	const [a, ...others] = await crowd(house.server, 6);
	if (!a) throw new Error('there are six');
	for (const other of others) await befriend(other, a);
	const found: string[] = [];
	let cursor: string | undefined;
	do {
		const input = cursor === undefined ? { limit: 2 } : { limit: 2, cursor };
		const page = await a.call('contacts.list', input);
		found.push(...page.contacts.map(({ account }) => account.id));
		cursor = page.next ?? undefined;
	} while (cursor !== undefined);
	expect(found.sort()).toEqual(others.map(({ id }) => id).sort());
	await a.call('contacts.list', { limit: 1000 });
	await refused(a.call('contacts.list', { limit: 1001 }), 'core.invalid_field');
	await refused(a.call('contacts.list', { limit: 0 }), 'core.invalid_field');
	await refused(a.call('contacts.list', { cursor: 'nonsense' }), 'core.invalid_field');
});

describe('deleting', () => {
	it('is one-sided and silent, and ends with WeChat\'s answer', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const [own, other] = [await Ear.open(await signIn(house.server, a)), await Ear.open(b)];
		await a.call('contacts.delete', { account_id: b.id });
		expect((await own.next('contact_removed')).account_id).toBe(b.id);
		expect((await other.untilNow()).filter(({ type }) => type !== 'message')).toEqual([]);
		expect((await b.call('contacts.list')).contacts).toMatchObject([{ account: a.account }]);
		const error = await refused(b.say(conversation, 'hello?'), 'contacts.not_friend');
		expect(error.status).toBe(403);
		await refused(a.say(conversation, 'hello'), 'contacts.not_friend');
		for (const ear of [own, other]) ear.close();
	});

	it('lets the one who deleted come back without asking', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const before = (await a.call('contacts.list')).contacts[0];
		await a.call('contacts.delete', { account_id: b.id });
		const source = { kind: 'username', ref: b.account.username } as const;
		const { request } = await a.call('contact_requests.create', { to: b.id, source });
		expect(request.state).toBe('accepted');
		expect((await a.call('contacts.list')).contacts[0]?.source).toEqual(before?.source);
		await b.say(conversation, 'you are back');
		expect(await a.texts(conversation)).toContain('you are back');
	});

	it('by both sides takes a new consent', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		await a.say(conversation, 'old words');
		await a.call('contacts.delete', { account_id: b.id });
		await b.call('contacts.delete', { account_id: a.id });
		const request_id = await ask(a, b);
		const answer = await b.call('contact_requests.accept', { request_id });
		expect(answer.conversation.id).toBe(conversation);
		expect(await a.texts(conversation)).toContain('old words');
	});
});

describe('blocking', () => {
	it('refuses the other\'s messages with WeChat\'s other answer', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		await a.call('blocks.put', { account_id: b.id });
		await a.call('blocks.put', { account_id: b.id });
		expect((await a.call('blocks.list')).accounts).toEqual([b.account]);
		const error = await refused(b.say(conversation, 'hello?'), 'contacts.refused');
		expect(error.status).toBe(403);
		expect((await b.call('contacts.list')).contacts).toHaveLength(1);
		await a.call('blocks.delete', { account_id: b.id });
		await a.call('blocks.delete', { account_id: b.id });
		await b.say(conversation, 'again');
		expect(await a.texts(conversation)).toEqual(['again']);
	});

	it('hides requests from who is blocked, and says nothing', async () => {
		const [a, b] = await people(house.server, 2);
		await a.call('blocks.put', { account_id: b.id });
		const source = { kind: 'username', ref: a.account.username } as const;
		const { request } = await b.call('contact_requests.create', { to: a.id, source });
		expect(request.state).toBe('pending');
		expect((await a.call('contact_requests.list')).requests).toEqual([]);
		await refused(a.call('contact_requests.accept', { request_id: request.id }), 'contacts.no_request');
	});

	it('is not for oneself or for nobody, and has a limit', async () => {
		const [a, b, c, d] = await people(house.server, 4);
		await refused(a.call('blocks.put', { account_id: a.id }), 'contacts.self');
		await refused(a.call('blocks.put', { account_id: '999999' }), 'accounts.no_account');
		await a.call('blocks.put', { account_id: b.id });
		await a.call('blocks.put', { account_id: c.id });
		await refused(a.call('blocks.put', { account_id: d.id }), 'contacts.too_many_blocks');
	});
});
