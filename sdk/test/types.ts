// SPDX-License-Identifier: Apache-2.0
// Goal: inputs and outputs are derived from the API file. Method: it compiles, or doesn't where
// it says so; never run.
import type { Client } from '../src/index.ts';

export async function check(client: Client): Promise<void> {
	const cursor: string = (await client.call('sync.get')).cursor;
	// @ts-expect-error account_id is required
	await client.call('accounts.get');
	// @ts-expect-error there is no such field
	await client.call('accounts.get', { account_id: cursor, other: 1 });
	// @ts-expect-error bytes don't come as JSON
	await client.call('media.get', { media_id: '1' });
	const image = { media_id: '1', width: 1, height: 2 };
	const head = { conversation_id: '1', client_id: 'a' };
	const { message } = await client.call('messages.send', { ...head, kind: 'image', body: image });
	// @ts-expect-error a text has no picture
	await client.call('messages.send', { ...head, kind: 'text', body: image });
	// @ts-expect-error only the server makes notices
	await client.call('messages.send', { ...head, kind: 'notice', body: { code: 'a.b', params: {} } });
	if (!('recalled_at' in message) && message.kind === 'text') message.body.text satisfies string;
	const nothing: undefined = await client.call('sessions.delete_current');
	return nothing;
}
