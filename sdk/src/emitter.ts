// SPDX-License-Identifier: Apache-2.0

type Listeners<Names extends Record<keyof Names, unknown[]>> = {
	[K in keyof Names]?: Set<(...args: Names[K]) => void>;
};

/** Listeners by name, typed by a record from name to the listener's arguments. */
export class Emitter<Names extends Record<keyof Names, unknown[]>> {
	readonly #listeners: Listeners<Names> = {};

	/** Returns the function that takes the listener away again. */
	on<K extends keyof Names>(name: K, listener: (...args: Names[K]) => void): () => void {
		const set = (this.#listeners[name] ??= new Set());
		set.add(listener);
		return () => void set.delete(listener);
	}

	protected emit<K extends keyof Names>(name: K, ...args: Names[K]): void {
		for (const listener of [...(this.#listeners[name] ?? [])]) listener(...args);
	}
}
