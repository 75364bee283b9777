// SPDX-License-Identifier: Apache-2.0
/* ContactLists.tsx - the address book's other lists: groups, tags, people with a tag. */
import { Tag, Users } from 'lucide';
import type { Id } from '../../api/types.ts';
import { nameOf, sortedChats } from '../../model/select.ts';
import { isSameList, useSelect } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { Empty } from '../../ui/controls.tsx';
import { Page } from '../../ui/Page.tsx';
import { useChatFace, useChatTitle } from '../chat/use_chat.ts';
import { useFace, useName } from '../accounts/use_account.ts';

export function GroupsListPage() {
	const ids = useSelect((state) => sortedChats(state).filter((chat) => chat.kind === 'group').map((chat) => chat.id), isSameList);
	return (
		<Page title={t('contacts.groups')} back="/contacts">
			{ids.length === 0 ? (
				<Empty icon={Users} title={t('contacts.no_groups')} />
			) : (
				<Cells>
					{ids.map((id) => (
						<GroupCell key={id} id={id} />
					))}
				</Cells>
			)}
		</Page>
	);
}

function GroupCell({ id }: { id: Id }) {
	const face = useChatFace(id);
	const title = useChatTitle(id);
	return <Cell label={title} lead={<Avatar {...face} size={40} />} href={`/chat/${id}`} />;
}

export function TagsPage() {
	const tags = useSelect((state) => {
		const counts = new Map<string, number>();
		for (const tie of Object.values(state.ties)) for (const tag of tie.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
		return [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([tag, count]) => `${count} ${tag}`);
	}, isSameList);
	return (
		<Page title={t('contacts.tags')} back="/contacts">
			{tags.length === 0 ? (
				<Empty icon={Tag} title={t('contacts.tags_none')} note={t('contacts.tags_none_note')} />
			) : (
				<Cells>
					{tags.map((entry) => {
						const at = entry.indexOf(' ');
						const tag = entry.slice(at + 1);
						return <Cell key={tag} label={tag} value={entry.slice(0, at)} href={`/contacts/tags/${encodeURIComponent(tag)}`} />;
					})}
				</Cells>
			)}
		</Page>
	);
}

export function TagPage({ tag }: { tag: string }) {
	const ids = useSelect(
		(state) =>
			Object.values(state.ties)
				.filter((tie) => tie.tags.includes(tag))
				.map((tie) => tie.account_id)
				.sort((a, b) => nameOf(state, a).localeCompare(nameOf(state, b), 'zh-u-co-pinyin')),
		isSameList,
	);
	return (
		<Page title={tag} back="/contacts/tags">
			<Cells>
				{ids.map((id) => (
					<PersonCell key={id} id={id} />
				))}
			</Cells>
		</Page>
	);
}

function PersonCell({ id }: { id: Id }) {
	const face = useFace(id);
	const name = useName(id);
	return <Cell label={name} lead={<Avatar {...face} size={40} />} href={`/contacts/${id}`} />;
}
