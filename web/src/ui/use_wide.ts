// SPDX-License-Identifier: Apache-2.0
/* use_wide.ts - whether list and content stand beside each other. */
import { useEffect, useState } from 'preact/hooks';

const query = matchMedia('(width >= 45em)');

export function useWide(): boolean {
	const [isWide, setWide] = useState(query.matches);
	useEffect(() => {
		const update = () => setWide(query.matches);
		query.addEventListener('change', update);
		return () => query.removeEventListener('change', update);
	}, []);
	return isWide;
}
