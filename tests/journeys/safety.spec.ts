// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the rules that the page comes with hold in a browser and leave the client whole; over TLS
 * the client works as without.
 */
import { Certificates, overTls } from '../tls/kit.ts';
import { Server } from '../support/server.ts';
import { bubble, expect, expectFault, openChat, test, write } from './house.ts';

test('no script but our own runs, and the service worker does', async ({ move }) => {
	const mei = await move('林美', 'linmei');
	await mei.page.evaluate(async () => (await navigator.serviceWorker.ready).active?.scriptURL);
	expectFault(/Content Security Policy/);
	const tried = await mei.page.evaluate(async () => {
		const refused: string[] = [];
		document.addEventListener('securitypolicyviolation', (e) => refused.push(e.effectiveDirective));
		const inline = document.createElement('script');
		inline.textContent = 'window.hasRun = true';
		document.body.append(inline);
		const frame = document.createElement('iframe');
		frame.src = '/';
		document.body.append(frame);
		const base = document.createElement('base');
		base.href = 'https://example.org/';
		document.head.append(base);
		const button = document.createElement('button');
		button.setAttribute('onclick', 'window.hasRun = true');
		document.body.append(button);
		button.click();
		await fetch('https://example.org/').catch(() => undefined);
		while (!refused.includes('connect-src')) await new Promise((resolve) => setTimeout(resolve, 10));
		return { refused: [...new Set(refused)].sort(), hasRun: 'hasRun' in window };
	});
	expect(tried).toEqual({ refused: ['base-uri', 'connect-src', 'frame-src', 'script-src-attr', 'script-src-elem'], hasRun: false });
});

const certificates = new Certificates();

const secureTest = test.extend({
	server: async ({}, use) => {
		const server = await Server.start(certificates.serverOptions);
		await use(overTls(server));
		await server.stop();
		const faults = server.takeFaults();
		server.remove();
		expect(faults).toEqual([]);
	},
});

secureTest.use({ ignoreHTTPSErrors: true });

secureTest('the same over TLS', async ({ move }) => {
	// A worker's script wants a certificate that the browser itself trusts.
	expectFault(/SSL certificate error|serviceWorker/i);
	const mei = await move('林美', 'linmei');
	expect(new URL(mei.page.url()).protocol).toBe('https:');
	await openChat(mei, '文件传输');
	await write(mei, '你好');
	await expect(bubble(mei, '你好')).toBeVisible();
	expect(await mei.page.evaluate(() => window.isSecureContext)).toBe(true);
	const { cookies } = await mei.context.storageState();
	expect(cookies.map(({ name, secure, httpOnly }) => ({ name, secure, httpOnly }))).toEqual([{ name: 'gx_media', secure: true, httpOnly: true }]);
});
