// SPDX-License-Identifier: Apache-2.0
// One who writes numbered messages as fast as the server takes them, several at a time, and repeats
// each with the same client_id until it is acknowledged. What was acknowledged is written down.
import { ConnectionError, GuanxiError, type Message, type Stream } from '@guanxi/sdk';
import type { Person } from '../support/people.ts';

export interface Acknowledged {
	conversationId: string;
	text: string;
	clientId: string;
	seq: number;
	sentAt: number;
}

type Send = (conversationId: string, clientId: string, text: string) => Promise<Message>;

export class Writer {
	readonly name: string;
	readonly person: Person;
	readonly acknowledged: Acknowledged[] = [];
	repeats = 0;
	readonly #send: Send;
	readonly #stream: Stream | undefined;
	#isStopped = false;
	#count = 0;

	constructor(name: string, person: Person, over: 'http' | 'stream') {
		this.name = name;
		this.person = person;
		this.#stream = over === 'stream' ? person.stream({ timeoutMs: 10_000 }) : undefined;
		this.#send = async (conversation_id, client_id, text) => {
			const input = { conversation_id, client_id, kind: 'text', body: { text } } as const;
			const call = this.#stream ? this.#stream.call('messages.send', input) : person.call('messages.send', input, { timeoutMs: 10_000 });
			return (await call).message;
		};
	}

	/**
	 * Writes until stopped. Over the stream `inFlight` messages are under way in order; over HTTP each
	 * waits for the one before, because nothing orders requests of several connections.
	 */
	async run(conversationId: string, inFlight: number): Promise<void> {
		const underWay = new Set<Promise<void>>();
		while (!this.#isStopped) {
			const one = this.#deliver(conversationId, this.#count++).finally(() => underWay.delete(one));
			underWay.add(one);
			if (underWay.size >= (this.#stream ? inFlight : 1)) await Promise.race(underWay);
		}
		await Promise.all(underWay);
		this.#stream?.close();
	}

	/** No new messages; run() ends when the last one is acknowledged. */
	stop(): void {
		this.#isStopped = true;
	}

	async #deliver(conversationId: string, number: number): Promise<void> {
		const text = `${this.name} ${number}`;
		const clientId = `${this.name}-${number}`;
		for (;;) {
			try {
				const { seq, sent_at: sentAt } = await this.#send(conversationId, clientId, text);
				this.acknowledged.push({ conversationId, text, clientId, seq, sentAt });
				return;
			} catch (error) {
				const isPassing = error instanceof ConnectionError || (error instanceof GuanxiError && error.isRetryable);
				if (!isPassing) throw error;
				this.repeats += 1;
				await new Promise((resolve) => setTimeout(resolve, 20));
			}
		}
	}
}
