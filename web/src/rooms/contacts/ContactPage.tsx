// SPDX-License-Identifier: Apache-2.0
/* ContactPage.tsx - someone's page: what one knows, and what one can do. */
import { MessageCircle, Star } from 'lucide';
import { useEffect } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import type { Id } from '../../api/types.ts';
import { directChatWith, nameOf } from '../../model/select.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { dateOnly } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells, SwitchCell } from '../../ui/Cell.tsx';
import { Button, Empty } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { askText, showNote } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { goBack, navigate } from '../../ui/router.tsx';
import { useAccount, useFace } from '../accounts/use_account.ts';
import { openDirectChat } from '../chat/chat_actions.ts';
import { openReport } from '../moderation/ReportForm.tsx';
import { deleteContact, openRequestForm, setBlocked, tagsOf, updateContact } from './contact_actions.ts';
import './ContactList.css';
import { sourceText, type SourceHint } from './source.ts';

interface Props {
	id: Id;
	source?: SourceHint;
}

export function ContactPage({ id, source }: Props) {
	const { store } = useServices();
	useEffect(() => {
		// One's own page is under "me".
		if (store.state.me?.id === id) navigate('/me/profile', { replace: true });
	}, [store, id]);
	return (
		<Page title={t('contacts.profile')} back="/contacts">
			<Profile id={id} {...(source ? { source } : {})} />
		</Page>
	);
}

export function Profile({ id, source }: Props) {
	const services = useServices();
	const account = useAccount(id);
	const face = useFace(id);
	const name = useSelect((state) => nameOf(state, id));
	const tie = useSelect((state) => state.ties[id] ?? null);
	const isOwn = useSelect((state) => state.me?.id === id);
	if (!account) return <Empty title={t('contacts.unknown')} />;
	return (
		<>
			<div class="profile">
				<Avatar {...face} size={64} />
				<div class="profile-text">
					<h2 class="profile-name" dir="auto">
						{name}
						{tie?.starred && (
							<span class="profile-star" role="img" aria-label={t('contacts.starred')}>
								<Icon icon={Star} size={18} />
							</span>
						)}
					</h2>
					{name !== account.nickname && <p class="profile-line">{t('contacts.nickname_line', { name: account.nickname })}</p>}
					<p class="profile-line">{t('accounts.id_line', { username: account.username })}</p>
					{account.region !== '' && <p class="profile-line">{`${t('accounts.region')}${t('ui.colon')}${account.region}`}</p>}
				</div>
			</div>
			{isOwn ? (
				<p class="cells-note">{t('contacts.yourself')}</p>
			) : tie ? (
				<Friend id={id} />
			) : (
				<Stranger id={id} {...(source ? { source } : {})} />
			)}
			{!isOwn && (
				<Cells>
					<Block id={id} />
					<Cell label={t('contacts.report')} onClick={() => openReport(services, { account_id: id })} />
				</Cells>
			)}
			{tie && !isOwn && (
				<Cells>
					<Cell
						label={t('contacts.delete')}
						tone="danger"
						isCentred
						onClick={() => void deleteContact(services, id).then((isDone) => isDone && goBack('/contacts'))}
					/>
				</Cells>
			)}
		</>
	);
}

function Block({ id }: { id: Id }) {
	const services = useServices();
	const isBlocked = useSelect((state) => state.blocked[id] === true);
	return <SwitchCell label={t('contacts.block')} isOn={isBlocked} onChange={(isOn) => void setBlocked(services, id, isOn)} />;
}

function Friend({ id }: { id: Id }) {
	const services = useServices();
	const account = useAccount(id);
	const tie = useSelect((state) => state.ties[id] ?? null);
	if (!tie || !account) return null;
	const editRemark = () =>
		askText({
			title: t('contacts.remark'),
			label: t('contacts.remark'),
			note: t('contacts.remark_note'),
			value: tie.remark,
			maxLength: 32,
			onSubmit: (remark) => updateContact(services, id, { remark }),
			describeError: textOf,
		});
	const editTags = () =>
		askText({
			title: t('contacts.tags'),
			label: t('contacts.tags_edit'),
			note: t('contacts.remark_note'),
			value: tie.tags.join(' '),
			maxLength: 300,
			onSubmit: (text) => updateContact(services, id, { tags: tagsOf(text) }),
			describeError: textOf,
		});
	const star = (starred: boolean) => void updateContact(services, id, { starred }).catch((error: unknown) => showNote(textOf(error)));
	return (
		<>
			<Cells>
				<Cell label={t('contacts.message')} icon={MessageCircle} tone="accent" isCentred onClick={() => openDirectChat(services, id)} />
			</Cells>
			<Cells>
				<Cell label={t('contacts.remark')} value={tie.remark || t('ui.none')} onClick={editRemark} />
				<Cell label={t('contacts.tags')} value={tie.tags.join(t('ui.separator')) || t('ui.none')} onClick={editTags} />
				<SwitchCell label={t('contacts.star')} isOn={tie.starred} onChange={star} />
			</Cells>
			<Cells>
				{account.signature !== '' && <Cell label={t('accounts.signature')} value={account.signature} />}
				<Cell label={t('contacts.source')} value={sourceText(tie.source)} />
				<Cell label={t('contacts.since')} value={dateOnly(tie.since_at, language())} />
			</Cells>
		</>
	);
}

function Stranger({ id, source }: Props) {
	const services = useServices();
	const account = useAccount(id);
	const hint = useSelect((state): SourceHint | null => source ?? sharedGroup(state.members, id, state.me?.id));
	const isWaiting = useSelect((state) => Object.values(state.requests).some((request) => request.to.id === id && request.state === 'pending' && request.expires_at > Date.now()));
	const formerChat = useSelect((state) => directChatWith(state, id));
	if (!account) return null;
	return (
		<>
			{account.signature !== '' && (
				<Cells>
					<Cell label={t('accounts.signature')} value={account.signature} />
				</Cells>
			)}
			<div class="padded">
				<Button isWide disabled={isWaiting} onClick={() => openRequestForm(services, account, hint ?? { kind: 'username', ref: account.username })}>
					{t(isWaiting ? 'contacts.waiting' : 'contacts.request')}
				</Button>
			</div>
			{formerChat && (
				<Cells>
					<Cell label={t('contacts.message')} icon={MessageCircle} isCentred onClick={() => openDirectChat(services, id)} />
				</Cells>
			)}
		</>
	);
}

type Members = Readonly<Record<Id, readonly { account: { id: Id } }[]>>;

const hints = new WeakMap<Members, Map<Id, SourceHint | null>>();

/* A group in which both are: a true origin for a request to someone met there. */
function sharedGroup(members: Members, id: Id, myId: Id | undefined): SourceHint | null {
	let known = hints.get(members);
	if (!known) hints.set(members, (known = new Map<Id, SourceHint | null>()));
	const found = known.get(id);
	if (found !== undefined) return found;
	const group = Object.entries(members).find(([, list]) => {
		const ids = new Set(list.map((member) => member.account.id));
		return ids.has(id) && myId !== undefined && ids.has(myId);
	});
	const hint = group ? { kind: 'group' as const, ref: group[0] } : null;
	known.set(id, hint);
	return hint;
}
