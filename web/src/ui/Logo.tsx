// SPDX-License-Identifier: Apache-2.0
/* Logo.tsx - two linked rings: each passes over the other once. */
export function Logo({ size = 48 }: { size?: number }) {
	const rem = `${size / 16}rem`;
	return (
		<svg width={rem} height={rem} viewBox="8 8 48 48" fill="none" aria-hidden="true" class="logo">
			<path d="M26.77 44.8A13 13 0 1 1 35.53 38.88" />
			<path d="M37.23 19.2A13 13 0 1 1 28.47 25.12" />
		</svg>
	);
}
