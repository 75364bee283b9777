// SPDX-License-Identifier: Apache-2.0
/* ChatInfoPage.tsx - a conversation's own page: who is in it, and how one wants it. */
import { Plus } from 'lucide';
import type { Id } from '../../api/types.ts';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells, SwitchCell } from '../../ui/Cell.tsx';
import { Empty } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Page } from '../../ui/Page.tsx';
import { Link } from '../../ui/router.tsx';
import { useFace, useName } from '../accounts/use_account.ts';
import { GroupEnd, GroupMembers, GroupSettings } from '../groups/GroupInfo.tsx';
import { clearConversation, setMuted, setPinned } from './chat_actions.ts';
import { useChat } from './use_chat.ts';

export function ChatInfoPage({ id }: { id: Id }) {
	const services = useServices();
	const chat = useChat(id);
	if (!chat) {
		return (
			<Page title={t('chat.info')} back="/chat">
				<Empty title={t('chat.missing')} />
			</Page>
		);
	}
	return (
		<Page title={t('chat.info')} back={`/chat/${id}`}>
			{chat.kind === 'group' && <GroupMembers id={id} />}
			{chat.kind === 'direct' && chat.peer_id !== null && <Peer id={chat.peer_id} />}
			{chat.kind === 'group' && <GroupSettings id={id} />}
			<Cells>
				<SwitchCell label={t('chat.mute_switch')} isOn={chat.muted} onChange={(isOn) => void setMuted(services, id, isOn)} />
				<SwitchCell label={t('chat.pin_switch')} isOn={chat.pinned} onChange={(isOn) => void setPinned(services, id, isOn)} />
			</Cells>
			<Cells>
				<Cell label={t('chat.clear')} onClick={() => void clearConversation(services, id)} />
			</Cells>
			{chat.kind === 'group' && <GroupEnd id={id} />}
		</Page>
	);
}

function Peer({ id }: { id: Id }) {
	const face = useFace(id);
	const name = useName(id);
	return (
		<div class="member-grid">
			<Link class="member-tile" href={`/contacts/${id}`}>
				<Avatar {...face} size={48} />
				<span class="one-line" dir="auto">
					{name}
				</span>
			</Link>
			<Link class="member-tile" href={`/chat/new?with=${id}`}>
				<span class="member-plus">
					<Icon icon={Plus} />
				</span>
				<span class="one-line">{t('chat.start_group')}</span>
			</Link>
		</div>
	);
}
