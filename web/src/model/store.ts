// SPDX-License-Identifier: Apache-2.0
/*
 * store.ts - holds the state. dispatch() replaces it, hands the step to the local store, then tells
 * the listeners; a listener that dispatches again is served after the present round.
 */
import type { Action } from './actions.ts';
import { reduce } from './reduce.ts';
import { emptyState, type State } from './state.ts';

export type Observer = (action: Action, before: State, after: State) => void;

export class Store {
	state: State = emptyState;
	private readonly listeners = new Set<() => void>();
	private readonly observers = new Set<Observer>();

	readonly dispatch = (action: Action): void => {
		const before = this.state;
		this.state = reduce(before, action);
		for (const observer of this.observers) observer(action, before, this.state);
		if (this.state !== before) for (const listener of [...this.listeners]) listener();
	};

	subscribe(listener: () => void): () => void {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	}

	/* Sees each action with the state before and after it; runs before the listeners. */
	observe(observer: Observer): () => void {
		this.observers.add(observer);
		return () => this.observers.delete(observer);
	}
}
