// SPDX-License-Identifier: Apache-2.0
/* services.ts - what the rooms' actions work with, handed to components by context. */
import { createContext } from 'preact';
import { useContext, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import type { Disk } from './disk.ts';
import type { State } from './state.ts';
import type { Store } from './store.ts';

export interface Services {
	api: Api;
	store: Store;
	disk: Disk;
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
	const services = useContext(ServicesContext);
	if (!services) throw new Error('no services above this component');
	return services;
}

/*
 * A value taken from the state; the component renders again when it changes. `select` may close over
 * props. With isSame() two values can be equal without being the same object.
 */
export function useSelect<T>(select: (state: State) => T, isSame: (a: T, b: T) => boolean = Object.is): T {
	const { store } = useServices();
	const [, setRound] = useState(0);
	const latest = useRef<{ select: (state: State) => T; value: T } | null>(null);
	let value = select(store.state);
	if (latest.current && isSame(latest.current.value, value)) value = latest.current.value;
	useLayoutEffect(() => {
		latest.current = { select, value };
	});
	useLayoutEffect(() => {
		const check = () => {
			const known = latest.current;
			if (known && !isSame(known.value, known.select(store.state))) setRound((round) => round + 1);
		};
		check();
		return store.subscribe(check);
	}, [store]);
	return value;
}

export function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
	return a.length === b.length && a.every((item, index) => item === b[index]);
}
