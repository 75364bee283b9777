// SPDX-License-Identifier: Apache-2.0
/* group_actions.ts - what a person does with groups. */
import { textOfCode } from '../../api/problem.ts';
import type { Id } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import type { Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { ask, showNote } from '../../ui/overlays.tsx';
import { navigate } from '../../ui/router.tsx';
import { attempt, fetchMembers } from '../chat/chat_actions.ts';

interface Refusal {
	account_id: Id;
	code: string;
}

function tellRefused({ store }: Services, refused: readonly Refusal[]): void {
	if (refused.length === 0) return;
	const names = refused.map(({ account_id, code }) => `${nameOf(store.state, account_id)}（${textOfCode(code)}）`).join(t('ui.separator'));
	showNote(t('groups.refused', { names }));
}

/* The same `clientId` for each try of one form, so that no second group comes to be. */
export async function createGroup(services: Services, clientId: string, name: string, members: readonly Id[]): Promise<void> {
	const { api, store } = services;
	await attempt(async () => {
		const answer = await api.call('groups.create', { client_id: clientId, members: [...members], ...(name === '' ? {} : { name }) });
		store.dispatch({ type: 'conversation.changed', conversation: answer.conversation });
		tellRefused(services, answer.refused);
		void fetchMembers(services, answer.conversation.id);
		navigate(`/chat/${answer.conversation.id}`, { replace: true });
	});
}

export async function addMembers(services: Services, id: Id, members: readonly Id[]): Promise<boolean> {
	return attempt(async () => {
		const answer = await services.api.call('group_members.add', { group_id: id, members: [...members] });
		services.store.dispatch({ type: 'members.read', conversation_id: id, members: answer.members });
		tellRefused(services, answer.refused);
	});
}

export async function removeMembers(services: Services, id: Id, members: readonly Id[]): Promise<boolean> {
	const isSure = await ask({
		title: t('groups.remove_title', { count: members.length }),
		text: members.map((member) => nameOf(services.store.state, member, id)).join(t('ui.separator')),
		action: t('groups.remove_short'),
		isDanger: true,
	});
	if (!isSure) return false;
	const isDone = await attempt(async () => {
		for (const account_id of members) await services.api.call('group_members.remove', { group_id: id, account_id });
	});
	await fetchMembers(services, id);
	return isDone;
}

export async function fetchGroup({ api, store }: Services, id: Id): Promise<void> {
	try {
		const { group } = await api.call('groups.get', { group_id: id });
		store.dispatch({ type: 'group.read', group });
	} catch {
		// What is known stays on screen.
	}
}

interface Change {
	name?: string;
	announcement?: string;
	owner?: Id;
	admins?: Id[];
}

export async function updateGroup(services: Services, id: Id, change: Change): Promise<void> {
	const { conversation } = await services.api.call('groups.update', { group_id: id, ...change });
	services.store.dispatch({ type: 'conversation.changed', conversation });
	await Promise.all([fetchGroup(services, id), fetchMembers(services, id)]);
}

export async function setMyNickname(services: Services, id: Id, nickname: string): Promise<void> {
	await services.api.call('groups.set_nickname', { group_id: id, nickname });
	await Promise.all([fetchGroup(services, id), fetchMembers(services, id)]);
}

export async function leaveGroup(services: Services, id: Id, isOwner: boolean): Promise<void> {
	const { api, store } = services;
	const myId = store.state.me?.id;
	if (myId === undefined) return;
	const isSure = await ask({
		title: t('groups.leave_title'),
		text: t(isOwner ? 'groups.leave_owner_text' : 'groups.leave_text'),
		action: t('groups.leave'),
		isDanger: true,
	});
	if (!isSure) return;
	const isDone = await attempt(async () => {
		await api.call('group_members.remove', { group_id: id, account_id: myId });
		store.dispatch({ type: 'members.read', conversation_id: id, members: [] });
	});
	if (isDone) navigate('/chat', { replace: true });
}

export async function dissolveGroup({ api, store }: Services, id: Id): Promise<void> {
	const isSure = await ask({
		title: t('groups.dissolve_title'),
		text: t('groups.dissolve_text'),
		action: t('groups.dissolve'),
		isDanger: true,
	});
	if (!isSure) return;
	const isDone = await attempt(async () => {
		await api.call('groups.dissolve', { group_id: id });
		store.dispatch({ type: 'members.read', conversation_id: id, members: [] });
	});
	if (isDone) navigate('/chat', { replace: true });
}
