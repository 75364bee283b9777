// SPDX-License-Identifier: Apache-2.0
// Goal: what is sent arrives once, in order, as it was said, at everybody it is meant for.
import { newClientId, type Message, type NewMessage } from '@guanxi/sdk';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../support/clock.ts';
import { Ear } from '../support/ear.ts';
import { useServer } from '../support/house.ts';
import { befriend, group, people, person, refused, signIn, type Person } from '../support/people.ts';
import { mp4, png, wav } from '../support/pictures.ts';

const house = useServer();

async function send(who: Person, conversation_id: string, what: object): Promise<Message> {
	const input = { conversation_id, client_id: newClientId(), ...what } as { conversation_id: string } & NewMessage;
	return (await who.call('messages.send', input)).message;
}

async function history(who: Person, conversation_id: string): Promise<Message[]> {
	return (await who.call('messages.list', { conversation_id, limit: 100 })).messages;
}

describe('text', () => {
	it('arrives at the other and at one\'s other devices, not at the calling connection', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const [calling, second, other] = [await Ear.open(a), await Ear.open(await signIn(house.server, a)), await Ear.open(b)];
		const text = '你好 👋🏽\n"quoted" \\ \t\u2028\u200d <b>';
		const { message } = await calling.stream.call('messages.send', {
			conversation_id: conversation, client_id: 'c1', kind: 'text', body: { text },
		});
		expect(message).toMatchObject({ conversation_id: conversation, sender_id: a.id, kind: 'text', body: { text }, client_id: 'c1' });
		expect(await second.message(text)).toEqual(message);
		expect(await other.message(text)).toEqual(message);
		expect((await calling.untilNow()).filter(({ type }) => type === 'message')).toEqual([]);
		expect((await history(b, conversation)).at(-1)).toEqual(message);
		for (const ear of [calling, second, other]) ear.close();
	});

	it('sent over HTTP arrives at all of one\'s streams', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const own = await Ear.open(a);
		await a.say(conversation, 'over HTTP');
		await own.message('over HTTP');
		own.close();
	});

	it('counts seq without gaps, from every sender at once', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const first = (await history(a, conversation)).length + 1;
		const sent = await Promise.all(
			Array.from({ length: 40 }, (_, i) => (i % 2 ? a : b).say(conversation, `message ${i}`)),
		);
		expect(sent.map(({ seq }) => seq).sort((x, y) => x - y)).toEqual(Array.from({ length: 40 }, (_, i) => first + i));
		const read = await history(a, conversation);
		expect(read.map(({ seq }) => seq)).toEqual(read.map((_, i) => i + 1));
	});

	it('keeps the order of one connection', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const ear = await Ear.open(a);
		const texts = Array.from({ length: 100 }, (_, i) => `line ${i}`);
		await Promise.all(texts.map((text) => ear.stream.call('messages.send', {
			conversation_id: conversation, client_id: newClientId(), kind: 'text', body: { text },
		})));
		expect(await b.texts(conversation).then((all) => all.slice(-100))).toEqual(texts.slice(-99 - 1));
		ear.close();
	});

	it('is 1 to 8000 characters', async () => {
		const a = await person(house.server);
		const own = await a.selfConversation();
		await send(a, own, { kind: 'text', body: { text: '文'.repeat(8000) } });
		await refused(send(a, own, { kind: 'text', body: { text: '文'.repeat(8001) } }), 'chat.bad_body');
		await refused(send(a, own, { kind: 'text', body: { text: '' } }), 'chat.bad_body');
	});
});

describe('client_id', () => {
	it('makes a repeat harmless: the first result and status', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const ear = await Ear.open(b);
		const first = await a.say(conversation, 'once', 'same');
		for (let i = 0; i < 3; i++) expect(await a.say(conversation, 'once', 'same')).toEqual(first);
		await ear.message('once');
		expect((await ear.untilNow()).filter(({ type }) => type === 'message')).toEqual([]);
		expect((await a.texts(conversation)).filter((t) => t === 'once')).toHaveLength(1);
		ear.close();
	});

	it('makes a race of repeats harmless', async () => {
		const a = await person(house.server);
		const own = await a.selfConversation();
		const all = await Promise.all(Array.from({ length: 20 }, () => a.say(own, 'raced', 'race')));
		expect(new Set(all.map(({ seq }) => seq)).size).toBe(1);
		expect((await a.texts(own)).filter((t) => t === 'raced')).toHaveLength(1);
	});

	it('may not be used for something else, but by others and elsewhere', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		await a.say(conversation, 'one', 'id');
		await refused(a.say(conversation, 'two', 'id'), 'chat.client_id_reused');
		await b.say(conversation, 'two', 'id');
		await a.say(await a.selfConversation(), 'two', 'id');
	});

	it('still answers after the message was recalled', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const { seq } = await a.say(conversation, 'oops', 'id');
		await a.call('messages.recall', { conversation_id: conversation, seq });
		expect(await a.say(conversation, 'oops', 'id')).toMatchObject({ seq });
		expect(await b.texts(conversation)).toEqual([]);
	});

	it.each([['empty', ''], ['too long', 'x'.repeat(65)], ['a space', 'a b'], ['a number', 7]])('is refused: %s', async (_, client_id) => {
		const a = await person(house.server);
		const sent = send(a, await a.selfConversation(), { client_id, kind: 'text', body: { text: 'x' } });
		await refused(sent, 'core.invalid_field');
	});
});

