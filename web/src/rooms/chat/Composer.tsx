// SPDX-License-Identifier: Apache-2.0
/*
 * Composer.tsx - where one writes. The draft is kept per conversation with each change, and belongs
 * to the state; here is only what the caret needs.
 */
import { CirclePlus, File, Image, Smile, SquareUser } from 'lucide';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Id, Message } from '../../api/types.ts';
import { insertMention, mentionQuery, mentionsLeft, type Mentionable } from '../../model/mentions.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { nameOf } from '../../model/select.ts';
import type { Chat, Draft } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { hasTouchOnly, isPlainEnter } from '../../ui/keys.ts';
import { openMenu } from '../../ui/overlays.tsx';
import './Composer.css';
import { EmojiPanel, QuoteBar, useGrowing, useTyping } from './ComposerParts.tsx';
import { MentionPicker } from './MentionPicker.tsx';
import { useSender } from './room.ts';

const TEXT_MAX = 8000;
const emptyDraft: Draft = { text: '', reply_to: null, mentions: [] };

export interface ComposerHandle {
	insert: (text: string) => void;
	quote: (message: Message) => void;
	mention: (accountId: Id) => void;
	focus: () => void;
}

interface Props {
	chat: Chat;
	title: string;
	handle: { current: ComposerHandle | null };
	onFiles: (files: readonly File[], isAsked: boolean) => void;
	onCard: () => void;
}

