// SPDX-License-Identifier: Apache-2.0
/* shortcuts.ts - keys that work everywhere: Ctrl/⌘ K searches, Alt 1–4 are the tabs, Alt ↑↓ chats. */
import { useEffect } from 'preact/hooks';
import { sortedChats } from '../model/select.ts';
import { useServices, type Services } from '../model/services.ts';
import { openChat } from '../rooms/chat/chat_actions.ts';
import { currentPath, goBack, matchPath, navigate } from '../ui/router.tsx';

const tabPaths: Readonly<Record<string, string>> = { Digit1: '/chat', Digit2: '/contacts', Digit3: '/discover', Digit4: '/me' };

function search(): void {
	if (!currentPath().startsWith('/chat')) navigate('/chat');
	requestAnimationFrame(() => document.getElementById('search')?.focus());
}

function neighbour({ store }: Services, step: number): void {
	const chats = sortedChats(store.state);
	const open = matchPath('/chat/:id', currentPath())?.id;
	const at = chats.findIndex((chat) => chat.id === open);
	const next = chats[at < 0 ? 0 : at + step];
	if (next) openChat(next.id);
}

export function useShortcuts(): void {
	const services = useServices();
	useEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
			const path = tabPaths[event.code];
			if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') search();
			else if (event.altKey && path !== undefined) navigate(path);
			else if (event.altKey && event.key === 'ArrowDown') neighbour(services, 1);
			else if (event.altKey && event.key === 'ArrowUp') neighbour(services, -1);
			else if (event.key === 'Escape' && currentPath().split('/').length > 3) goBack(currentPath().split('/').slice(0, 3).join('/'));
			else return;
			event.preventDefault();
		};
		addEventListener('keydown', onKeyDown);
		return () => removeEventListener('keydown', onKeyDown);
	}, [services]);
}
