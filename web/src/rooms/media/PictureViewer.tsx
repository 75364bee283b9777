// SPDX-License-Identifier: Apache-2.0
/* PictureViewer.tsx - a conversation's pictures one by one, over everything. */
import { ChevronLeft, ChevronRight, Download, X } from 'lucide';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Body, Id } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/Icon.tsx';
import './PictureViewer.css';
import { previewOf } from './previews.ts';

interface Opened {
	conversationId: Id;
	seq: number;
	picture: Picture;
}

interface Picture {
	body: Body;
	preview: string | null;
}

let show: (opened: Opened | null) => void = () => undefined;

/* A picture that is still going out has no seq: it is shown alone. */
export function openPictures(conversationId: Id, seq: number, picture: Picture): void {
	show({ conversationId, seq, picture });
}

export function PictureHost() {
	const [opened, setOpened] = useState<Opened | null>(null);
	useLayoutEffect(() => {
		show = setOpened;
		return () => {
			show = () => undefined;
		};
	}, []);
	useEffect(() => {
		if (!opened) return;
		const close = () => setOpened(null);
		addEventListener('popstate', close);
		return () => removeEventListener('popstate', close);
	}, [opened]);
	return opened && <Viewer {...opened} onClose={() => setOpened(null)} />;
}

function Viewer({ conversationId, seq, picture, onClose }: Opened & { onClose: () => void }) {
	const { api, store } = useServices();
	const dialog = useRef<HTMLDialogElement>(null);
	const [at, setAt] = useState(seq);
	const [isZoomed, setZoomed] = useState(false);
	const pictures = (store.state.timelines[conversationId]?.items ?? []).filter(
		(message) => message.kind === 'image' && message.recalled_at === undefined,
	);
	const index = pictures.findIndex((message) => message.seq === at);
	const message = pictures[index];
	const body = message?.body ?? picture.body;
	const preview = message ? previewOf(message.client_id) : picture.preview;
	const src = preview ?? (body.media_id === undefined ? '' : api.mediaUrl(body.media_id));
	const from = message ? nameOf(store.state, message.sender_id, conversationId) : '';
	useLayoutEffect(() => {
		dialog.current?.showModal();
	}, []);
	const go = (step: number) => {
		const next = pictures[index + step];
		if (!next) return;
		setZoomed(false);
		setAt(next.seq);
	};
	const keys = (event: KeyboardEvent) => {
		if (event.key === 'ArrowLeft') go(-1);
		else if (event.key === 'ArrowRight') go(1);
		else if (event.key === ' ') setZoomed((known) => !known);
		else return;
		event.preventDefault();
	};
	return (
		<dialog ref={dialog} class="viewer" aria-label={t('media.picture')} onClose={onClose} onKeyDown={keys}>
			<div class={isZoomed ? 'viewer-stage zoomed' : 'viewer-stage'} onClick={(event) => event.target === event.currentTarget && onClose()}>
				<img
					key={src}
					src={src}
					alt={t('media.picture_from', { name: from })}
					width={body.width}
					height={body.height}
					onClick={() => setZoomed((known) => !known)}
				/>
			</div>
			<div class="viewer-bar">
				{pictures.length > 1 && index >= 0 && <span class="viewer-count">{`${index + 1} / ${pictures.length}`}</span>}
				{body.media_id !== undefined && (
					<a class="viewer-button" href={api.mediaUrl(body.media_id)} download aria-label={t('media.download')}>
						<Icon icon={Download} size={20} />
					</a>
				)}
				<button type="button" class="viewer-button" aria-label={t('ui.close')} onClick={onClose} autofocus>
					<Icon icon={X} size={22} />
				</button>
			</div>
			{index > 0 && (
				<button type="button" class="viewer-button viewer-step before" aria-label={t('media.previous')} onClick={() => go(-1)}>
					<Icon icon={ChevronLeft} />
				</button>
			)}
			{index >= 0 && index < pictures.length - 1 && (
				<button type="button" class="viewer-button viewer-step after" aria-label={t('media.next')} onClick={() => go(1)}>
					<Icon icon={ChevronRight} />
				</button>
			)}
		</dialog>
	);
}
