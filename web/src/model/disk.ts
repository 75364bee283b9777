// SPDX-License-Identifier: Apache-2.0
/*
 * disk.ts - the local copy in IndexedDB.
 *
 * Writes of one step go into one transaction, steps in their order. Where IndexedDB is missing or
 * refuses (private windows, full disk) the client works on without a copy.
 */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction } from 'idb';
import type { Message } from '../api/types.ts';
import { scalars, slices, type Slice, type Write } from './persist.ts';
import type { State } from './state.ts';

type Schema = DBSchema & Record<Slice, { key: string; value: unknown }> & {
	scalars: { key: string; value: unknown };
	messages: { key: [string, number]; value: Message };
	files: { key: string; value: Blob };
};

type StoreName = Slice | 'scalars' | 'messages' | 'files';

const NAME = 'guanxi';
const VERSION = 1;
const storeNames: readonly StoreName[] = [...slices, 'scalars', 'messages', 'files'];

async function carryOut(tx: IDBPTransaction<Schema, StoreName[], 'readwrite'>, write: Write): Promise<unknown> {
	const messages = tx.objectStore('messages');
	switch (write.kind) {
		case 'put':
			return tx.objectStore(write.slice).put(write.value, write.key);
		case 'delete':
			return tx.objectStore(write.slice).delete(write.key);
		case 'scalar':
			return tx.objectStore('scalars').put(write.value, write.key);
		case 'message':
			return messages.put(write.message, [write.message.conversation_id, write.message.seq]);
		case 'message.change': {
			const key: [string, number] = [write.conversation_id, write.seq];
			const known = await messages.get(key);
			return known ? messages.put(write.change(known), key) : undefined;
		}
		case 'message.delete':
			return messages.delete([write.conversation_id, write.seq]);
		case 'messages.delete':
			return write.conversation_id === null ? messages.clear() : messages.delete(wholeConversation(write.conversation_id));
		case 'file.delete':
			return tx.objectStore('files').delete(write.key);
		case 'wipe':
			return Promise.all(storeNames.map((name) => tx.objectStore(name).clear()));
	}
}

function wholeConversation(id: string): IDBKeyRange {
	return IDBKeyRange.bound([id, 0], [id, Infinity]);
}

export class Disk {
	private db: IDBPDatabase<Schema> | null = null;
	private queue: Promise<void> = Promise.resolve();

	async open(): Promise<void> {
		try {
			this.db = await openDB<Schema>(NAME, VERSION, {
				upgrade(db) {
					for (const name of storeNames) db.createObjectStore(name);
				},
				blocking: (_now, _blocked, event) => (event.target as IDBDatabase).close(),
			});
		} catch {
			this.db = null;
		}
	}

	/* What was known when the client was last open; messages are read later, page by page. */
	async load(): Promise<Partial<State>> {
		const { db } = this;
		if (!db) return {};
		try {
			const tx = db.transaction(storeNames);
			const loaded: Record<string, unknown> = {};
			const reads = slices.map(async (slice) => {
				const store = tx.objectStore(slice);
				const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
				loaded[slice] = Object.fromEntries(keys.map((key, index) => [key, values[index]]));
			});
			const kept = scalars.map(async (key) => {
				const value = await tx.objectStore('scalars').get(key);
				if (value !== undefined) loaded[key] = value;
			});
			await Promise.all([...reads, ...kept]);
			return loaded;
		} catch {
			return {};
		}
	}

	async readMessages(conversationId: string, from: number, to: number): Promise<Message[]> {
		if (!this.db) return [];
		await this.queue;
		const range = IDBKeyRange.bound([conversationId, from], [conversationId, to]);
		return this.db.getAll('messages', range).catch(() => []);
	}

	async putFile(key: string, file: Blob): Promise<void> {
		await this.db?.put('files', file, key).catch(() => undefined);
	}

	async getFile(key: string): Promise<Blob | null> {
		return (await this.db?.get('files', key).catch(() => undefined)) ?? null;
	}

	/* Resolves when the writes are carried out; a failure leaves the copy as it was. */
	write(writes: readonly Write[]): Promise<void> {
		if (writes.length === 0) return this.queue;
		this.queue = this.queue.then(async () => {
			if (!this.db) return;
			try {
				const tx = this.db.transaction([...storeNames], 'readwrite');
				await Promise.all([...writes.map((write) => carryOut(tx, write)), tx.done]);
			} catch {
				// Without this step a later cursor would promise what is not there: start anew.
				await this.forget();
			}
		});
		return this.queue;
	}

	private async forget(): Promise<void> {
		this.db?.close();
		this.db = null;
		await deleteDB(NAME).catch(() => undefined);
	}
}
