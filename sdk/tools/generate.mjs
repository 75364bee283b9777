// SPDX-License-Identifier: Apache-2.0
// Makes src/api.gen.ts (types) and src/ops.gen.ts (operation → method and path) from the API file.
// With --check it writes nothing and fails when one of them is not current.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const head = '// SPDX-License-Identifier: Apache-2.0\n// Generated from api/openapi.yaml by sdk/tools/generate.mjs. Do not edit.\n';
const apiFile = new URL('../../api/openapi.yaml', import.meta.url);
const methods = ['get', 'put', 'post', 'patch', 'delete'];

function operationKind(operation) {
	if (operation.responses['101']) return 'stream';
	const input = operation.requestBody?.content ?? {};
	if (Object.keys(input).some((type) => type !== 'application/json')) return 'upload';
	const answers = Object.values(operation.responses).flatMap((r) => Object.keys(r.content ?? {}));
	return answers.some((type) => !type.endsWith('json')) ? 'bytes' : 'json';
}

function parameters(api, item, operation) {
	const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
	return all.map((p) => (p.$ref ? api.components.parameters[p.$ref.split('/').at(-1)] : p));
}

function operationLine(api, path, item, method) {
	const operation = item[method];
	const base = (item.servers ?? api.servers)[0].url.replace(/\/$/, '');
	const query = parameters(api, item, operation)
		.filter((p) => p.in === 'query')
		.map((p) => `'${p.name}'`);
	return (
		`\t'${operation.operationId}': { method: '${method.toUpperCase()}', path: '${base}${path}', ` +
		`query: [${query.join(', ')}], kind: '${operationKind(operation)}', ` +
		`isPublic: ${Array.isArray(operation.security) && operation.security.length === 0} },`
	);
}

function operationsTable(api) {
	const lines = [];
	for (const [path, item] of Object.entries(api.paths))
		for (const method of methods)
			if (item[method]) lines.push(operationLine(api, path, item, method));
	lines.sort();
	return `${head}\nexport const OPS = {\n${lines.join('\n')}\n} as const;\n`;
}

const types = astToString(await openapiTS(apiFile, { defaultNonNullable: false, alphabetize: true }));
const outputs = {
	'../src/api.gen.ts': `${head}\n${types}`,
	'../src/ops.gen.ts': operationsTable(parse(readFileSync(apiFile, 'utf8'))),
};

for (const [name, text] of Object.entries(outputs)) {
	const path = fileURLToPath(new URL(name, import.meta.url));
	if (!process.argv.includes('--check')) {
		writeFileSync(path, text);
	} else if (readFileSync(path, 'utf8') !== text) {
		process.stderr.write(`${path} is not current: run "npm run api:generate"\n`);
		process.exitCode = 1;
	}
}
