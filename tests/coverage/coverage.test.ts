// SPDX-License-Identifier: Apache-2.0
// Goal: nothing in the API file is untested. Method: after all other files have run, each
// operation's success and each error code, event and frame must have been seen at least once.
import { describe, expect, it } from 'vitest';
import { api, operations } from '../support/api.ts';
import { allSeen } from '../support/seen.ts';

const seen = allSeen();

function has(key: string, value: string): boolean {
	return seen.some((s) => (s as Record<string, unknown>)[key] === value);
}

describe('every operation was carried out', () => {
	it.each(operations.map((o) => o.op))('%s', (op) => {
		expect(has('op', op)).toBe(true);
	});
});

describe('every error code was seen', () => {
	const reachable = Object.keys(api['x-codes']).filter((code) => !(code in api['x-codes-unseen']));
	it.each(reachable)('%s', (code) => {
		expect(has('code', code)).toBe(true);
	});
});

it('codes said to be out of reach are out of reach', () => {
	for (const code of Object.keys(api['x-codes-unseen'])) expect(has('code', code), code).toBe(false);
});

describe('every event was seen', () => {
	const schemas = api.components.schemas as Record<string, { discriminator?: { mapping: object } }>;
	it.each(Object.keys(schemas.Event?.discriminator?.mapping ?? {}))('%s', (type) => {
		expect(has('event', type)).toBe(true);
	});
});

it.each(['event', 'reply', 'typing'])('frame %s was seen', (frame) => {
	expect(has('frame', frame)).toBe(true);
});
