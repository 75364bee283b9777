// SPDX-License-Identifier: Apache-2.0
// Black-box tests: each file starts its own server. GUANXI_BINARY names the binary.
// What was seen is checked last, and only when everything ran: `coverage` is a group of its own.
import { defineConfig } from 'vitest/config';

const shared = { testTimeout: 30_000, hookTimeout: 60_000, pool: 'forks' } as const;

export default defineConfig({
	test: {
		maxWorkers: 2,
		globalSetup: './coverage/setup.ts',
		projects: [
			{
				test: {
					...shared,
					name: 'rooms',
					include: ['*/**/*.test.ts'],
					exclude: ['coverage/**', 'faults/**', 'journeys/**', 'node_modules/**'],
					sequence: { groupOrder: 0 },
				},
			},
			{
				test: {
					...shared,
					name: 'coverage',
					include: ['coverage/**/*.test.ts'],
					sequence: { groupOrder: 1 },
				},
			},
		],
	},
});
