// SPDX-License-Identifier: Apache-2.0
/* MessageBody.tsx - the inside of a message by its kind. What is not known yet is named honestly. */
import { File, MapPin, Play } from 'lucide';
import { useState } from 'preact/hooks';
import type { Body, HistoryItem } from '../../api/types.ts';
import { piecesOf } from '../../model/links.ts';
import { useServices } from '../../model/services.ts';
import { durationText, sizeText } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { openDialog } from '../../ui/overlays.tsx';
import { Link } from '../../ui/router.tsx';
import { pictureBox } from '../media/files.ts';
import { openPictures } from '../media/PictureViewer.tsx';
import './MessageBody.css';
import { bodyPreview } from './preview.ts';

interface Props {
	kind: string;
	body: Body;
	/* The picture of a file that is on its way out. */
	preview: string | null;
	/* Who sent it, for what is read aloud. */
	from: string;
	seq: number;
	conversationId: string;
	mentionNames: readonly string[];
}

export function MessageBody(props: Props) {
	const { kind, body } = props;
	switch (kind) {
		case 'text':
			return <TextBody text={body.text ?? ''} mentionNames={props.mentionNames} />;
		case 'image':
		case 'sticker':
			return <PictureBody {...props} />;
		case 'video':
			return <VideoBody {...props} />;
		case 'voice':
			return <VoiceBody body={body} />;
		case 'file':
			return <FileBody body={body} />;
		case 'location':
			return <PlaceBody body={body} />;
		case 'card':
			return <CardBody {...props} />;
		case 'link':
			return <LinkBody body={body} />;
		case 'history':
			return <HistoryBody title={body.title ?? ''} items={body.items ?? []} />;
		default:
			return <p class="body-text">{t('chat.kind.unknown')}</p>;
	}
}

/* Whether the body brings its own ground and needs no bubble. */
export function isBare(kind: string): boolean {
	return kind === 'image' || kind === 'sticker' || kind === 'video';
}

function TextBody({ text, mentionNames }: { text: string; mentionNames: readonly string[] }) {
	return (
		<p class="body-text" dir="auto">
			{piecesOf(text, mentionNames).map((piece, index) => {
				if (piece.kind === 'link') {
					return (
						<a key={index} href={piece.href} target="_blank" rel="noopener noreferrer">
							{piece.text}
						</a>
					);
				}
				return piece.kind === 'mention' ? (
					<span key={index} class="mention">
						{piece.text}
					</span>
				) : (
					piece.text
				);
			})}
		</p>
	);
}

function PictureBody({ body, preview, from, seq, conversationId }: Props) {
	const { api } = useServices();
	const [isGone, setGone] = useState(false);
	const box = pictureBox(body.width ?? 0, body.height ?? 0);
	const src = preview ?? (body.media_id === undefined ? null : api.thumbUrl(body.media_id));
	const style = { width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` };
	return (
		<button
			type="button"
			class="body-picture"
			style={style}
			aria-label={t('media.picture_from', { name: from })}
			onClick={() => openPictures(conversationId, seq, { body, preview })}
		>
			{src !== null && !isGone ? (
				<img src={src} alt="" decoding="async" draggable={false} onError={() => setGone(true)} />
			) : (
				<span class="body-gone">{t('media.gone')}</span>
			)}
		</button>
	);
}

function VideoBody({ body, preview, from }: Props) {
	const { api } = useServices();
	const [isPlaying, setPlaying] = useState(false);
	const box = pictureBox(body.width ?? 0, body.height ?? 0);
	const style = { width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` };
	const src = preview ?? (body.media_id === undefined ? '' : api.mediaUrl(body.media_id));
	if (isPlaying) return <video class="body-picture" style={style} src={src} controls autoplay playsInline />;
	return (
		<button type="button" class="body-picture" style={style} aria-label={t('media.video_from', { name: from })} onClick={() => setPlaying(true)}>
			<video src={`${src}#t=0.1`} preload="metadata" muted playsInline tabIndex={-1} />
			<span class="body-play">
				<Icon icon={Play} size={22} />
			</span>
			<span class="body-duration">{durationText(body.duration_ms ?? 0)}</span>
		</button>
	);
}

