// SPDX-License-Identifier: Apache-2.0
// One who only listens, comes back from his last cursor whenever he is cut off, and logs each event.
import { Line } from './line.ts';
import type { HeardEvent, Log } from './log.ts';

const AGAIN_MS = 40;

export class Listener {
	readonly who: string;
	/** The last seq heard in each conversation. */
	readonly heard = new Map<string, number>();
	/** client_ids of the messages heard since someone last waited for one. */
	readonly #marks = new Map<string, () => void>();
	readonly #url: string;
	readonly #token: string;
	readonly #log: Log;
	#cursor: string;
	#line: Line | undefined;
	#isEnded = false;
	#isResting = false;

	constructor(who: string, url: string, token: string, cursor: string, log: Log) {
		this.who = who;
		this.#url = url;
		this.#token = token;
		this.#cursor = cursor;
		this.#log = log;
		void this.#connect();
	}

	/** Resolves when a message with this client_id has come; ask before it is sent. */
	mark(clientId: string): Promise<void> {
		return new Promise((resolve) => this.#marks.set(clientId, resolve));
	}

	/** Goes on from a fresh cursor: the old one is of a future that a restore has undone. */
	async renew(freshCursor: () => Promise<string>): Promise<void> {
		this.#isResting = true;
		this.#line?.close();
		this.#cursor = await freshCursor();
		this.#isResting = false;
		this.#again();
	}

	close(): void {
		this.#isEnded = true;
		this.#line?.close();
	}

	async #connect(): Promise<void> {
		if (this.#isEnded || this.#isResting) return;
		try {
			await Line.open(this.#url, this.#token, this.#cursor, (line) => {
				this.#line = line;
				line.onEvent = (event, cursor) => this.#heard(event, cursor);
				line.onClose = () => this.#again();
			});
		} catch (error) {
			// A refused upgrade tells its close, too; then #again() runs once more, harmlessly.
			if ((error as { status?: number }).status === 410) this.#log.write({ t: 'resync', who: this.who });
			this.#again();
		}
	}

	#timer: ReturnType<typeof setTimeout> | undefined;
	#again(): void {
		clearTimeout(this.#timer);
		if (!this.#isEnded) this.#timer = setTimeout(() => void this.#connect(), AGAIN_MS);
	}

	#heard(event: HeardEvent, cursor: string): void {
		this.#cursor = cursor;
		this.#log.write({ t: 'heard', who: this.who, cursor, event });
		if (event.type !== 'message') return;
		const { conversation_id, seq, client_id } = event.message as { conversation_id: string; seq: number; client_id: string };
		this.heard.set(conversation_id, seq);
		this.#marks.get(client_id)?.();
		this.#marks.delete(client_id);
	}
}
