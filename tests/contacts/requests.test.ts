// SPDX-License-Identifier: Apache-2.0
// Goal: two people become contacts when both want it, with a true and lasting source, and a no is
// silent.
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../support/clock.ts';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { ask, befriend, crowd, group, people, person, refused } from '../support/people.ts';

const house = useServer({ settings: { 'limits.contact_requests_per_day': 6, 'limits.friends': 4 } });

describe('asking and accepting', () => {
	it('makes the tie on both sides, with its source, a conversation and a notice', async () => {
		const [a, b] = await people(house.server, 2);
		const [earA, earB] = [await Ear.open(a), await Ear.open(b)];
		const source = { kind: 'username', ref: b.account.username } as const;
		const { request } = await a.call('contact_requests.create', { to: b.id, greeting: '我是小王', source });
		expect(request).toMatchObject({ from: a.account, to: b.account, greeting: '我是小王', source, state: 'pending' });
		expect(request.expires_at - request.created_at).toBe(7 * DAY_MS);
		expect((await earB.next('contact_request')).request).toMatchObject({ id: request.id, state: 'pending' });
		const answer = await b.call('contact_requests.accept', { request_id: request.id, remark: '王' });
		expect(answer.contact).toMatchObject({ account: a.account, remark: '王', tags: [], starred: false, source });
		expect(answer.conversation).toMatchObject({ kind: 'direct', peer: a.account, name: '王', muted: false, pinned: false });
		expect((await earA.next('contact')).contact).toMatchObject({ account: b.account, remark: '', source });
		expect((await earB.next('contact')).contact.account).toEqual(a.account);
		const { conversations } = await a.call('conversations.list');
		expect(conversations.find(({ kind }) => kind === 'direct')).toMatchObject({
			id: answer.conversation.id, peer: b.account, last_message: { kind: 'notice', body: { code: 'contact.added' } },
		});
		for (const who of [a, b]) {
			const { requests } = await who.call('contact_requests.list');
			expect(requests).toMatchObject([{ id: request.id, state: 'accepted' }]);
		}
		for (const ear of [earA, earB]) ear.close();
	});

	it('answers a repeated accept like the first', async () => {
		const [a, b] = await people(house.server, 2);
		const request_id = await ask(a, b);
		const first = await b.call('contact_requests.accept', { request_id });
		expect((await b.call('contact_requests.accept', { request_id })).contact).toEqual(first.contact);
	});

	it('happens at once when both ask', async () => {
		const [a, b] = await people(house.server, 2);
		await ask(a, b);
		const source = { kind: 'username', ref: a.account.username } as const;
		const { request } = await b.call('contact_requests.create', { to: a.id, source });
		expect(request.state).toBe('accepted');
		expect((await a.call('contacts.list')).contacts).toMatchObject([{ account: b.account }]);
		expect((await b.call('contacts.list')).contacts).toMatchObject([{ account: a.account }]);
		expect((await a.call('contact_requests.list')).requests.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
	});

	it('asks no second time while the first waits, but takes the new greeting', async () => {
		const [a, b] = await people(house.server, 2);
		const first = await ask(a, b, 'one');
		expect(await ask(a, b, 'two')).toBe(first);
		const { requests } = await b.call('contact_requests.list');
		expect(requests).toMatchObject([{ id: first, greeting: 'two' }]);
	});

	it('refuses oneself, contacts, and who is not there', async () => {
		const [a, b] = await people(house.server, 2);
		await befriend(a, b);
		await refused(ask(a, a), 'contacts.self');
		await refused(ask(a, b), 'contacts.already_friends');
		const source = { kind: 'username', ref: 'nobody1' } as const;
		await refused(a.call('contact_requests.create', { to: '999999', source }), 'contacts.source_untrue');
	});

	it('keeps to its limits', async () => {
		const [a, b] = await people(house.server, 2);
		const source = { kind: 'username', ref: b.account.username } as const;
		const long = { to: b.id, greeting: '长'.repeat(101), source };
		await refused(a.call('contact_requests.create', long), 'core.invalid_field');
		const strange = { to: b.id, source: { kind: 'telepathy' as 'face' } };
		await refused(a.call('contact_requests.create', strange), 'core.invalid_field');
		const more = { to: b.id, source: { ...source, more: 1 } };
		await refused(a.call('contact_requests.create', more), 'core.unknown_field');
	});

	it('is limited by day', async () => {
		const a = await person(house.server);
		const others = await crowd(house.server, 7);
		for (const other of others.slice(0, 6)) await ask(a, other);
		const last = others[6];
		if (!last) throw new Error('there are seven');
		const error = await refused(ask(a, last), 'contacts.too_many_requests');
		expect(error.retryAfterMs).toBeGreaterThan(0);
	});
});

describe('a no', () => {
	it('is silent: the asker goes on waiting until it expires', async () => {
		const [a, b] = await people(house.server, 2);
		const request_id = await ask(a, b);
		const ear = await Ear.open(a);
		await b.call('contact_requests.decline', { request_id });
		await b.call('contact_requests.decline', { request_id });
		expect((await b.call('contact_requests.list')).requests).toMatchObject([{ state: 'declined' }]);
		expect((await a.call('contact_requests.list')).requests).toMatchObject([{ state: 'pending' }]);
		expect((await ear.untilNow()).filter(({ type }) => type === 'contact_request')).toEqual([]);
		await refused(b.call('contact_requests.accept', { request_id }), 'contacts.request_closed');
		ear.close();
	});

	it('comes by itself after seven days', async () => {
		const [a, b] = await people(house.server, 2);
		const request_id = await ask(a, b);
		house.server.clock.advance(7 * DAY_MS + 1000);
		await refused(b.call('contact_requests.accept', { request_id }), 'contacts.request_expired');
		expect((await a.call('contact_requests.list')).requests).toMatchObject([{ state: 'expired' }]);
		expect(await ask(a, b)).not.toBe(request_id);
	});

	it('can only be said by the one who was asked', async () => {
		const [a, b, c] = await people(house.server, 3);
		const request_id = await ask(a, b);
		for (const who of [a, c]) {
			await refused(who.call('contact_requests.accept', { request_id }), 'contacts.no_request');
			await refused(who.call('contact_requests.decline', { request_id }), 'contacts.no_request');
		}
		await refused(b.call('contact_requests.accept', { request_id: '999999' }), 'contacts.no_request');
	});
});

describe('the source', () => {
	it('must be true: a username', async () => {
		const [a, b, c] = await people(house.server, 3);
		const source = { kind: 'username', ref: c.account.username } as const;
		await refused(a.call('contact_requests.create', { to: b.id, source }), 'contacts.source_untrue');
		await refused(a.call('contact_requests.create', { to: b.id, source: { kind: 'username' } }), 'contacts.source_untrue');
	});

	it('must be true: a group that both are in', async () => {
		const [owner, a, b, outsider] = await people(house.server, 4);
		await befriend(owner, a);
		await befriend(owner, b);
		const ref = await group(owner, [a, b]);
		const source = { kind: 'group', ref } as const;
		await refused(a.call('contact_requests.create', { to: outsider.id, source }), 'contacts.source_untrue');
		await refused(outsider.call('contact_requests.create', { to: a.id, source }), 'contacts.source_untrue');
		const { request } = await a.call('contact_requests.create', { to: b.id, source });
		expect(request.source).toMatchObject(source);
	});

	it('must be true: a card that someone else has sent', async () => {
		const [a, b, friend] = await people(house.server, 3);
		const conversation_id = await befriend(a, friend);
		await befriend(friend, b);
		const body = { account_id: b.id, nickname: b.account.nickname, avatar: null };
		const card = { conversation_id, kind: 'card', body } as const;
		const { message } = await friend.call('messages.send', { ...card, client_id: 'card' });
		const source = { kind: 'card', ref: `${conversation_id}:${message.seq}` } as const;
		await refused(b.call('contact_requests.create', { to: a.id, source }), 'contacts.source_untrue');
		const { request } = await a.call('contact_requests.create', { to: b.id, source });
		expect(request.source).toMatchObject(source);
	});

	it.each(['phone', 'qr', 'face', 'introduction'] as const)('%s is not there yet', async (kind) => {
		const [a, b] = await people(house.server, 2);
		const source = { kind, ref: 'x' };
		await refused(a.call('contact_requests.create', { to: b.id, source }), 'contacts.source_unavailable');
	});
});

describe('a full list', () => {
	it('takes nobody any more, under a race too', async () => {
		const [a, ...others] = await crowd(house.server, 7);
		if (!a) throw new Error('there are seven');
		const requests: string[] = [];
		for (const other of others) requests.push(await ask(other, a));
		const answers = await Promise.allSettled(
			requests.map((request_id) => a.call('contact_requests.accept', { request_id })),
		);
		expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
		expect((await a.call('contacts.list')).contacts).toHaveLength(4);
		const left = requests[answers.findIndex(({ status }) => status === 'rejected')] ?? '';
		await refused(a.call('contact_requests.accept', { request_id: left }), 'contacts.too_many_friends');
	});

	it('says whose list is full', async () => {
		const [a, late, ...others] = await crowd(house.server, 6);
		if (!a || !late) throw new Error('there are six');
		const request_id = await ask(a, late);
		for (const other of others) await befriend(other, a);
		await refused(late.call('contact_requests.accept', { request_id }), 'contacts.their_list_full');
	});
});
