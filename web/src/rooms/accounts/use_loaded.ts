// SPDX-License-Identifier: Apache-2.0
/* use_loaded.ts - something a page asks the server for when it opens. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';

export interface Loaded<T> {
	value: T | null;
	error: string | null;
	reload: () => void;
	set: (value: T) => void;
}

/* `key` says when what is asked for is another thing. The old value stays until the new one is there. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
	const [value, setValue] = useState<T | null>(null);
	const [error, setError] = useState<string | null>(null);
	const round = useRef(0);
	const latest = useRef(load);
	latest.current = load;
	const reload = useCallback(() => {
		const mine = ++round.current;
		setError(null);
		latest.current().then(
			(loaded) => mine === round.current && setValue(loaded),
			(cause: unknown) => mine === round.current && setError(textOf(cause)),
		);
	}, []);
	useEffect(reload, [reload, key]);
	useEffect(
		() => () => {
			round.current++;
		},
		[],
	);
	return { value, error, reload, set: setValue };
}
