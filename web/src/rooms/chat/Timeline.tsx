// SPDX-License-Identifier: Apache-2.0
/*
 * Timeline.tsx - the messages of one conversation, newest at the bottom.
 *
 * The scroller counts from its bottom (column-reverse), so that a growing input or keyboard moves
 * nothing. Whatever is put in above or below, the line one is reading stays where it is; at the
 * bottom one stays at the bottom.
 */
import { ArrowDown } from 'lucide';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Message } from '../../api/types.ts';
import { outgoingOf } from '../../model/select.ts';
import { isSameList, useSelect, useServices } from '../../model/services.ts';
import { rowsOf, type Row } from '../../model/rows.ts';
import type { Chat } from '../../model/state.ts';
import { emptyCoverage, hasOlder, shownMessages } from '../../model/timeline.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { showNote } from '../../ui/overlays.tsx';
import { markRead } from './chat_actions.ts';
import { loadNewer, loadOlder, openTimeline, showMessage } from './history.ts';
import type { MenuHooks } from './message_menu.ts';
import { MessageRow, OutgoingRow, type RowHooks } from './MessageRow.tsx';
import './Timeline.css';
import { Announcer, SystemLine, TimeLine, Top, UnreadPill } from './TimelineParts.tsx';
import { useNearTop, useScroll, useVisible } from './use_scroll.ts';

const MARK_MS = 1600;

interface Props {
	chat: Chat;
	firstUnread: number | null;
	menuHooks: MenuHooks;
	onEditAgain: (text: string) => void;
}

const noMessages: readonly Message[] = [];

export function Timeline({ chat, firstUnread, menuHooks, onEditAgain }: Props) {
	const services = useServices();
	const id = chat.id;
	const myId = useSelect((state) => state.me?.id ?? '');
	const timeline = useSelect((state) => state.timelines[id] ?? null);
	const coverage = useSelect((state) => state.coverage[id] ?? emptyCoverage);
	const outgoing = useSelect((state) => outgoingOf(state, id), isSameList);
	const messages = useMemo(() => (timeline ? shownMessages(timeline, coverage.ranges) : noMessages), [timeline, coverage]);
	const isAtEnd = timeline !== null && timeline.to === null;
	const rows = useMemo(() => rowsOf(messages, isAtEnd ? outgoing : [], myId, firstUnread), [messages, outgoing, isAtEnd, myId, firstUnread]);
	const canGoUp = timeline !== null && hasOlder(timeline, coverage);
	const scroll = useScroll(rows, id);
	const [marked, setMarked] = useState<number | null>(null);
	const newest = messages.at(-1)?.seq ?? 0;

	const loadUp = useCallback(() => {
		const known = services.store.state.timelines[id];
		if (known && !known.is_loading && known.error === null) void loadOlder(services, id);
	}, [services, id]);
	useNearTop(scroll.scroller, canGoUp && timeline.error === null, loadUp, rows.length);

	const goDown = scroll.isAtBottom && timeline !== null && timeline.to !== null ? timeline.to : null;
	useEffect(() => {
		if (goDown !== null) loadNewer(services, id, goDown).catch(() => undefined);
	}, [services, id, goDown]);

	const isVisible = useVisible();
	useEffect(() => {
		if (scroll.isAtBottom && isVisible && isAtEnd && newest > 0) markRead(services, id, newest);
	}, [services, id, newest, scroll.isAtBottom, isVisible, isAtEnd]);

	const { goTo } = scroll;
	const jump = useCallback(
		async (seq: number) => {
			const isThere = await showMessage(services, id, seq).catch(() => false);
			if (!isThere) {
				showNote(t('chat.jump_failed'));
				return;
			}
			requestAnimationFrame(() => {
				goTo(`[data-seq="${seq}"]`);
				setMarked(seq);
				setTimeout(() => setMarked(null), MARK_MS);
			});
		},
		[services, id, goTo],
	);
	const { quote, mention } = menuHooks;
	const hooks: RowHooks = useMemo(() => ({ quote, mention, jump: (seq) => void jump(seq) }), [quote, mention, jump]);
	const backToNewest = () => {
		if (!isAtEnd) void openTimeline(services, id);
		scroll.toBottom();
	};
	const newBelow = messages.filter((message) => message.seq > scroll.seenSeq && message.sender_id !== myId).length;
	return (
		<div class="timeline-place">
			<div class="timeline scroll" ref={scroll.scroller} role="log" aria-live="off" aria-label={t('chat.messages')} tabIndex={0} onKeyDown={moveAmongMessages}>
				<div class="timeline-inside">
					<Top chat={chat} canGoUp={canGoUp} isLoading={timeline?.is_loading ?? true} error={timeline?.error ?? null} isEmpty={rows.length === 0} onRetry={() => void loadOlder(services, id)} />
					{rows.map((row) => (
						<RowView key={row.key} row={row} chatKind={chat.kind} marked={marked} hooks={hooks} onEditAgain={onEditAgain} />
					))}
				</div>
			</div>
			<UnreadPill firstUnread={firstUnread} unreadCount={chat.unread} scroller={scroll.scroller} isOpened={rows.length > 0} newest={newest} onJump={() => (firstUnread === null ? undefined : void jump(firstUnread))} />
			{(!scroll.isAtBottom || !isAtEnd) && rows.length > 0 && (
				<button type="button" class="pill below" onClick={backToNewest} aria-label={newBelow > 0 ? t('chat.new_below', { count: newBelow }) : t('chat.to_newest')}>
					<Icon icon={ArrowDown} size={16} />
					{newBelow > 0 && <span>{t('chat.new_below', { count: newBelow })}</span>}
				</button>
			)}
			<Announcer chat={chat} />
		</div>
	);
}

interface RowViewProps {
	row: Row;
	chatKind: Chat['kind'];
	marked: number | null;
	hooks: RowHooks;
	onEditAgain: (text: string) => void;
}

function RowView({ row, chatKind, marked, hooks, onEditAgain }: RowViewProps) {
	switch (row.type) {
		case 'time':
			return <TimeLine at={row.at} />;
		case 'unread':
			return (
				<div class="unread-line" data-row="unread" role="separator">
					<span>{t('chat.unread_line')}</span>
				</div>
			);
		case 'line':
			return <SystemLine message={row.message} onEditAgain={onEditAgain} />;
		case 'message':
			return <MessageRow message={row.message} isOwn={row.isOwn} isRunStart={row.isRunStart} chatKind={chatKind} isMarked={marked === row.message.seq} hooks={hooks} />;
		case 'outgoing':
			return <OutgoingRow outgoing={row.outgoing} isRunStart={row.isRunStart} hooks={hooks} />;
	}
}

function moveAmongMessages(event: KeyboardEvent): void {
	const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
	if (step === 0 || !(event.currentTarget instanceof Element)) return;
	const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')];
	const at = stops.findIndex((stop) => stop.contains(document.activeElement));
	const next = at < 0 ? stops.at(-1) : stops[at + step];
	if (!next) return;
	event.preventDefault();
	next.focus({ preventScroll: true });
	next.scrollIntoView({ block: 'nearest' });
}
