// SPDX-License-Identifier: Apache-2.0
// The API file as the tests use it: which operation a request is, and whether an answer is as the
// file says.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { root } from './paths.ts';

interface Answer {
	content?: Record<string, { schema: object }>;
}
interface Operation {
	operationId: string;
	security?: object[];
	responses: Record<string, Answer>;
	'x-codes'?: string[];
	'x-refused-codes'?: string[];
}
interface Item extends Partial<Record<Method, Operation>> {
	servers?: { url: string }[];
}
type Method = (typeof methods)[number];
const methods = ['get', 'put', 'post', 'patch', 'delete'] as const;

export interface ApiFile {
	servers: { url: string }[];
	paths: Record<string, Item>;
	components: { schemas: Record<string, object> };
	'x-codes': Record<string, number>;
	'x-codes-unseen': Record<string, string>;
}

/** An operation with where it stands in the document. */
export interface Described {
	op: string;
	method: string;
	path: string;
	pointer: string;
	operation: Operation;
	matches: RegExp;
}

export const api = parse(readFileSync(`${root}api/openapi.yaml`, 'utf8')) as ApiFile;

const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
addFormats(ajv);
ajv.addSchema({ $id: 'api', ...api });

function escapePointer(part: string): string {
	return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function describe(path: string, item: Item, method: Method, operation: Operation): Described {
	const base = ((item.servers ?? api.servers)[0]?.url ?? '').replace(/\/$/, '');
	const pattern = (base + path).replace(/\{\w+\}/g, '[^/]+');
	return {
		op: operation.operationId,
		method: method.toUpperCase(),
		path: base + path,
		pointer: `api#/paths/${escapePointer(path)}/${method}/responses`,
		operation,
		matches: new RegExp(`^${pattern}$`),
	};
}

export const operations: Described[] = Object.entries(api.paths).flatMap(([path, item]) =>
	methods.flatMap((method) => {
		const operation = item[method];
		return operation ? [describe(path, item, method, operation)] : [];
	}),
);

export function operationOf(method: string, pathname: string): Described | undefined {
	const fitting = operations.filter((o) => o.method === method && o.matches.test(pathname));
	// "/sessions/current" goes before "/sessions/{device_id}".
	return fitting.find((o) => !o.path.includes('{')) ?? fitting[0];
}

export function operationNamed(op: string): Described | undefined {
	return operations.find((o) => o.op === op);
}

const validators = new Map<string, ValidateFunction>();

function validator(ref: string): ValidateFunction {
	const known = validators.get(ref);
	if (known) return known;
	const made = ajv.compile({ $ref: ref });
	validators.set(ref, made);
	return made;
}

/** Undefined, or what is wrong. */
export function faultBySchema(ref: string, value: unknown): string | undefined {
	const validate = validator(ref);
	if (validate(value)) return undefined;
	return `${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`;
}

/** Whether a success of this operation with this status may have this JSON. */
export function faultOfAnswer(described: Described, status: number, value: unknown): string | undefined {
	const answer = described.operation.responses[String(status)];
	if (!answer) return `${described.op} may not answer ${status}`;
	const type = Object.keys(answer.content ?? {})[0];
	if (type === undefined) return value === undefined ? undefined : `${described.op} answers without content`;
	if (type !== 'application/json') return undefined;
	return faultBySchema(`${described.pointer}/${status}/content/${escapePointer(type)}/schema`, value);
}

/** Whether this operation may refuse like that. */
export function faultOfProblem(described: Described | undefined, status: number, value: unknown): string | undefined {
	const fault = faultBySchema('api#/components/schemas/Problem', value);
	if (fault !== undefined) return fault;
	const problem = value as { code: string; status: number };
	if (problem.status !== status) return `status ${problem.status} in an answer with ${status}`;
	if (api['x-codes'][problem.code] !== status) return `the API file has no ${problem.code} with ${status}`;
	const isItsOwn = described?.operation['x-codes']?.includes(problem.code) ?? false;
	if (/^(core|edge)\./.test(problem.code) || isItsOwn) return undefined;
	return `${described?.op ?? 'nothing'} doesn't list ${problem.code}`;
}
