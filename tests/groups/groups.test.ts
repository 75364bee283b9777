// SPDX-License-Identifier: Apache-2.0
// Goal: a group is made of contacts, led by its owner and admins, never larger than it may be.
import { newClientId } from '@guanxi/sdk';
import { describe, expect, it } from 'vitest';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { befriend, crowd, group, people, person, refused, type Person } from '../support/people.ts';

const house = useServer({
	settings: { 'limits.group_members': 8, 'limits.groups_per_day': 5, 'limits.contact_requests_per_day': 0 },
});

/** An owner with contacts. */
async function circle(count: number): Promise<{ owner: Person; others: Person[] }> {
	const owner = await person(house.server);
	const others = await crowd(house.server, count);
	for (const other of others) await befriend(owner, other);
	return { owner, others };
}

async function roles(who: Person, group_id: string): Promise<Record<string, string>> {
	const { members } = await who.call('group_members.list', { group_id });
	return Object.fromEntries(members.map(({ account, role }) => [account.id, role]));
}

async function notices(who: Person, conversation_id: string): Promise<string[]> {
	const { messages } = await who.call('messages.list', { conversation_id, limit: 100 });
	return messages.flatMap((m) => (m.kind === 'notice' && 'code' in m.body ? [m.body.code] : []));
}

describe('making one', () => {
	it('brings in contacts and tells them', async () => {
		const { owner, others: [a, b] } = await circle(2);
		if (!a || !b) throw new Error('there are two');
		const ear = await Ear.open(a);
		const answer = await owner.call('groups.create', { name: '周末', members: [a.id, b.id] });
		expect(answer).toMatchObject({ conversation: { kind: 'group', name: '周末' }, invited: [], refused: [] });
		expect((await ear.next('conversation')).conversation).toMatchObject({ id: answer.conversation.id, name: '周末' });
		expect((await ear.message()).body).toMatchObject({ code: 'group.created' });
		const group_id = answer.conversation.id;
		expect(await roles(b, group_id)).toEqual({ [owner.id]: 'owner', [a.id]: 'member', [b.id]: 'member' });
		expect((await b.call('groups.get', { group_id })).group).toEqual({
			id: group_id, name: '周末', owner_id: owner.id, admins: [], announcement: '', announced_at: null,
			members_count: 3, my_nickname: '',
		});
		ear.close();
	});

	it('says who could not be brought in, and why', async () => {
		const { owner, others: [a, b, c] } = await circle(3);
		const stranger = await person(house.server);
		if (!a || !b || !c) throw new Error('there are three');
		await b.call('contacts.delete', { account_id: owner.id });
		await c.call('blocks.put', { account_id: owner.id });
		const members = [a.id, b.id, c.id, stranger.id, '999999'];
		const answer = await owner.call('groups.create', { members });
		expect(answer.refused).toEqual([
			{ account_id: b.id, code: 'contacts.not_friend' }, { account_id: c.id, code: 'contacts.refused' },
			{ account_id: stranger.id, code: 'contacts.not_friend' }, { account_id: '999999', code: 'contacts.not_friend' },
		]);
		expect(Object.keys(await roles(owner, answer.conversation.id))).toHaveLength(2);
		await refused(owner.call('groups.create', { members: [stranger.id] }), 'groups.nobody');
	});

	it('is repeatable by client_id', async () => {
		const { owner, others } = await circle(1);
		const input = { client_id: newClientId(), name: 'x', members: others.map(({ id }) => id) };
		const first = await owner.call('groups.create', input);
		expect((await owner.call('groups.create', input)).conversation.id).toBe(first.conversation.id);
		await refused(owner.call('groups.create', { ...input, name: 'y' }), 'groups.client_id_reused');
		expect((await owner.call('conversations.list')).conversations.filter(({ kind }) => kind === 'group')).toHaveLength(1);
	});

	it('is limited by day', async () => {
		const { owner, others } = await circle(1);
		for (let i = 0; i < 5; i++) await group(owner, others);
		const error = await refused(group(owner, others), 'groups.too_many_groups');
		expect(error.retryAfterMs).toBeGreaterThan(0);
	});

	it('keeps to its limits', async () => {
		const { owner, others } = await circle(1);
		const members = others.map(({ id }) => id);
		await refused(owner.call('groups.create', { members: [] }), 'core.invalid_field');
		await refused(owner.call('groups.create', { members: [...members, ...members] }), 'core.invalid_field');
		await refused(owner.call('groups.create', { members, name: '群'.repeat(31) }), 'core.invalid_field');
	});
});