describe('kinds', () => {
	it('with media', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const image = await a.client.upload(png(30, 20), { mime: 'image/png' });
		const voice = await a.client.upload(wav(), { mime: 'audio/wav' });
		const video = await a.client.upload(mp4(), { mime: 'video/mp4' });
		const bodies = {
			image: { media_id: image.id, width: 30, height: 20 },
			voice: { media_id: voice.id, duration_ms: 1000 },
			video: { media_id: video.id, duration_ms: 5000, width: 640, height: 480 },
			file: { media_id: voice.id, name: '报告 1.wav', size: 8044 },
			sticker: { media_id: image.id },
			link: { url: 'https://example.org/a?b=c', title: '标题', summary: '', image: image.id },
		};
		for (const [kind, body] of Object.entries(bodies)) {
			const message = await send(a, conversation, { kind, body });
			expect(message).toMatchObject({ kind, body });
			expect((await history(b, conversation)).at(-1)).toEqual(message);
		}
		for (const { id } of [image, voice, video]) await b.client.download('media.get', id);
	});

	it('without media', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const bodies = {
			location: { latitude: 31.2304, longitude: -121.4737, title: '外滩', address: '上海市黄浦区' },
			card: { account_id: b.id, nickname: b.account.nickname, avatar: null },
			link: { url: 'http://example.org', title: '', summary: 's', image: null },
			history: {
				title: '聊天记录',
				items: [
					{ nickname: '小王', kind: 'text', body: { text: '你好' }, sent_at: 1 },
					{ nickname: '小李', kind: 'location', body: { latitude: 0, longitude: 0, title: '', address: '' }, sent_at: 2 },
				],
			},
		};
		for (const [kind, body] of Object.entries(bodies))
			expect(await send(a, conversation, { kind, body })).toMatchObject({ kind, body });
	});

	it.each([
		['another kind\'s body', 'text', { latitude: 1, longitude: 1, title: '', address: '' }],
		['a field too many', 'text', { text: 'x', bold: true }],
		['a number for a text', 'text', { text: 7 }],
		['a place outside the world', 'location', { latitude: 91, longitude: 0, title: '', address: '' }],
		['a card of nobody', 'card', { account_id: '999999', nickname: 'x', avatar: null }],
		['a link that is a script', 'link', { url: 'javascript:alert(1)', title: '', summary: '', image: null }],
		['an empty history', 'history', { title: 'x', items: [] }],
		['a history in a history', 'history', {
			title: 'x', items: [{ nickname: 'x', kind: 'history', body: { title: 'x', items: [] }, sent_at: 1 }],
		}],
	])('are refused: %s', async (_, kind, body) => {
		const a = await person(house.server);
		const error = await refused(send(a, await a.selfConversation(), { kind, body }), 'chat.bad_body');
		expect(error.problem.fields).toEqual(['body']);
	});

	it('notices and unknown kinds can\'t be sent', async () => {
		const a = await person(house.server);
		const own = await a.selfConversation();
		await refused(send(a, own, { kind: 'notice', body: { code: 'group.joined', params: {} } }), 'core.invalid_field');
		await refused(send(a, own, { kind: 'hologram', body: {} }), 'core.invalid_field');
		await refused(send(a, own, { kind: 'text', body: 'text' }), 'core.invalid_field');
		await refused(send(a, own, { kind: 'text' }), 'core.missing_field');
	});

	it('media must be of the kind and one\'s own to show', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const [mine, theirs] = [await a.client.upload(wav(), { mime: 'audio/wav' }), await b.client.upload(png(9, 9), { mime: 'image/png' })];
		const image = (id: string): object => ({ kind: 'image', body: { media_id: id, width: 9, height: 9 } });
		await refused(send(a, conversation, image(mine.id)), 'chat.bad_body');
		await refused(send(a, conversation, image(theirs.id)), 'media.not_yours');
		await refused(send(a, conversation, image('999999')), 'media.not_yours');
	});

	it('what one may see may be sent on', async () => {
		const [a, b, c] = await people(house.server, 3);
		const [first, second] = [await befriend(a, b), await befriend(b, c)];
		const { id } = await a.client.upload(png(9, 9, 3), { mime: 'image/png' });
		const image = { kind: 'image', body: { media_id: id, width: 9, height: 9 } };
		await send(a, first, image);
		await refused(c.client.download('media.get', id), 'media.no_media');
		await send(b, second, image);
		await c.client.download('media.get', id);
	});
});

