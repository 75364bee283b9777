// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: last lines and notices in the reader's words: remarks before nicknames, "you" for oneself, a
 * neutral line for what a newer server says.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { account, conversation, message, signedIn } from '../../model/fixtures.ts';
import { toChat } from '../../model/reduce_chat.ts';
import type { State } from '../../model/state.ts';
import { setLanguage } from '../../text/text.ts';
import { noticeText } from './notice.ts';
import { lastLine } from './preview.ts';

const group = toChat(conversation({ kind: 'group', name: '同学' }));
const state: State = {
	...signedIn,
	accounts: { ...signedIn.accounts, '2': account('2', '小明'), '3': account('3', '丽丽') },
	ties: { '2': { account_id: '2', remark: '班长', tags: [], starred: false, source: { kind: 'username' }, since_at: 0 } },
	chats: { '9': group },
};
const person = (id: string, nickname: string) => ({ account_id: id, nickname });

function notice(code: string, params: Record<string, unknown>, sender = '2'): string {
	return noticeText(state, message(1, { kind: 'notice', sender_id: sender, body: { code, params } }));
}

beforeEach(() => setLanguage('zh-CN', false));

describe('notices', () => {
	test.each<[string, Record<string, unknown>, string]>([
		['group.created', { by: person('2', '小明'), members: [person('1', 'me'), person('3', '丽丽')], count: 2 }, '班长邀请你、丽丽加入了群聊'],
		['group.joined', { by: person('2', '小明'), members: [person('8', '陌生人')], count: 1 }, '班长邀请陌生人加入了群聊'],
		['group.joined', { by: person('2', '小明'), members: [person('2', '小明')], count: 1 }, '班长加入了群聊'],
		['group.joined', { by: person('2', '小明'), members: [person('3', '丽丽')], count: 5 }, '班长邀请丽丽等，另有 4 人加入了群聊'],
		['group.renamed', { by: person('2', '小明'), name: '新名字' }, '班长将群名改为“新名字”'],
		['group.renamed', { by: person('2', '小明'), name: '' }, '班长取消了群名'],
		['group.left', { by: person('3', '丽丽') }, '丽丽退出了群聊'],
		['group.admins_changed', { by: person('2', '小明'), members: [] }, '群管理员有变动'],
		['group.something_new', { by: person('2', '小明') }, '系统消息'],
	])('%s', (code, params, text) => {
		expect(notice(code, params)).toBe(text);
	});

	test('damaged params do no harm', () => {
		expect(notice('group.created', { members: 'x', count: null })).toBe('班长发起了群聊');
	});
});

describe('lastLine', () => {
	const line = (change: Parameters<typeof message>[1]) => lastLine(state, { ...group, last_message: message(1, change) });

	test.each<[string, Parameters<typeof message>[1], string]>([
		['a text in a group has a name', {}, '班长：m1'],
		['one’s own has none', { sender_id: '1' }, 'm1'],
		['a picture is named', { kind: 'image', body: {} }, '班长：[图片]'],
		['a recalled one says so', { recalled_at: 5, body: {} }, '班长撤回了一条消息'],
		['recalled by an admin', { recalled_at: 5, body: {}, recalled_by: '3' }, '丽丽撤回了一条成员消息'],
		['what is not known yet', { kind: 'hologram', body: {} }, '班长：[暂不支持的消息]'],
	])('%s', (_name, change, text) => {
		expect(line(change)).toBe(text);
	});
});