describe('members', () => {
	it('bring in their own contacts, who see only what comes after', async () => {
		const { owner, others: [a] } = await circle(1);
		const late = await person(house.server);
		if (!a) throw new Error('there is one');
		await befriend(a, late);
		const group_id = await group(owner, [a]);
		await owner.say(group_id, 'before');
		const ear = await Ear.open(owner);
		const answer = await a.call('group_members.add', { group_id, members: [late.id] });
		expect(answer.members.map(({ account }) => account.id)).toContain(late.id);
		expect(await ear.next('members')).toMatchObject({ conversation_id: group_id, joined: [late.id], left: [] });
		await owner.say(group_id, 'after');
		expect(await late.texts(group_id)).toEqual(['after']);
		const again = await a.call('group_members.add', { group_id, members: [late.id] });
		expect(again.members).toHaveLength(3);
		ear.close();
	});

	it('are never more than the limit, under a race', async () => {
		const { owner, others } = await circle(12);
		const [first, ...rest] = others;
		if (!first) throw new Error('there are twelve');
		const group_id = await group(owner, [first]);
		const answers = await Promise.all(
			rest.map(({ id }) => owner.call('group_members.add', { group_id, members: [id] })),
		);
		const full = answers.flatMap(({ refused: list }) => list.map(({ code }) => code));
		expect(full).toEqual(Array(5).fill('groups.full'));
		expect(Object.keys(await roles(owner, group_id))).toHaveLength(8);
	});

	it('leave, read up to there and write no more', async () => {
		const { owner, others: [a, b] } = await circle(2);
		if (!a || !b) throw new Error('there are two');
		const group_id = await group(owner, [a, b]);
		await owner.say(group_id, 'while in');
		const ear = await Ear.open(b);
		await a.call('group_members.remove', { group_id, account_id: a.id });
		expect(await ear.next('members')).toMatchObject({ joined: [], left: [a.id] });
		await owner.say(group_id, 'when out');
		expect(await a.texts(group_id)).toEqual(['while in']);
		await refused(a.say(group_id, 'x'), 'chat.not_member');
		await refused(a.call('groups.get', { group_id }), 'chat.not_member');
		ear.close();
	});

	it('are removed by owner and admins, not by each other', async () => {
		const { owner, others: [admin, a, b] } = await circle(3);
		if (!admin || !a || !b) throw new Error('there are three');
		const group_id = await group(owner, [admin, a, b]);
		await owner.call('groups.update', { group_id, admins: [admin.id] });
		await refused(a.call('group_members.remove', { group_id, account_id: b.id }), 'groups.not_allowed');
		await refused(admin.call('group_members.remove', { group_id, account_id: owner.id }), 'groups.not_allowed');
		await admin.call('group_members.remove', { group_id, account_id: b.id });
		await refused(owner.call('group_members.remove', { group_id, account_id: b.id }), 'groups.no_member');
		await owner.call('group_members.remove', { group_id, account_id: admin.id });
		expect(await roles(a, group_id)).toEqual({ [owner.id]: 'owner', [a.id]: 'member' });
		expect(await notices(b, group_id)).toContain('group.removed');
	});
});