function VoiceBody({ body }: { body: Body }) {
	const { api } = useServices();
	return (
		<div class="body-voice">
			<span>{t('media.voice', { duration: durationText(body.duration_ms ?? 0) })}</span>
			{body.media_id !== undefined && <audio controls preload="none" src={api.mediaUrl(body.media_id)} />}
		</div>
	);
}

function FileBody({ body }: { body: Body }) {
	const { api } = useServices();
	const name = body.name ?? '';
	const ending = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1]?.toUpperCase();
	const inside = (
		<>
			<span class="file-text">
				<span class="file-name" dir="auto">
					{name}
				</span>
				<span class="file-size">{sizeText(body.size ?? 0, language())}</span>
			</span>
			<span class="file-icon" aria-hidden="true">
				<Icon icon={File} size={40} />
				{ending !== undefined && <span class="file-ending">{ending}</span>}
			</span>
		</>
	);
	if (body.media_id === undefined) return <div class="body-card body-file">{inside}</div>;
	return (
		<a class="body-card body-file" href={api.mediaUrl(body.media_id)} download={name} aria-label={`${t('media.download')} ${name}`}>
			{inside}
		</a>
	);
}

function PlaceBody({ body }: { body: Body }) {
	return (
		<div class="body-card body-place">
			<Icon icon={MapPin} size={24} />
			<span class="file-text">
				<span class="file-name">{body.title || `${body.latitude ?? 0}, ${body.longitude ?? 0}`}</span>
				<span class="file-size">{body.address}</span>
			</span>
		</div>
	);
}

function CardBody({ body, conversationId, seq }: Props) {
	const { api } = useServices();
	const id = body.account_id ?? '';
	const query = seq > 0 ? `card/${conversationId}/${seq}/` : '';
	return (
		<Link class="body-card body-person" href={`/contacts/${query}${id}`}>
			<span class="person-top">
				<Avatar id={id} name={body.nickname ?? ''} src={body.avatar ? api.thumbUrl(body.avatar) : null} size={44} />
				<span class="file-name">{body.nickname}</span>
			</span>
			<span class="card-label">{t('chat.card_label')}</span>
		</Link>
	);
}

function LinkBody({ body }: { body: Body }) {
	const { api } = useServices();
	return (
		<a class="body-card body-link" href={body.url ?? ''} target="_blank" rel="noopener noreferrer">
			<span class="file-name">{body.title || body.url}</span>
			<span class="link-row">
				<span class="link-summary">{body.summary}</span>
				{body.image && <img src={api.thumbUrl(body.image)} alt="" width={48} height={48} />}
			</span>
		</a>
	);
}

const HISTORY_SHOWN = 4;

function historyLine(item: HistoryItem): string {
	return `${item.nickname}${t('ui.colon')}${bodyPreview(item.kind, item.body)}`;
}

function HistoryBody({ title, items }: { title: string; items: readonly HistoryItem[] }) {
	const open = () =>
		openDialog(title, () => (
			<ol class="history-all">
				{items.map((item, index) => (
					<li key={index}>
						<span class="card-label">{item.nickname}</span>
						<p class="body-text" dir="auto">
							{bodyPreview(item.kind, item.body)}
						</p>
					</li>
				))}
			</ol>
		));
	return (
		<button type="button" class="body-card body-history" onClick={open}>
			<span class="file-name">{title}</span>
			{items.slice(0, HISTORY_SHOWN).map((item, index) => (
				<span key={index} class="history-line one-line">
					{historyLine(item)}
				</span>
			))}
			<span class="card-label">{t('chat.history_label')}</span>
		</button>
	);
}
