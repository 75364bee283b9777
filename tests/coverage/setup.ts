// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { seenFolder } from '../support/seen.ts';

/** Forgets what earlier runs have seen. */
export default function setup(): void {
	rmSync(seenFolder, { recursive: true, force: true });
}
