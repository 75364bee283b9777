// SPDX-License-Identifier: Apache-2.0
/* use_chat.ts - what the chat's components read from the state. */
import type { Id } from '../../api/types.ts';
import { useSelect, useServices } from '../../model/services.ts';
import type { Chat } from '../../model/state.ts';
import type { Face } from '../../ui/Avatar.tsx';
import { isSameFace } from '../accounts/use_account.ts';
import { chatTitle } from './preview.ts';

export function useChat(id: Id): Chat | null {
	return useSelect((state) => state.chats[id] ?? null);
}

export function useChatTitle(id: Id): string {
	return useSelect((state) => {
		const chat = state.chats[id];
		return chat ? chatTitle(state, chat) : '';
	});
}

type ChatFace = Face & { faces: readonly Face[] };

function isSameChatFace(a: ChatFace, b: ChatFace): boolean {
	if (!isSameFace(a, b) || a.faces.length !== b.faces.length) return false;
	return a.faces.every((face, index) => {
		const other = b.faces[index];
		return other !== undefined && isSameFace(face, other);
	});
}

/* A conversation's face; for a group the faces of its first members as well. */
export function useChatFace(id: Id): ChatFace {
	const { api } = useServices();
	return useSelect((state) => {
		const chat = state.chats[id];
		const account = chat?.kind === 'self' ? state.me : chat?.peer_id ? state.accounts[chat.peer_id] : null;
		const avatar = chat?.avatar ?? account?.avatar ?? null;
		const members = chat?.kind === 'group' ? (state.members[id] ?? []).slice(0, 9) : [];
		return {
			id: account?.id ?? id,
			name: account?.nickname ?? (chat ? chatTitle(state, chat) : ''),
			src: avatar ? api.thumbUrl(avatar) : null,
			faces: members.map(({ account: { id: memberId, nickname, avatar: picture } }) => ({
				id: memberId,
				name: nickname,
				src: picture ? api.thumbUrl(picture) : null,
			})),
		};
	}, isSameChatFace);
}
