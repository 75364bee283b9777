// SPDX-License-Identifier: Apache-2.0
/* MentionPicker.tsx - a group's members while "@…" is written: arrows choose, Enter takes. */
import { Users } from 'lucide';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Mentionable } from '../../model/mentions.ts';
import { memberOf, nameOf } from '../../model/select.ts';
import { useSelect, useServices } from '../../model/services.ts';
import type { Chat } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Icon } from '../../ui/Icon.tsx';

const SHOWN_MAX = 50;

interface Props {
	chat: Chat;
	query: string;
	field: { current: HTMLTextAreaElement | null };
	onPick: (person: Mentionable) => void;
	onClose: () => void;
}

interface Option extends Mentionable {
	shown: string;
	src: string | null;
}

export function MentionPicker({ chat, query, field, onPick, onClose }: Props) {
	const { api, store } = useServices();
	const members = useSelect((state) => state.members[chat.id] ?? null);
	const [at, setAt] = useState(0);
	const list = useRef<HTMLDivElement>(null);
	const options = useMemo(() => {
		const { state } = store;
		const myRole = state.me ? memberOf(state, chat.id, state.me.id)?.role : undefined;
		const wanted = query.toLocaleLowerCase();
		const people: Option[] = (members ?? [])
			.filter((member) => member.account.id !== state.me?.id)
			.map(({ account, nickname }) => ({
				id: account.id,
				name: nickname || account.nickname,
				shown: nameOf(state, account.id, chat.id),
				src: account.avatar ? api.thumbUrl(account.avatar) : null,
			}));
		if (myRole === 'owner' || myRole === 'admin') {
			const all = t('chat.everyone');
			people.unshift({ id: 'all', name: all, shown: all, src: null });
		}
		return people
			.filter(({ name, shown }) => `${name} ${shown}`.toLocaleLowerCase().includes(wanted))
			.slice(0, SHOWN_MAX);
	}, [members, query, store, api, chat.id]);
	useEffect(() => setAt(0), [query]);
	useLayoutEffect(() => {
		list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
	}, [at]);
	useEffect(() => {
		const input = field.current;
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.isComposing) return;
			const chosen = options[at];
			if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, options.length));
			else if (event.key === 'ArrowUp') setAt((at - 1 + options.length) % Math.max(1, options.length));
			else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) onPick(chosen);
			else if (event.key === 'Escape') onClose();
			else return;
			event.preventDefault();
			event.stopPropagation();
		};
		input?.addEventListener('keydown', onKeyDown, true);
		return () => input?.removeEventListener('keydown', onKeyDown, true);
	}, [field, options, at, onPick, onClose]);
	useEffect(() => {
		if (members && options.length === 0) onClose();
	}, [members, options, onClose]);
	if (options.length === 0) return null;
	return (
		<div class="mention-picker scroll" role="listbox" aria-label={t('chat.mention_people')} ref={list}>
			{options.map((option, index) => (
				<button
					key={option.id}
					type="button"
					role="option"
					tabIndex={-1}
					class="mention-option"
					aria-selected={index === at}
					onPointerDown={(event) => event.preventDefault()}
					onClick={() => onPick(option)}
				>
					{option.id === 'all' ? <Icon icon={Users} size={28} /> : <Avatar id={option.id} name={option.name} src={option.src} size={28} />}
					<span class="one-line">{option.shown}</span>
				</button>
			))}
		</div>
	);
}
