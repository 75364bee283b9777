// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect } from 'vitest';
import { takeFaults } from './checked.ts';
import { Server, type ServerOptions } from './server.ts';

/**
 * A server for all tests of a file (or of a describe block). At the end it must stop cleanly, must
 * have logged no error, and no answer may have differed from the API file.
 */
export function useServer(options: ServerOptions = {}): { readonly server: Server } {
	const house: { server?: Server } = {};
	beforeAll(async () => {
		house.server = await Server.start(options);
	});
	afterAll(async () => {
		await house.server?.stop();
		const faults = [...(house.server?.takeFaults() ?? []), ...takeFaults()];
		house.server?.remove();
		expect(faults).toEqual([]);
	});
	return house as { readonly server: Server };
}
