// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: two people get from nothing to talking in pictures and in a group.
 * Method: each in a browser of its own; what one does is looked for on the other's screen.
 */
import { befriend, bubble, bubbles, expect, line, openChat, test, texts, write } from './house.ts';

/* A red square of 8 × 8. */
const PICTURE = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC',
	'base64',
);

test('sign up, add, accept, chat, picture, file, quote, recall', async ({ move }) => {
	const mei = await move('林美', 'linmei');
	const hao = await move('陈浩', 'chenhao');
	await befriend(hao, mei);

	await write(hao, '周末去爬山吗？');
	await expect(bubble(mei, '周末去爬山吗？')).toBeVisible();
	await write(mei, '好啊，几点？');
	await expect(bubble(hao, '好啊，几点？')).toBeVisible();
	expect(await texts(hao)).toEqual(['周末去爬山吗？', '好啊，几点？']);

	await test.step('a picture', async () => {
		const [chooser] = await Promise.all([
			hao.page.waitForEvent('filechooser'),
			(async () => {
				await hao.page.getByRole('button', { name: '发送图片或文件' }).click();
				await hao.page.getByRole('menuitem', { name: '图片和视频' }).click();
			})(),
		]);
		await chooser.setFiles({ name: 'red.png', mimeType: 'image/png', buffer: PICTURE });
		const picture = mei.page.locator('.body-picture img');
		await expect(picture).toBeVisible();
		await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
		await picture.click();
		await expect(mei.page.locator('.viewer img')).toBeVisible();
		await mei.page.keyboard.press('Escape');
		await expect(mei.page.locator('.viewer')).toHaveCount(0);
	});

	await test.step('a file', async () => {
		const [chooser] = await Promise.all([
			hao.page.waitForEvent('filechooser'),
			(async () => {
				await hao.page.getByRole('button', { name: '发送图片或文件' }).click();
				await hao.page.getByRole('menuitem', { name: '文件' }).click();
			})(),
		]);
		await chooser.setFiles({ name: '路线.txt', mimeType: 'text/plain', buffer: Buffer.from('北门，八点') });
		const file = mei.page.locator('.body-file');
		await expect(file).toContainText('路线.txt');
		const [download] = await Promise.all([mei.page.waitForEvent('download'), file.click()]);
		expect(download.suggestedFilename()).toBe('路线.txt');
	});

	await test.step('a quote, and the way back to what it quotes', async () => {
		await bubble(mei, '周末去爬山吗？').click({ button: 'right' });
		await mei.page.getByRole('menuitem', { name: '引用' }).click();
		await write(mei, '就这个周末');
		const quote = hao.page.locator('.quoted');
		await expect(quote).toContainText('周末去爬山吗？');
		await quote.click();
		await expect(hao.page.locator('.message.marked')).toContainText('周末去爬山吗？');
	});

	await test.step('a recall', async () => {
		await write(mei, '打错了');
		await bubble(hao, '打错了').waitFor();
		await bubble(mei, '打错了').click({ button: 'right' });
		await mei.page.getByRole('menuitem', { name: '撤回' }).click();
		await expect(line(hao, '林美撤回了一条消息')).toBeVisible();
		await expect(bubble(hao, '打错了')).toHaveCount(0);
		await mei.page.getByRole('button', { name: '重新编辑' }).click();
		await expect(mei.page.locator('.composer-input')).toHaveValue('打错了');
	});
});

test('unread counts, drafts and reading on both sides', async ({ move }) => {
	const mei = await move('林美', 'linmei');
	const hao = await move('陈浩', 'chenhao');
	await befriend(hao, mei);
	await openChat(mei, '文件传输');
	await write(hao, '在吗');
	await write(hao, '有事找你');
	const row = mei.page.locator('.row', { hasText: '陈浩' });
	await expect(row.locator('.badge')).toHaveText('2');
	await expect(row).toContainText('有事找你');
	await row.click();
	await expect(mei.page.getByText('以下是新消息')).toBeVisible();
	await expect(row.locator('.badge')).toHaveCount(0);

	await mei.page.locator('.composer-input').fill('写到一半');
	await mei.page.locator('.row', { hasText: '文件传输' }).click();
	await expect(row).toContainText('[草稿]');
	await mei.page.reload();
	await mei.page.locator('.row', { hasText: '陈浩' }).click();
	await expect(mei.page.locator('.composer-input')).toHaveValue('写到一半');
});

test('a group: create, mention, rename, leave', async ({ move }) => {
	const mei = await move('林美', 'linmei');
	const hao = await move('陈浩', 'chenhao');
	const fang = await move('王芳', 'wangfang');
	await befriend(hao, mei);
	await befriend(hao, fang);

	await hao.page.goto('/chat/new');
	await hao.page.getByLabel('群聊名称').fill('周末爬山');
	await hao.page.getByRole('checkbox', { name: '林美' }).click();
	await hao.page.getByRole('checkbox', { name: '王芳' }).click();
	await hao.page.getByRole('button', { name: '创建（2）' }).click();
	await hao.page.locator('.composer-input').waitFor();
	await expect(hao.page.locator('.bar-title', { hasText: '周末爬山（3）' })).toBeVisible();

	await openChat(mei, '周末爬山');
	await openChat(fang, '文件传输');
	await hao.page.locator('.composer-input').pressSequentially('@王');
	await hao.page.getByRole('option', { name: '王芳' }).click();
	await hao.page.locator('.composer-input').pressSequentially('来不来');
	await hao.page.locator('.composer-input').press('Enter');
	await expect(bubble(mei, '@王芳 来不来')).toBeVisible();
	await expect(mei.page.locator('.message-name', { hasText: '陈浩' })).toBeVisible();
	await expect(fang.page.locator('.row', { hasText: '周末爬山' })).toContainText('[有人@我]');

	await hao.page.getByRole('link', { name: '聊天信息' }).click();
	await hao.page.getByRole('button', { name: /^群聊名称/ }).click();
	await hao.page.getByRole('dialog').getByLabel('群聊名称').fill('龙井走走');
	await hao.page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
	await expect(line(mei, '陈浩将群名改为“龙井走走”')).toBeVisible();
	await expect(mei.page.locator('.row', { hasText: '龙井走走' })).toBeVisible();

	await mei.page.getByRole('link', { name: '聊天信息' }).click();
	await mei.page.getByRole('button', { name: '退出群聊' }).click();
	await mei.page.getByRole('dialog').getByRole('button', { name: '退出群聊' }).click();
	await hao.page.getByRole('button', { name: '返回' }).click();
	await expect(line(hao, '林美退出了群聊')).toBeVisible();
	await write(hao, '还有两个人');
	await openChat(fang, '龙井走走');
	await expect(bubble(fang, '还有两个人')).toBeVisible();
	expect(await bubbles(fang).count()).toBe(2);
});
