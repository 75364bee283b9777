// SPDX-License-Identifier: Apache-2.0
/*
 * licences.ts - writes dist/licences.txt: every package of which code ended up in the client, with
 * its licence text. A package without one stops the build.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

interface PackageJson {
	name: string;
	version: string;
	license?: string;
}

function packageFolder(moduleId: string): string | null {
	const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(moduleId);
	return match?.[1] ?? null;
}

function describe(folder: string): string {
	const json = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;
	const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
	if (!file || !json.license) throw new Error(`${json.name} has no licence file`);
	const text = readFileSync(join(folder, file), 'utf8').trim();
	return `${json.name} ${json.version} (${json.license})\n\n${text}\n`;
}

export function licences(): Plugin {
	return {
		name: 'guanxi-licences',
		apply: 'build',
		generateBundle(_options, bundle) {
			const folders = new Set<string>();
			for (const chunk of Object.values(bundle)) {
				if (chunk.type !== 'chunk') continue;
				for (const id of chunk.moduleIds) {
					const folder = packageFolder(id.replaceAll('\0', ''));
					if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder);
				}
			}
			const rule = `\n${'-'.repeat(72)}\n\n`;
			this.emitFile({
				type: 'asset',
				fileName: 'licences.txt',
				source: [...folders].sort().map(describe).join(rule),
			});
		},
	};
}
