// SPDX-License-Identifier: Apache-2.0
/* OverlayHost.tsx - draws what floats. Dialogs are the browser's own, which keep focus and Escape right. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Menu } from './Menu.tsx';
import { currentOverlays, watchOverlays, type OpenDialog } from './overlay_state.ts';
import './overlays.css';

export function OverlayHost() {
	const [, setRound] = useState(0);
	useLayoutEffect(() => {
		watchOverlays(() => setRound((round) => round + 1));
		return () => watchOverlays(() => undefined);
	}, []);
	const overlays = currentOverlays();
	return (
		<>
			{overlays.dialogs.map((dialog) => (
				<Dialog key={dialog.id} {...dialog} />
			))}
			{overlays.menu && <Menu {...overlays.menu} />}
			<div class="notes" role="status">
				{overlays.notes.map((note) => (
					<p key={note.id} class="note">
						{note.text}
					</p>
				))}
			</div>
		</>
	);
}

function Dialog({ title, render, onClose }: OpenDialog) {
	const element = useRef<HTMLDialogElement>(null);
	useLayoutEffect(() => {
		const before = document.activeElement;
		element.current?.showModal();
		element.current?.querySelector<HTMLElement>('[autofocus]')?.focus();
		return () => {
			if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
		};
	}, []);
	return (
		<dialog
			ref={element}
			class="dialog"
			aria-label={title}
			onClose={onClose}
			onCancel={(event) => {
				event.preventDefault();
				onClose();
			}}
			onPointerDown={(event) => {
				if (event.target === element.current) onClose();
			}}
		>
			<div class="dialog-inside">
				<h2 class="dialog-title">{title}</h2>
				{render(onClose)}
			</div>
		</dialog>
	);
}
