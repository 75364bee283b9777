// SPDX-License-Identifier: Apache-2.0
import { defineConfig } from 'vite';
import { licences } from './build/licences.ts';
import { serviceWorker } from './build/service_worker.ts';

export default defineConfig({
	build: {
		target: ['chrome109', 'firefox115', 'safari16.4'],
		// The page's policy allows no inline data: every asset is a file.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		sourcemap: false,
		reportCompressedSize: false,
	},
	worker: { format: 'es' },
	plugins: [licences(), serviceWorker()],
	server: {
		host: '127.0.0.1',
		proxy: {
			'/api': { target: process.env.GUANXI_SERVER ?? 'http://127.0.0.1:8848', ws: true },
		},
	},
});
