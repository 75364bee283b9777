// SPDX-License-Identifier: Apache-2.0
/*
 * service_worker.ts - builds sw.ts into /sw.js after the client, with the list of the client's files
 * and a name that changes with them.
 */
import { createHash } from 'node:crypto';
import { build, type Plugin } from 'vite';

export function serviceWorker(): Plugin {
	return {
		name: 'guanxi-service-worker',
		apply: 'build',
		async writeBundle(options, bundle) {
			const files = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
			const list = ['/favicon.svg', '/manifest.webmanifest', ...files.map((name) => `/${name}`)].sort();
			await build({
				configFile: false,
				logLevel: 'warn',
				publicDir: false,
				define: {
					__FILES__: JSON.stringify(list),
					__BUILD__: JSON.stringify(createHash('sha256').update(list.join('\n')).digest('hex').slice(0, 12)),
				},
				build: {
					outDir: options.dir ?? 'dist',
					emptyOutDir: false,
					lib: { entry: 'src/sw.ts', formats: ['es'], fileName: () => 'sw.js' },
				},
			});
		},
	};
}
