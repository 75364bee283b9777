// SPDX-License-Identifier: Apache-2.0
// Listens to a person's stream and waits for what must come, or shows that something didn't.
import type { Event, EventOf, Stream, StreamOptions, StreamState } from '@guanxi/sdk';
import type { Person } from './people.ts';

const WAIT_MS = 15_000;

export class Ear {
	readonly person: Person;
	readonly stream: Stream;
	readonly events: Event[] = [];
	readonly cursors: string[] = [];
	readonly typing: [conversationId: string, accountId: string][] = [];
	/** Events before this one were asked for already. */
	#next = 0;
	#wake: (() => void) | undefined;

	private constructor(person: Person, options: StreamOptions) {
		this.person = person;
		this.stream = person.stream(options);
		this.stream.on('event', (event, cursor) => {
			this.events.push(event);
			this.cursors.push(cursor);
			this.#wake?.();
		});
		this.stream.on('typing', (...who) => {
			this.typing.push(who);
			this.#wake?.();
		});
		this.stream.on('state', () => this.#wake?.());
	}

	static async open(person: Person, options: StreamOptions = {}): Promise<Ear> {
		const ear = new Ear(person, options);
		await ear.reached('open');
		return ear;
	}

	/** The next event of this type that fits; those before it are passed over. */
	async next<T extends Event['type']>(type: T, fits: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
		for (;;) {
			const event = await this.#waitFor(() => this.events[this.#next], type);
			this.#next += 1;
			if (event.type === type && fits(event as EventOf<T>)) return event as EventOf<T>;
		}
	}

	/** An event of this type that fits, whether it has come already or will; for events in no fixed order. */
	async ever<T extends Event['type']>(type: T, fits: (event: EventOf<T>) => boolean = () => true): Promise<EventOf<T>> {
		const isOne = (event: Event): event is EventOf<T> => event.type === type && fits(event as EventOf<T>);
		return this.#waitFor(() => this.events.find(isOne), type);
	}

	async message(text?: string): Promise<EventOf<'message'>['message']> {
		const event = await this.next('message', ({ message }) => {
			return text === undefined || ('text' in message.body && message.body.text === text);
		});
		return event.message;
	}

	async typed(): Promise<[conversationId: string, accountId: string]> {
		return this.#waitFor(() => this.typing[0], 'typing');
	}

	async reached(state: StreamState): Promise<void> {
		await this.#waitFor(() => (this.stream.state === state ? true : undefined), `state ${state}`);
	}

	/**
	 * Everything that arrives before a message that the person writes to himself now. What should
	 * have come by then and is not in it never came.
	 */
	async untilNow(): Promise<Event[]> {
		const mark = `mark ${Math.random()}`;
		const own = await this.person.selfConversation();
		await this.person.say(own, mark);
		const begin = this.#next;
		await this.message(mark);
		return this.events.slice(begin, this.#next - 1);
	}

	close(): void {
		this.stream.close();
	}

	async #waitFor<T>(look: () => T | undefined, what: string): Promise<T> {
		const deadline = Date.now() + WAIT_MS;
		for (;;) {
			const found = look();
			if (found !== undefined) return found;
			const leftMs = deadline - Date.now();
			if (leftMs <= 0) throw new Error(`${what} never came; events: ${JSON.stringify(this.events).slice(-2000)}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, leftMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
	}
}
