// SPDX-License-Identifier: Apache-2.0
// Compares the API file with what the server says of itself, both ways: `--print-routes` gives
// "METHOD PATH op" lines, `--print-codes` "code status" lines. GUANXI_BINARY names the binary.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const binary = process.env.GUANXI_BINARY ?? 'build/guanxi';
const api = parse(readFileSync(new URL('../../api/openapi.yaml', import.meta.url), 'utf8'));

function printed(flag) {
	const text = execFileSync(binary, [flag], { encoding: 'utf8' });
	return text.split('\n').filter((line) => line !== '');
}

function routesOfFile() {
	const lines = [];
	for (const [path, item] of Object.entries(api.paths)) {
		const base = (item.servers ?? api.servers)[0].url.replace(/\/$/, '');
		for (const method of ['get', 'put', 'post', 'patch', 'delete'])
			if (item[method]) lines.push(`${method.toUpperCase()} ${base}${path} ${item[method].operationId}`);
	}
	return lines;
}

/** Every code that an operation names must stand in the document's table. */
function codesOfOperations() {
	const operations = Object.values(api.paths).flatMap((item) => Object.values(item));
	return operations.flatMap((operation) => [...(operation['x-codes'] ?? []), ...(operation['x-refused-codes'] ?? [])]);
}

let faults = 0;

function complain(text) {
	process.stderr.write(`${text}\n`);
	faults += 1;
}

function compare(what, ofFile, ofServer) {
	for (const line of ofFile.filter((l) => !ofServer.includes(l))) complain(`${what} only in the API file: ${line}`);
	for (const line of ofServer.filter((l) => !ofFile.includes(l))) complain(`${what} only in the server: ${line}`);
}

compare('route', routesOfFile(), printed('--print-routes'));
compare('code', Object.entries(api['x-codes']).map(([code, status]) => `${code} ${status}`), printed('--print-codes'));

const named = new Set(codesOfOperations());
for (const code of named) if (!(code in api['x-codes'])) complain(`an operation names an unknown code: ${code}`);
for (const code of Object.keys(api['x-codes']))
	if (!/^(core|edge)\./.test(code) && !named.has(code)) complain(`no operation names the code ${code}`);
for (const code of Object.keys(api['x-codes-unseen']))
	if (!(code in api['x-codes'])) complain(`x-codes-unseen names an unknown code: ${code}`);

process.exitCode = faults === 0 ? 0 : 1;
