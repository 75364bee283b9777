// SPDX-License-Identifier: Apache-2.0
/* RolesPages.tsx - all members of a group; its admins; a new owner. */
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { Id, Member } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import { isSameList, useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, SwitchCell } from '../../ui/Cell.tsx';
import { SearchField } from '../../ui/controls.tsx';
import { ask, showNote } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { goBack } from '../../ui/router.tsx';
import { useFace, useName } from '../accounts/use_account.ts';
import { updateGroup } from './group_actions.ts';

const noMembers: readonly Member[] = [];
const ADMINS_MAX = 3;

export function MembersPage({ id }: { id: Id }) {
	const { store } = useServices();
	const members = useSelect((state) => state.members[id] ?? noMembers);
	const [query, setQuery] = useState('');
	const wanted = query.trim().toLocaleLowerCase();
	const shown = members.filter((member) => `${nameOf(store.state, member.account.id, id)} ${member.account.nickname}`.toLocaleLowerCase().includes(wanted));
	return (
		<Page title={t('groups.members_count', { count: members.length })} back={`/chat/${id}/info`}>
			<div class="page-search">
				<SearchField label={t('ui.search')} value={query} onValue={setQuery} />
			</div>
			<div class="cells">
				{shown.map((member) => (
					<MemberCell key={member.account.id} member={member} conversationId={id} />
				))}
			</div>
		</Page>
	);
}

function MemberCell({ member, conversationId }: { member: Member; conversationId: Id }) {
	const id = member.account.id;
	const face = useFace(id);
	const name = useName(id, conversationId);
	return (
		<Cell
			lead={<Avatar {...face} size={40} />}
			label={name}
			href={`/contacts/group/${conversationId}/${id}`}
			{...(member.role === 'member' ? {} : { value: t(`groups.${member.role}`) })}
		/>
	);
}

export function AdminsPage({ id }: { id: Id }) {
	const services = useServices();
	const members = useSelect((state) => state.members[id] ?? noMembers);
	const admins = useSelect((state) => (state.members[id] ?? []).filter((member) => member.role === 'admin').map((member) => member.account.id), isSameList);
	const [isBusy, setBusy] = useState(false);
	const set = async (accountId: Id, isAdmin: boolean) => {
		if (isBusy) return;
		setBusy(true);
		const next = isAdmin ? [...admins, accountId] : admins.filter((admin) => admin !== accountId);
		await updateGroup(services, id, { admins: next }).catch((error: unknown) => showNote(textOf(error)));
		setBusy(false);
	};
	return (
		<Page title={t('groups.admins')} back={`/chat/${id}/info`}>
			<p class="cells-note">{t('groups.admins_note', { count: ADMINS_MAX })}</p>
			<div class="cells">
				{members
					.filter((member) => member.role !== 'owner')
					.map(({ account }) => (
						<SwitchCell
							key={account.id}
							label={nameOf(services.store.state, account.id, id)}
							isOn={admins.includes(account.id)}
							onChange={(isOn) => void set(account.id, isOn)}
						/>
					))}
			</div>
		</Page>
	);
}

export function HandOverPage({ id }: { id: Id }) {
	const services = useServices();
	const members = useSelect((state) => (state.members[id] ?? noMembers).filter((member) => member.account.id !== state.me?.id), isSameList);
	const handOver = async (accountId: Id) => {
		const isSure = await ask({
			title: t('groups.hand_over_title', { name: nameOf(services.store.state, accountId, id) }),
			text: t('groups.hand_over_text'),
			action: t('groups.hand_over'),
			isDanger: true,
		});
		if (!isSure) return;
		try {
			await updateGroup(services, id, { owner: accountId });
			goBack(`/chat/${id}/info`);
		} catch (error) {
			showNote(textOf(error));
		}
	};
	return (
		<Page title={t('groups.hand_over')} back={`/chat/${id}/info`}>
			<div class="cells">
				{members.map(({ account }) => (
					<HandOverCell key={account.id} id={account.id} conversationId={id} onPick={() => void handOver(account.id)} />
				))}
			</div>
		</Page>
	);
}

function HandOverCell({ id, conversationId, onPick }: { id: Id; conversationId: Id; onPick: () => void }) {
	const face = useFace(id);
	const name = useName(id, conversationId);
	return <Cell lead={<Avatar {...face} size={40} />} label={name} onClick={onPick} />;
}