describe('replies and mentions', () => {
	it('refer to messages and members', async () => {
		const [owner, a, b, outsider] = await people(house.server, 4);
		await befriend(owner, a);
		await befriend(owner, b);
		const id = await group(owner, [a, b]);
		const { seq } = await owner.say(id, 'who comes?');
		const reply = { kind: 'text', body: { text: 'me' }, reply_to: seq, mentions: [owner.id, b.id] };
		expect(await send(a, id, reply)).toMatchObject({ reply_to: seq, mentions: [owner.id, b.id] });
		expect(await send(owner, id, { ...reply, mentions: ['all'] })).toMatchObject({ mentions: ['all'] });
		await refused(send(a, id, { ...reply, reply_to: 999 }), 'chat.bad_reply');
		await refused(send(a, id, { ...reply, mentions: [outsider.id] }), 'chat.bad_mention');
		await refused(send(a, id, { ...reply, mentions: ['all'] }), 'chat.bad_mention');
		await refused(send(a, id, { ...reply, mentions: ['all', b.id] }), 'chat.bad_mention');
	});
});

describe('recall', () => {
	it('takes words and media away from everybody', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const media = await a.client.upload(png(8, 8, 5), { mime: 'image/png' });
		const body = { media_id: media.id, width: 8, height: 8 };
		const { seq } = await send(a, conversation, { kind: 'image', body });
		const ear = await Ear.open(b);
		const { message } = await a.call('messages.recall', { conversation_id: conversation, seq });
		expect(message).toMatchObject({ seq, kind: 'image', body: {} });
		expect(await ear.next('message_recalled')).toMatchObject({ conversation_id: conversation, seq, by: a.id });
		await refused(b.client.download('media.get', media.id), 'media.no_media');
		expect((await history(b, conversation)).at(-1)).toEqual(message);
		expect((await b.call('conversations.get', { conversation_id: conversation })).conversation.last_message).toEqual(message);
		expect((await a.call('messages.recall', { conversation_id: conversation, seq })).message).toEqual(message);
		ear.close();
	});

	it('is for the sender, for two minutes, and for three hours where it is a file', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const { id } = await a.client.upload(wav(), { mime: 'audio/wav' });
		const text = await a.say(conversation, 'text');
		const file = await send(a, conversation, { kind: 'file', body: { media_id: id, name: 'x.wav', size: 8044 } });
		const recall = (who: Person, { seq }: Message): Promise<unknown> =>
			who.call('messages.recall', { conversation_id: conversation, seq });
		await refused(recall(b, text), 'chat.not_allowed');
		house.server.clock.advance(2 * MINUTE_MS + 1000);
		await refused(recall(a, text), 'chat.recall_too_late');
		house.server.clock.advance(2 * HOUR_MS);
		await recall(a, file);
		// What was recalled is gone for its sender, too.
		const again = { kind: 'file', body: { media_id: id, name: 'x.wav', size: 8044 } };
		await refused(send(a, conversation, again), 'media.not_yours');
		const other = await a.client.upload(wav(), { mime: 'audio/wav' });
		const second = await send(a, conversation, { kind: 'file', body: { ...again.body, media_id: other.id } });
		house.server.clock.advance(3 * HOUR_MS + 1000);
		await refused(recall(a, second), 'chat.recall_too_late');
	});

	it('is for a group\'s owner and admins always', async () => {
		const [owner, admin, a] = await people(house.server, 3);
		await befriend(owner, admin);
		await befriend(owner, a);
		const id = await group(owner, [admin, a]);
		await owner.call('groups.update', { group_id: id, admins: [admin.id] });
		const [one, two] = [await a.say(id, 'one'), await a.say(id, 'two')];
		house.server.clock.advance(24 * HOUR_MS);
		await owner.call('messages.recall', { conversation_id: id, seq: one.seq });
		await admin.call('messages.recall', { conversation_id: id, seq: two.seq });
		const theirs = await owner.say(id, 'the owner\'s');
		await refused(a.call('messages.recall', { conversation_id: id, seq: theirs.seq }), 'chat.not_allowed');
	});

	it('is not for notices or what is not there', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation_id = await befriend(a, b);
		await refused(a.call('messages.recall', { conversation_id, seq: 1 }), 'chat.not_allowed');
		await refused(a.call('messages.recall', { conversation_id, seq: 999 }), 'chat.no_message');
	});
});

it('typing reaches those who are there now', async () => {
	const [a, b, c] = await people(house.server, 3);
	const conversation = await befriend(a, b);
	const ears = [await Ear.open(a), await Ear.open(b), await Ear.open(c)] as const;
	ears[0].stream.typing(conversation);
	expect(await ears[1].typed()).toEqual([conversation, a.id]);
	ears[2].stream.typing(conversation);
	await ears[2].untilNow();
	await ears[1].untilNow();
	expect(ears[1].typing).toHaveLength(1);
	await a.call('conversations.typing', { conversation_id: conversation });
	await refused(c.call('conversations.typing', { conversation_id: conversation }), 'chat.no_conversation');
	for (const ear of ears) ear.close();
});
