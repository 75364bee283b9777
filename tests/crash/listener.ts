// SPDX-License-Identifier: Apache-2.0
// One who listens over a stream that comes back by itself, and writes down what it was told.
import type { Message, Stream } from '@guanxi/sdk';
import type { Person } from '../support/people.ts';

export class Listener {
	readonly person: Person;
	/** Message events in the order in which they came, by conversation. */
	readonly heard = new Map<string, Message[]>();
	resyncs = 0;
	readonly #stream: Stream;

	constructor(person: Person) {
		this.person = person;
		this.#stream = person.stream();
		this.#stream.on('event', (event) => {
			if (event.type !== 'message') return;
			const list = this.heard.get(event.message.conversation_id) ?? [];
			this.heard.set(event.message.conversation_id, list);
			list.push(event.message);
		});
		this.#stream.on('resync', () => (this.resyncs += 1));
	}

	close(): void {
		this.#stream.close();
	}
}
