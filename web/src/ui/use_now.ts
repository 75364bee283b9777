// SPDX-License-Identifier: Apache-2.0
/* use_now.ts - the time, renewed each minute for all who show one. */
import { useEffect, useState } from 'preact/hooks';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function start(): void {
	now = Date.now();
	timer ??= setInterval(() => {
		now = Date.now();
		for (const listener of [...listeners]) listener();
	}, 60_000);
}

export function useNow(): number {
	const [known, setKnown] = useState(() => Date.now());
	useEffect(() => {
		const update = () => setKnown(now);
		listeners.add(update);
		start();
		return () => {
			listeners.delete(update);
			if (listeners.size > 0) return;
			clearInterval(timer);
			timer = undefined;
		};
	}, []);
	return Math.max(known, Date.now());
}
