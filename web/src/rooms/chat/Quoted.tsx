// SPDX-License-Identifier: Apache-2.0
/* Quoted.tsx - the message that another one answers, in one or two lines below it. */
import { useEffect, useState } from 'preact/hooks';
import type { Id, Message } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import { useSelect, useServices } from '../../model/services.ts';
import type { State } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { findMessage } from './history.ts';
import { messagePreview } from './preview.ts';

function quotedLine(state: State, message: Message): string {
	if (message.recalled_at !== undefined) return t('chat.quoted_recalled');
	const name = message.sender_id === state.me?.id ? state.me.nickname : nameOf(state, message.sender_id, message.conversation_id);
	return `${name}${t('ui.colon')}${messagePreview(state, message)}`;
}

interface QuotedProps {
	conversationId: Id;
	seq: number;
	onJump: (seq: number) => void;
}

export function Quoted({ conversationId, seq, onJump }: QuotedProps) {
	const services = useServices();
	const shown = useSelect((state) => state.timelines[conversationId]?.items.find((one) => one.seq === seq) ?? null);
	const [found, setFound] = useState<Message | 'gone' | null>(null);
	useEffect(() => {
		if (shown || found) return;
		let isCurrent = true;
		void findMessage(services, conversationId, seq).then((message) => {
			if (isCurrent) setFound(message ?? 'gone');
		});
		return () => {
			isCurrent = false;
		};
	}, [services, conversationId, seq, shown, found]);
	const message = shown ?? (found === 'gone' ? null : found);
	const line = useSelect((state) => (message ? quotedLine(state, message) : ''));
	if (!message && found === 'gone') return <p class="quoted">{t('chat.quoted_gone')}</p>;
	return (
		<button type="button" class="quoted" onClick={() => onJump(seq)}>
			<span class="quoted-text">{line || '…'}</span>
		</button>
	);
}
