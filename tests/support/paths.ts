// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** GUANXI_BINARY, or what is built. */
export function findBinary(): string {
	const named = process.env.GUANXI_BINARY;
	if (named !== undefined) return named;
	const built = [`${root}build/asan/guanxi`, `${root}build/guanxi`].find((path) => existsSync(path));
	if (built === undefined) throw new Error('no build/guanxi: build it, or name one with GUANXI_BINARY');
	return built;
}
