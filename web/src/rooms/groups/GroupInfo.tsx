// SPDX-License-Identifier: Apache-2.0
/* GroupInfo.tsx - a group's part of the chat's page: members, name, announcement, roles, leaving. */
import { Minus, Plus } from 'lucide';
import { useEffect } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { Id, Member } from '../../api/types.ts';
import { memberOf } from '../../model/select.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { fullTime } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { askText, openDialog } from '../../ui/overlays.tsx';
import { Link } from '../../ui/router.tsx';
import { useFace, useName } from '../accounts/use_account.ts';
import { fetchMembers } from '../chat/chat_actions.ts';
import { dissolveGroup, fetchGroup, leaveGroup, setMyNickname, updateGroup } from './group_actions.ts';
import './PeoplePicker.css';

const SHOWN_MAX = 18;
const noMembers: readonly Member[] = [];

export function GroupMembers({ id }: { id: Id }) {
	const services = useServices();
	const members = useSelect((state) => state.members[id] ?? noMembers);
	const mine = useSelect((state) => (state.me ? memberOf(state, id, state.me.id) : null));
	const isOnline = useSelect((state) => state.link === 'online');
	useEffect(() => {
		if (isOnline) void fetchMembers(services, id);
	}, [services, id, isOnline]);
	if (!mine) return null;
	const canRemove = mine.role !== 'member';
	return (
		<>
			<div class="member-grid">
				{members.slice(0, SHOWN_MAX).map(({ account }) => (
					<MemberTile key={account.id} id={account.id} conversationId={id} />
				))}
				<Link class="member-tile" href={`/chat/${id}/add`}>
					<span class="member-plus">
						<Icon icon={Plus} />
					</span>
					<span class="one-line">{t('groups.add_short')}</span>
				</Link>
				{canRemove && (
					<Link class="member-tile" href={`/chat/${id}/remove`}>
						<span class="member-plus">
							<Icon icon={Minus} />
						</span>
						<span class="one-line">{t('groups.remove_short')}</span>
					</Link>
				)}
			</div>
			<Cells>
				<Cell label={t('groups.all_members')} value={members.length} href={`/chat/${id}/members`} />
			</Cells>
		</>
	);
}

function MemberTile({ id, conversationId }: { id: Id; conversationId: Id }) {
	const face = useFace(id);
	const name = useName(id, conversationId);
	return (
		<Link class="member-tile" href={`/contacts/group/${conversationId}/${id}`}>
			<Avatar {...face} size={48} />
			<span class="one-line" dir="auto">
				{name}
			</span>
		</Link>
	);
}

export function GroupSettings({ id }: { id: Id }) {
	const services = useServices();
	const group = useSelect((state) => state.groups[id] ?? null);
	const name = useSelect((state) => state.chats[id]?.name ?? '');
	const mine = useSelect((state) => (state.me ? memberOf(state, id, state.me.id) : null));
	const isOnline = useSelect((state) => state.link === 'online');
	useEffect(() => {
		if (isOnline) void fetchGroup(services, id);
	}, [services, id, isOnline]);
	if (!mine) return null;
	const canManage = mine.role !== 'member';
	const announcement = group?.announcement ?? '';
	const rename = () =>
		askText({
			title: t('groups.name'),
			label: t('groups.name'),
			value: name,
			maxLength: 30,
			onSubmit: (text) => updateGroup(services, id, { name: text }),
			describeError: textOf,
		});
	const announce = () =>
		askText({
			title: t('groups.announcement'),
			label: t('groups.announcement'),
			value: announcement,
			maxLength: 2000,
			rows: 8,
			onSubmit: (text) => updateGroup(services, id, { announcement: text }),
			describeError: textOf,
		});
	const read = () =>
		openDialog(t('groups.announcement'), () => (
			<>
				{typeof group?.announced_at === 'number' && <p class="dialog-text">{t('groups.announcement_by', { time: fullTime(group.announced_at, language()) })}</p>}
				<p class="body-text">{announcement}</p>
			</>
		));
	const callMyself = () =>
		askText({
			title: t('groups.my_nickname'),
			label: t('groups.my_nickname'),
			value: mine.nickname,
			maxLength: 32,
			onSubmit: (text) => setMyNickname(services, id, text),
			describeError: textOf,
		});
	const announcementAction = canManage ? { onClick: announce } : announcement === '' ? {} : { onClick: read };
	return (
		<Cells>
			<Cell label={t('groups.name')} value={name || t('groups.unnamed')} {...(canManage ? { onClick: rename } : {})} />
			<Cell label={t('groups.announcement')} {...(announcement === '' ? { value: t('ui.none') } : { note: announcement })} {...announcementAction} />
			<Cell label={t('groups.my_nickname')} value={mine.nickname || t('ui.none')} onClick={callMyself} />
		</Cells>
	);
}

export function GroupEnd({ id }: { id: Id }) {
	const services = useServices();
	const mine = useSelect((state) => (state.me ? memberOf(state, id, state.me.id) : null));
	const adminsCount = useSelect((state) => (state.members[id] ?? []).filter((member) => member.role === 'admin').length);
	if (!mine) return null;
	const isOwner = mine.role === 'owner';
	return (
		<>
			{isOwner && (
				<Cells title={t('groups.manage')}>
					<Cell label={t('groups.admins')} value={adminsCount} href={`/chat/${id}/admins`} />
					<Cell label={t('groups.hand_over')} href={`/chat/${id}/hand-over`} />
				</Cells>
			)}
			<Cells>
				<Cell label={t('groups.leave')} tone="danger" isCentred onClick={() => void leaveGroup(services, id, isOwner)} />
				{isOwner && <Cell label={t('groups.dissolve')} tone="danger" isCentred onClick={() => void dissolveGroup(services, id)} />}
			</Cells>
		</>
	);
}