export function Composer({ chat, title, handle, onFiles, onCard }: Props) {
	const services = useServices();
	const sender = useSender();
	const id = chat.id;
	const draft = useSelect((state) => state.drafts[id] ?? emptyDraft);
	const field = useRef<HTMLTextAreaElement>(null);
	const [panel, setPanel] = useState(false);
	const [query, setQuery] = useState<{ start: number; query: string } | null>(null);
	const picked = useRef<Mentionable[]>([]);
	const caret = useRef<number | null>(null);
	const isTooLong = draft.text.length > TEXT_MAX;

	const change = useCallback(
		(next: Partial<Draft>) => {
			const known = services.store.state.drafts[id] ?? emptyDraft;
			const merged = { ...known, ...next };
			const isEmpty = merged.text === '' && merged.reply_to === null;
			services.store.dispatch({ type: 'draft.changed', conversation_id: id, draft: isEmpty ? null : merged });
		},
		[services, id],
	);

	const replace = useCallback(
		(text: string, nextCaret: number) => {
			caret.current = nextCaret;
			change({ text });
			field.current?.focus();
		},
		[change],
	);

	const insert = useCallback(
		(text: string) => {
			const known = services.store.state.drafts[id]?.text ?? '';
			const at = field.current?.selectionStart ?? known.length;
			const end = field.current?.selectionEnd ?? at;
			replace(known.slice(0, at) + text + known.slice(end), at + text.length);
		},
		[services, id, replace],
	);

	const mention = useCallback(
		(accountId: Id) => {
			const { state } = services.store;
			// Others see the nickname in the group, never this reader's remark.
			const inGroup = state.members[id]?.find((member) => member.account.id === accountId)?.nickname;
			const name = inGroup || (state.accounts[accountId]?.nickname ?? nameOf(state, accountId, id));
			picked.current.push({ id: accountId, name });
			insert(`@${name} `);
		},
		[services, id, insert],
	);

	useLayoutEffect(() => {
		handle.current = {
			insert,
			mention,
			quote: (message) => {
				change({ reply_to: message.seq });
				field.current?.focus();
			},
			focus: () => field.current?.focus({ preventScroll: true }),
		};
		return () => {
			handle.current = null;
		};
	}, [handle, insert, mention, change]);

	useGrowing(field, draft.text);
	useLayoutEffect(() => {
		if (caret.current === null || !field.current) return;
		field.current.setSelectionRange(caret.current, caret.current);
		caret.current = null;
	}, [draft.text]);
	const sayTyping = useTyping(chat);

	const onInput = (element: HTMLTextAreaElement) => {
		change({ text: element.value });
		setQuery(chat.kind === 'group' ? mentionQuery(element.value, element.selectionStart) : null);
		if (element.value !== '') sayTyping();
	};
	const pick = (person: Mentionable) => {
		if (!query) return;
		picked.current.push(person);
		const at = field.current?.selectionStart ?? draft.text.length;
		const { text, caret: next } = insertMention(draft.text, query.start, at, person.name);
		setQuery(null);
		replace(text, next);
	};
	const send = () => {
		const text = draft.text.trim();
		if (text === '' || isTooLong) return;
		sender.send(id, 'text', { text }, { reply_to: draft.reply_to, mentions: mentionsLeft(text, picked.current) });
		picked.current = [];
		setQuery(null);
		services.store.dispatch({ type: 'draft.changed', conversation_id: id, draft: null });
		field.current?.focus();
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (query || !isPlainEnter(event)) {
			if (event.key === 'Escape' && panel) setPanel(false);
			return;
		}
		if (hasTouchOnly()) return;
		event.preventDefault();
		send();
	};
	const onPaste = (event: ClipboardEvent) => {
		const files = [...(event.clipboardData?.files ?? [])];
		if (files.length === 0) return;
		event.preventDefault();
		onFiles(files, true);
	};
	const attach = (event: MouseEvent) => {
		const box = (event.currentTarget as Element).getBoundingClientRect();
		openMenu(box.left, box.top - 3 * 48, [
			{ label: t('chat.attach_pictures'), icon: Image, onPick: () => chooseFiles('image/*,video/mp4,video/webm', onFiles) },
			{ label: t('chat.attach_file'), icon: File, onPick: () => chooseFiles('', onFiles) },
			{ label: t('chat.attach_card'), icon: SquareUser, onPick: onCard },
		]);
	};
	return (
		<div class="composer">
			{query && <MentionPicker chat={chat} query={query.query} field={field} onPick={pick} onClose={() => setQuery(null)} />}
			{draft.reply_to !== null && <QuoteBar conversationId={id} seq={draft.reply_to} onCancel={() => change({ reply_to: null })} />}
			<div class="composer-row">
				<button type="button" class="composer-button" aria-label={t('chat.emoji')} aria-expanded={panel} onClick={() => setPanel(!panel)}>
					<Icon icon={Smile} size={26} />
				</button>
				<textarea
					ref={field}
					class="composer-input"
					rows={1}
					dir="auto"
					value={draft.text}
					aria-label={t('chat.input_for', { name: title })}
					placeholder={t('chat.input')}
					enterkeyhint="enter"
					onInput={(event) => onInput(event.currentTarget)}
					onKeyDown={onKeyDown}
					onPaste={onPaste}
					onFocus={() => hasTouchOnly() && setPanel(false)}
				/>
				{draft.text.trim() === '' ? (
					<button type="button" class="composer-button" aria-label={t('chat.attach')} aria-haspopup="menu" onClick={attach}>
						<Icon icon={CirclePlus} size={26} />
					</button>
				) : (
					<button type="button" class="composer-send" disabled={isTooLong} onPointerDown={(event) => event.preventDefault()} onClick={send}>
						{t('chat.send')}
					</button>
				)}
			</div>
			{isTooLong && (
				<p class="composer-note" role="alert">
					{t('chat.too_long', { count: draft.text.length - TEXT_MAX })}
				</p>
			)}
			{panel && <EmojiPanel onPick={insert} />}
		</div>
	);
}

function chooseFiles(accept: string, onFiles: Props['onFiles']): void {
	const input = document.createElement('input');
	input.type = 'file';
	input.multiple = true;
	input.accept = accept;
	input.onchange = () => onFiles([...(input.files ?? [])], false);
	input.click();
}