describe('leading', () => {
	it('passes to the longest member when the owner leaves', async () => {
		const { owner, others: [a, b] } = await circle(2);
		if (!a || !b) throw new Error('there are two');
		const group_id = await group(owner, [a, b]);
		await owner.call('group_members.remove', { group_id, account_id: owner.id });
		expect(await roles(b, group_id)).toEqual({ [a.id]: 'owner', [b.id]: 'member' });
	});

	it('is handed over, and shared with up to three admins', async () => {
		const { owner, others } = await circle(5);
		const [a, b, c, d, e] = others.map(({ id }) => id);
		const [member] = others;
		if (!a || !b || !c || !d || !e || !member) throw new Error('there are five');
		const group_id = await group(owner, others);
		await refused(owner.call('groups.update', { group_id, admins: [a, b, c, d] }), 'groups.too_many_admins');
		await refused(owner.call('groups.update', { group_id, admins: ['999999'] }), 'groups.bad_member');
		await owner.call('groups.update', { group_id, admins: [a, b, c] });
		await refused(member.call('groups.update', { group_id, admins: [] }), 'groups.not_allowed');
		await owner.call('groups.update', { group_id, owner: e, admins: [b] });
		expect(await roles(owner, group_id)).toEqual({
			[owner.id]: 'member', [a]: 'member', [b]: 'admin', [c]: 'member', [d]: 'member', [e]: 'owner',
		});
		await refused(owner.call('groups.update', { group_id, owner: owner.id }), 'groups.not_allowed');
	});

	it('includes the name and the announcement', async () => {
		const { owner, others: [a] } = await circle(1);
		if (!a) throw new Error('there is one');
		const group_id = await group(owner, [a]);
		const ear = await Ear.open(a);
		await owner.call('groups.update', { group_id, name: '新名字', announcement: '明天八点' });
		expect((await ear.next('conversation')).conversation.name).toBe('新名字');
		const { group: seen } = await a.call('groups.get', { group_id });
		expect(seen).toMatchObject({ name: '新名字', announcement: '明天八点' });
		expect(seen.announced_at).toBeGreaterThan(0);
		expect(await notices(a, group_id)).toEqual(['group.created', 'group.renamed', 'group.announcement']);
		await refused(a.call('groups.update', { group_id, name: 'mine' }), 'groups.not_allowed');
		await refused(owner.call('groups.update', { group_id, announcement: '长'.repeat(2001) }), 'core.invalid_field');
		await refused(owner.call('groups.update', { group_id, name: '群'.repeat(31) }), 'core.invalid_field');
		ear.close();
	});

	it('ends with the group: everybody may still read', async () => {
		const { owner, others: [a] } = await circle(1);
		if (!a) throw new Error('there is one');
		const group_id = await group(owner, [a]);
		await a.say(group_id, 'last words');
		await refused(a.call('groups.dissolve', { group_id }), 'groups.not_allowed');
		await owner.call('groups.dissolve', { group_id });
		expect(await a.texts(group_id)).toEqual(['last words']);
		expect(await notices(a, group_id)).toContain('group.dissolved');
		for (const who of [owner, a]) await refused(who.say(group_id, 'x'), 'chat.not_member');
	});
});

it('everyone has a name of his own in a group', async () => {
	const { owner, others: [a] } = await circle(1);
	if (!a) throw new Error('there is one');
	const group_id = await group(owner, [a]);
	await a.call('groups.set_nickname', { group_id, nickname: '三班 小李' });
	expect((await a.call('groups.get', { group_id })).group.my_nickname).toBe('三班 小李');
	const { members } = await owner.call('group_members.list', { group_id });
	expect(members.map(({ nickname }) => nickname)).toEqual(['', '三班 小李']);
	await a.call('groups.set_nickname', { group_id, nickname: '' });
	await refused(a.call('groups.set_nickname', { group_id, nickname: '长'.repeat(33) }), 'core.invalid_field');
});

it('an outsider learns nothing about a group', async () => {
	const { owner, others } = await circle(1);
	const [outsider, friend] = await people(house.server, 2);
	await befriend(outsider, friend);
	const group_id = await group(owner, others);
	const calls = (id: string): Promise<unknown>[] => [
		outsider.call('groups.get', { group_id: id }),
		outsider.call('groups.update', { group_id: id, name: 'x' }),
		outsider.call('groups.dissolve', { group_id: id }),
		outsider.call('groups.set_nickname', { group_id: id, nickname: 'x' }),
		outsider.call('group_members.list', { group_id: id }),
		outsider.call('group_members.add', { group_id: id, members: [friend.id] }),
		outsider.call('group_members.remove', { group_id: id, account_id: outsider.id }),
	];
	const real = await Promise.all(calls(group_id).map((c) => refused(c, 'groups.no_group')));
	const none = await Promise.all(calls('999999').map((c) => refused(c, 'groups.no_group')));
	expect(real.map(({ problem }) => problem)).toEqual(none.map(({ problem }) => problem));
});
