// SPDX-License-Identifier: Apache-2.0
// What journeys share: a server of their own, and people in browsers of their own.
//
// Each person is a browser context, so that two have nothing in common but the server. Whatever the
// page logs as an error, or asks of another origin, fails the journey at its end.
import { expect, test as base, type Browser, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { Server } from '../support/server.ts';

export interface Person {
	readonly nickname: string;
	readonly username: string;
	readonly context: BrowserContext;
	readonly page: Page;
}

export const PASSWORD = 'correct horse 7';

/** A fault that the journey brings about on purpose. */
export function expectFault(pattern: RegExp): void {
	test.info().annotations.push({ type: 'expected fault', description: pattern.source });
}

interface House {
	server: Server;
	/** Opens a browser for someone who is not signed in. */
	visit: (nickname: string, username: string) => Promise<Person>;
	/** Opens a browser and signs up. */
	move: (nickname: string, username: string) => Promise<Person>;
}

async function open(browser: Browser, url: string, faults: string[]): Promise<{ context: BrowserContext; page: Page }> {
	const context = await browser.newContext({ baseURL: url });
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const page = await context.newPage();
	page.on('pageerror', (error) => faults.push(`page: ${error.message}`));
	page.on('console', (message) => {
		if (message.type() === 'error') faults.push(`console: ${message.text()} ${message.location().url}`);
	});
	page.on('request', (request) => {
		const { origin, protocol } = new URL(request.url());
		if (protocol.startsWith('http') && origin !== url) faults.push(`request to ${request.url()}`);
	});
	return { context, page };
}

export async function signUp(page: Page, nickname: string, username: string): Promise<void> {
	await page.getByLabel('昵称').fill(nickname);
	await page.getByLabel('用户名').fill(username);
	await page.getByLabel('密码', { exact: true }).fill(PASSWORD);
	await page.locator('button[type=submit]').click();
}

export const test = base.extend<House>({
	// Playwright reads the names of the first parameter.
	 
	server: async ({}, use) => {
		const server = await Server.start({ workers: 1 });
		await use(server);
		await server.stop();
		const faults = server.takeFaults();
		server.remove();
		expect(faults).toEqual([]);
	},
	visit: async ({ browser, server }, use, info) => {
		const faults: string[] = [];
		const opened: BrowserContext[] = [];
		await use(async (nickname, username) => {
			const { context, page } = await open(browser, server.url, faults);
			opened.push(context);
			return { nickname, username, context, page };
		});
		for (const context of opened) await context.close();
		const allowed = info.annotations.filter(({ type }) => type === 'expected fault').map(({ description }) => new RegExp(description ?? ''));
		expect(faults.filter((fault) => !allowed.some((pattern) => pattern.test(fault)))).toEqual([]);
	},
	move: async ({ visit }, use) => {
		await use(async (nickname, username) => {
			const person = await visit(nickname, username);
			await person.page.goto('/sign-up');
			await signUp(person.page, nickname, username);
			// The first one is the owner, and is told how others join.
			const start = person.page.getByRole('button', { name: '开始使用' });
			await start.or(person.page.locator('.shell')).first().waitFor();
			if (await start.isVisible()) await start.click();
			await person.page.locator('.rows .row').first().waitFor();
			return person;
		});
	},
});

/** The first asks, the other accepts; both end in their chat with each other. */
export async function befriend(asker: Person, other: Person): Promise<void> {
	await asker.page.goto('/contacts/add');
	await asker.page.getByLabel('输入对方完整的用户名').fill(other.username);
	await asker.page.getByRole('button', { name: '查找' }).click();
	await asker.page.getByRole('button', { name: '添加到通讯录' }).click();
	await asker.page.getByLabel('打个招呼').fill(`我是${asker.nickname}，上次在图书馆见过`);
	await asker.page.getByRole('button', { name: '发送', exact: true }).click();
	await asker.page.getByText('申请已发送').waitFor();

	await other.page.goto('/contacts/new');
	await expect(other.page.getByText('上次在图书馆见过')).toBeVisible();
	await other.page.getByRole('button', { name: '接受' }).click();
	await other.page.locator('.composer-input').waitFor();

	await openChat(asker, other.nickname);
}

export async function openChat({ page }: Person, title: string): Promise<void> {
	await page.goto('/chat');
	await page.locator('.row', { hasText: title }).first().click();
	await page.locator('.composer-input').waitFor();
}

export async function write({ page }: Person, text: string): Promise<void> {
	await page.locator('.composer-input').fill(text);
	await page.locator('.composer-input').press('Enter');
}

export function bubbles({ page }: Person): Locator {
	return page.locator('.message .bubble');
}

export function bubble(person: Person, text: string): Locator {
	return bubbles(person).filter({ hasText: text });
}

/** A line of the system in the open chat. */
export function line({ page }: Person, text: string): Locator {
	return page.locator('.system-line', { hasText: text });
}

/** Texts of all messages on screen, in order. */
export async function texts(person: Person): Promise<string[]> {
	return bubbles(person).allInnerTexts();
}

export { expect };
