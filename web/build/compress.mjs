// SPDX-License-Identifier: Apache-2.0
// Puts a .br and a .gz beside each text file of dist/, so that the server only has to send them.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const kinds = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest']);
const worthwhileBytes = 512;
let scriptBytes = 0;

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
	if (!entry.isFile() || !kinds.has(extname(entry.name))) continue;
	const path = join(entry.parentPath, entry.name);
	const bytes = readFileSync(path);
	if (bytes.length < worthwhileBytes) continue;
	const brotli = brotliCompressSync(bytes, {
		params: {
			[constants.BROTLI_PARAM_QUALITY]: 11,
			[constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
		},
	});
	writeFileSync(`${path}.br`, brotli);
	writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
	if (/\.(js|css)$/.test(entry.name)) scriptBytes += brotli.length;
}
process.stdout.write(`scripts and styles: ${(scriptBytes / 1000).toFixed(1)} kB in Brotli\n`);
