// SPDX-License-Identifier: Apache-2.0
// Journeys of people in real browsers (Debian's Chromium) against a real server each.
import { defineConfig } from '@playwright/test';

export default defineConfig({
	testDir: './journeys',
	testMatch: '*.spec.ts',
	outputDir: '../test-results',
	timeout: 90_000,
	expect: { timeout: 15_000 },
	workers: 1,
	retries: 0,
	use: {
		locale: 'zh-CN',
		timezoneId: 'Asia/Shanghai',
		viewport: { width: 1280, height: 800 },
		trace: 'retain-on-failure',
		launchOptions: { executablePath: '/usr/bin/chromium' },
	},
});
