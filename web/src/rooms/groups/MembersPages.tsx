// SPDX-License-Identifier: Apache-2.0
/* MembersPages.tsx - starting a group, adding to it, removing from it. */
import { newClientId } from '@guanxi/sdk';
import { useMemo, useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import { isSameList, useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Field } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import { goBack } from '../../ui/router.tsx';
import { addMembers, createGroup, removeMembers } from './group_actions.ts';
import { PeoplePicker } from './PeoplePicker.tsx';

const none: ReadonlySet<Id> = new Set();

interface ActionProps {
	label: string;
	isReady: boolean;
	onAct: () => void;
}

function BarAction({ label, isReady, onAct }: ActionProps) {
	return (
		<button type="button" class="bar-button text" disabled={!isReady} onClick={onAct}>
			{label}
		</button>
	);
}

/* Someone chosen already comes as ?with=ID: the other side of the chat one came from. */
function preselected(): ReadonlySet<Id> {
	const id = new URLSearchParams(location.search).get('with');
	return id === null ? none : new Set([id]);
}

export function NewGroupPage() {
	const services = useServices();
	const contacts = useSelect((state) => Object.keys(state.ties), isSameList);
	const [chosen, setChosen] = useState(preselected);
	const [name, setName] = useState('');
	const [isBusy, setBusy] = useState(false);
	const clientId = useMemo(() => newClientId(), []);
	const create = async () => {
		setBusy(true);
		await createGroup(services, clientId, name.trim(), [...chosen]);
		setBusy(false);
	};
	return (
		<Page
			title={t('groups.new')}
			back="/chat"
			isFixed
			actions={
				<BarAction
					label={chosen.size > 0 ? t('groups.create', { count: chosen.size }) : t('groups.create_none')}
					isReady={chosen.size > 0 && !isBusy}
					onAct={() => void create()}
				/>
			}
		>
			<div class="picker-name">
				<Field label={t('groups.name')} isLabelHidden placeholder={`${t('groups.name')} · ${t('groups.name_note')}`} value={name} onValue={setName} maxLength={30} autocomplete="off" />
			</div>
			<PeoplePicker people={contacts} chosen={chosen} onChange={setChosen} />
		</Page>
	);
}

export function AddMembersPage({ id }: { id: Id }) {
	const services = useServices();
	const people = useSelect((state) => {
		const inside = new Set((state.members[id] ?? []).map((member) => member.account.id));
		return Object.keys(state.ties).filter((contact) => !inside.has(contact));
	}, isSameList);
	const [chosen, setChosen] = useState(none);
	const [isBusy, setBusy] = useState(false);
	const add = async () => {
		setBusy(true);
		const isDone = await addMembers(services, id, [...chosen]);
		setBusy(false);
		if (isDone) goBack(`/chat/${id}/info`);
	};
	return (
		<Page
			title={t('groups.add')}
			back={`/chat/${id}/info`}
			isFixed
			actions={
				<BarAction
					label={chosen.size > 0 ? t('groups.add_action', { count: chosen.size }) : t('groups.add_short')}
					isReady={chosen.size > 0 && !isBusy}
					onAct={() => void add()}
				/>
			}
		>
			<PeoplePicker people={people} chosen={chosen} onChange={setChosen} />
		</Page>
	);
}

export function RemoveMembersPage({ id }: { id: Id }) {
	const services = useServices();
	const people = useSelect((state) => {
		const myId = state.me?.id;
		const members = state.members[id] ?? [];
		const isOwner = members.some((member) => member.account.id === myId && member.role === 'owner');
		return members
			.filter((member) => member.account.id !== myId && (isOwner || member.role === 'member'))
			.map((member) => member.account.id);
	}, isSameList);
	const [chosen, setChosen] = useState(none);
	const [isBusy, setBusy] = useState(false);
	const remove = async () => {
		setBusy(true);
		const isDone = await removeMembers(services, id, [...chosen]);
		setBusy(false);
		if (isDone) goBack(`/chat/${id}/info`);
	};
	return (
		<Page
			title={t('groups.remove')}
			back={`/chat/${id}/info`}
			isFixed
			actions={
				<BarAction
					label={chosen.size > 0 ? t('groups.remove_action', { count: chosen.size }) : t('groups.remove_short')}
					isReady={chosen.size > 0 && !isBusy}
					onAct={() => void remove()}
				/>
			}
		>
			<PeoplePicker people={people} chosen={chosen} onChange={setChosen} conversationId={id} />
		</Page>
	);
}
