// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: nothing is lost and nothing doubled when the server is killed while people write, and what
 * was known is there at once without it. Method: kill -9 between keystrokes; compare both screens.
 */
import { befriend, bubble, expect, expectFault, openChat, test, texts, write } from './house.ts';

test.beforeEach(() => {
	// The browser itself reports each connection that the dead server refuses.
	expectFault(/ERR_CONNECTION|WebSocket|Failed to load resource|ERR_INCOMPLETE|ERR_EMPTY/);
});

test('the server is killed during sending: nothing lost, nothing doubled, in order', async ({ move, server }) => {
	const mei = await move('林美', 'linmei');
	const hao = await move('陈浩', 'chenhao');
	await befriend(hao, mei);
	const wanted: string[] = [];
	const say = async (count: number) => {
		for (let index = 0; index < count; index++) {
			const text = `第 ${wanted.length + 1} 句`;
			wanted.push(text);
			await write(hao, text);
		}
	};
	await say(5);
	await server.kill();
	await say(5);
	expect(await texts(hao)).toEqual(wanted);
	await server.begin();
	await say(3);
	await expect.poll(() => texts(mei), { timeout: 40_000 }).toEqual(wanted);
	await expect(hao.page.locator('.message-sending, .message-failed')).toHaveCount(0);
	expect(await texts(hao)).toEqual(wanted);

	server.expectLog(/supervisor\.child_died/);
	server.killCore();
	await say(4);
	await expect.poll(() => texts(mei), { timeout: 40_000 }).toEqual(wanted);

	// What the screens show is what the server has.
	await openChat(mei, '陈浩');
	expect(await texts(mei)).toEqual(wanted);
});

test('what waits survives a reload of the page and goes out later', async ({ move, server }) => {
	const mei = await move('林美', 'linmei');
	const hao = await move('陈浩', 'chenhao');
	await befriend(hao, mei);
	await write(hao, '之前');
	await expect(bubble(mei, '之前')).toBeVisible();
	await hao.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await server.kill();
	await write(hao, '断网时写的');
	await expect(bubble(hao, '断网时写的')).toBeVisible();

	await hao.page.reload();
	await expect(bubble(hao, '之前')).toBeVisible();
	await expect(bubble(hao, '断网时写的')).toBeVisible();
	await expect(hao.page.locator('.row', { hasText: '林美' })).toBeVisible();

	await server.begin();
	await expect(bubble(mei, '断网时写的')).toBeVisible({ timeout: 40_000 });
	await expect.poll(() => texts(mei)).toEqual(['之前', '断网时写的']);
	await expect.poll(() => texts(hao)).toEqual(['之前', '断网时写的']);
});

test('a reload shows the chats before the server answers', async ({ move }) => {
	const mei = await move('林美', 'linmei');
	const hao = await move('陈浩', 'chenhao');
	await befriend(hao, mei);
	await write(hao, '留给你看的');
	await expect(bubble(mei, '留给你看的')).toBeVisible();
	await mei.page.route('**/api/**', () => undefined); // never answers
	await mei.page.reload();
	await expect(mei.page.locator('.row', { hasText: '陈浩' })).toContainText('留给你看的');
	await expect(bubble(mei, '留给你看的')).toBeVisible();
});
