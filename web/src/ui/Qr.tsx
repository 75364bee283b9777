// SPDX-License-Identifier: Apache-2.0
/* Qr.tsx - a text as a QR code, black on white in every theme so that cameras read it. */
import { encode } from 'uqr';

export function Qr({ text, label }: { text: string; label: string }) {
	const { data, size } = encode(text, { ecc: 'M', border: 0 });
	const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
	return (
		<svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
			<path d={path} fill="#000" />
		</svg>
	);
}
