// SPDX-License-Identifier: Apache-2.0
// Goal: someone outside learns nothing: for every operation on a conversation, a stranger's answer is
// byte for byte the answer about what doesn't exist; someone who left reads and no longer writes.
import { describe, expect, it } from 'vitest';
import { operations } from '../support/api.ts';
import { checkedFetch } from '../support/checked.ts';
import { useServer } from '../support/house.ts';
import { befriend, group, people, person, refused, type Person } from '../support/people.ts';

const house = useServer();

interface Request {
	method: string;
	path: string;
	body?: object;
}

async function answer(who: Person | undefined, { method, path, body }: Request): Promise<{ status: number; text: string }> {
	const headers: Record<string, string> = who ? { authorization: `Bearer ${who.token}` } : {};
	if (body) headers['content-type'] = 'application/json';
	const init = body ? { method, headers, body: JSON.stringify(body) } : { method, headers };
	const got = await checkedFetch(`${house.server.url}${path}`, init);
	return { status: got.status, text: await got.text() };
}

/** Every operation on a conversation, a group, a message, a request, an account, a medium. */
function requestsAbout(conversation: string, other: { account: string; request: string; media: string }): Request[] {
	const c = `/api/v1/conversations/${conversation}`;
	const g = `/api/v1/groups/${conversation}`;
	return [
		{ method: 'GET', path: c },
		{ method: 'PATCH', path: c, body: { pinned: true } },
		{ method: 'PUT', path: `${c}/read`, body: { seq: 1 } },
		{ method: 'POST', path: `${c}/messages`, body: { client_id: 'x', kind: 'text', body: { text: 'x' } } },
		{ method: 'GET', path: `${c}/messages` },
		{ method: 'GET', path: `${c}/messages?after=0` },
		{ method: 'DELETE', path: `${c}/messages` },
		{ method: 'DELETE', path: `${c}/messages/1` },
		{ method: 'POST', path: `${c}/messages/1/recall` },
		{ method: 'GET', path: g },
		{ method: 'PATCH', path: g, body: { name: 'x' } },
		{ method: 'DELETE', path: g },
		{ method: 'PUT', path: `${g}/nickname`, body: { nickname: 'x' } },
		{ method: 'GET', path: `${g}/members` },
		{ method: 'POST', path: `${g}/members`, body: { members: [other.account] } },
		{ method: 'DELETE', path: `${g}/members/${other.account}` },
		{ method: 'POST', path: `/api/v1/contact-requests/${other.request}/accept` },
		{ method: 'POST', path: `/api/v1/contact-requests/${other.request}/decline` },
		{ method: 'GET', path: `/api/v1/accounts/${other.account}` },
		{ method: 'PATCH', path: `/api/v1/contacts/${other.account}`, body: { remark: 'x' } },
		{ method: 'DELETE', path: `/api/v1/contacts/${other.account}` },
		{ method: 'GET', path: `/api/v1/media/${other.media}` },
		{ method: 'GET', path: `/api/v1/media/${other.media}/thumb` },
		{ method: 'POST', path: '/api/v1/reports', body: { client_id: 'x', conversation_id: conversation, seq: 1, reason: 'spam' } },
	];
}

const NOTHING = { account: '999999', request: '999999', media: '999999' };

describe('an outsider', () => {
	it.each(['direct', 'group'])('of a %s conversation gets the answer about nothing, byte for byte', async (kind) => {
		const [a, b, outsider] = await people(house.server, 3);
		const source = { kind: 'username', ref: b.account.username } as const;
		const { request } = await a.call('contact_requests.create', { to: b.id, source });
		const { conversation } = await b.call('contact_requests.accept', { request_id: request.id });
		const id = kind === 'direct' ? conversation.id : await group(a, [b]);
		const media = await a.client.upload(new TextEncoder().encode('between us'), { mime: 'text/plain' });
		const body = { media_id: media.id, name: 'x', size: media.size };
		await a.call('messages.send', { conversation_id: id, client_id: 'm', kind: 'file', body });
		const real = requestsAbout(id, { account: a.id, request: request.id, media: media.id });
		const none = requestsAbout('999999', NOTHING);
		for (const [i, about] of real.entries()) {
			const got = await answer(outsider, about);
			expect(got.status, `${about.method} ${about.path}`).toBe(404);
			expect(got, `${about.method} ${about.path}`).toEqual(await answer(outsider, none[i] ?? about));
		}
	});

	it('who is nobody gets 401 everywhere but at the front', async () => {
		for (const { method, path, operation, op } of operations) {
			if (Array.isArray(operation.security) && operation.security.length === 0) continue;
			const got = await answer(undefined, { method, path: path.replace(/\{\w+\}/g, '1') });
			expect(got.status, op).toBe(401);
			expect(JSON.parse(got.text), op).toMatchObject({ code: 'core.unauthenticated' });
		}
	});
});

describe('someone who left', () => {
	it('reads up to there and is refused on writing', async () => {
		const [owner, a, b] = await people(house.server, 3);
		await befriend(owner, a);
		await befriend(owner, b);
		const id = await group(owner, [a, b]);
		await owner.say(id, 'while in');
		await a.call('group_members.remove', { group_id: id, account_id: a.id });
		const { seq } = await owner.say(id, 'when out');
		expect(await a.texts(id)).toEqual(['while in']);
		await refused(a.say(id, 'x'), 'chat.not_member');
		await refused(a.call('messages.recall', { conversation_id: id, seq }), 'chat.not_member');
		await refused(a.call('group_members.add', { group_id: id, members: [b.id] }), 'chat.not_member');
		await refused(a.call('messages.delete', { conversation_id: id, seq }), 'chat.no_message');
		const { conversation } = await a.call('conversations.get', { conversation_id: id });
		expect(conversation.last_seq).toBeLessThan(seq);
	});
});

describe('ids', () => {
	it.each(['0', '-1', '1.5', 'abc', '1e3', '%31%20', '18446744073709551616', '9223372036854775808', '01x', '１', '%', '%ff'])(
		'that are none are refused: %s', async (id) => {
			const one = await person(house.server);
			const got = await answer(one, { method: 'GET', path: `/api/v1/conversations/${id}` });
			expect(got).toMatchObject({ status: 400, text: expect.stringContaining('core.invalid_field') as string });
		},
	);
});
