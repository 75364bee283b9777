// SPDX-License-Identifier: Apache-2.0
// look.mjs - pictures of the client's main pages, for people to look at.
//
// usage: node journeys/look.mjs URL FOLDER [WORD…]
//
// URL is a server that was filled by `./run --demo`. Each page is taken at 375 and 1440 px, light and
// dark; with WORDs only pages whose names contain one of them.
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';

const [url = 'http://127.0.0.1:8848', folder = '/tmp/guanxi-look', ...words] = process.argv.slice(2);
const people = { owner: 'linmei', password: 'guanxi-demo' };
const sizes = [
	{ name: '375', viewport: { width: 375, height: 760 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
	{ name: '1440', viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1 },
];
const schemes = ['light', 'dark'];

const settle = (page) => page.waitForTimeout(700);
const openChat = (name) => async (page) => {
	await page.goto(`${url}/chat`);
	await page.locator('.row', { hasText: name }).first().click();
	await page.locator('.timeline').waitFor();
};

// Name, whether signed in, and how to get there.
const pages = [
	['sign-in', false, (page) => page.goto(`${url}/sign-in`)],
	['sign-up', false, (page) => page.goto(`${url}/sign-up`)],
	['reset', false, (page) => page.goto(`${url}/reset`)],
	['chats', true, (page) => page.goto(`${url}/chat`)],
	['chat-direct', true, openChat('陈浩')],
	['chat-group', true, async (page) => {
		await page.goto(`${url}/contacts/groups`);
		await page.locator('.cell[href^="/chat/"]').first().click();
		await page.locator('.timeline').waitFor();
	}],
	['chat-self', true, openChat('文件传输')],
	['chat-menu', true, async (page) => {
		await openChat('陈浩')(page);
		await page.locator('.bubble').last().click({ button: 'right' });
	}],
	['chat-emoji', true, async (page) => {
		await openChat('陈浩')(page);
		await page.locator('.composer-button').first().click();
		await page.locator('.composer-input').fill('周末去爬山吗？\n早上八点在校门口见，记得带水和帽子。');
	}],
	['group-info', true, async (page) => {
		await page.goto(`${url}/contacts/groups`);
		await page.locator('.cell[href^="/chat/"]').first().click();
		await page.locator('a[href$="/info"]').click();
	}],
	['new-group', true, async (page) => {
		await page.goto(`${url}/chat/new`);
		await page.locator('.picker-row').nth(1).click();
	}],
	['contacts', true, (page) => page.goto(`${url}/contacts`)],
	['requests', true, (page) => page.goto(`${url}/contacts/new`)],
	['add-friend', true, async (page) => {
		await page.goto(`${url}/contacts/add`);
		await page.locator('.find-form input').fill('emma_w');
		await page.locator('.find-form .button').click();
	}],
	['profile', true, async (page) => {
		await page.goto(`${url}/contacts`);
		await page.locator('.contact-row', { hasText: '陈浩' }).first().click();
	}],
	['me', true, (page) => page.goto(`${url}/me`)],
	['my-profile', true, (page) => page.goto(`${url}/me/profile`)],
	['security', true, (page) => page.goto(`${url}/me/security`)],
	['devices', true, (page) => page.goto(`${url}/me/devices`)],
	['settings', true, (page) => page.goto(`${url}/me/settings`)],
	['welcome', true, (page) => page.goto(`${url}/welcome`)],
	['operator', true, (page) => page.goto(`${url}/operator`)],
	['operator-accounts', true, (page) => page.goto(`${url}/operator/accounts`)],
	['operator-reports', true, (page) => page.goto(`${url}/operator/reports`)],
	['discover', true, (page) => page.goto(`${url}/discover`)],
];

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
for (const { name: size, ...shape } of sizes) {
	const context = await browser.newContext({ ...shape, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' });
	const page = await context.newPage();
	let isSignedIn = false;
	for (const [name, needsSession, open] of pages) {
		if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
		if (needsSession && !isSignedIn) {
			await page.goto(`${url}/sign-in`);
			await page.locator('input').nth(0).fill(people.owner);
			await page.locator('input').nth(1).fill(people.password);
			await page.locator('button[type=submit]').click();
			await page.locator('.rows .row').first().waitFor();
			isSignedIn = true;
		}
		for (const colorScheme of schemes) {
			await page.emulateMedia({ colorScheme });
			try {
				await open(page);
				await settle(page);
			} catch (error) {
				process.stderr.write(`${name} at ${size}: ${String(error).split('\n')[0]}\n`);
			}
			await page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png` });
		}
	}
	await context.close();
}
await browser.close();
