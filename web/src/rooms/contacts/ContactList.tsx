// SPDX-License-Identifier: Apache-2.0
/* ContactList.tsx - the address book: entries above, then people by letter with a bar to jump. */
import { Tag, UserPlus, Users } from 'lucide';
import type { IconNode } from 'lucide';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import { nameOf, newRequestsCount } from '../../model/select.ts';
import { sectionsOf } from '../../model/sections.ts';
import { useSelect, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Badge, Empty, SearchField, Waiting } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { moveInList } from '../../ui/keys.ts';
import { Page } from '../../ui/Page.tsx';
import { Link, usePlace } from '../../ui/router.tsx';
import { useFace, useName } from '../accounts/use_account.ts';
import { LinkState } from '../sync/LinkState.tsx';
import './ContactList.css';

export function ContactList() {
	const { store } = useServices();
	const [query, setQuery] = useState('');
	const scroller = useRef<HTMLDivElement>(null);
	const ties = useSelect((state) => state.ties);
	const accounts = useSelect((state) => state.accounts);
	const isKnown = useSelect((state) => state.has_lists);
	const newCount = useSelect(newRequestsCount);
	const ids = useMemo(() => {
		const wanted = query.trim().toLocaleLowerCase();
		return Object.keys(ties).filter((id) => {
			if (wanted === '') return true;
			const account = accounts[id];
			const words = [nameOf(store.state, id), account?.nickname ?? '', account?.username ?? ''];
			return words.some((word) => word.toLocaleLowerCase().includes(wanted));
		});
	}, [ties, accounts, query, store]);
	const starred = ids.filter((id) => ties[id]?.starred);
	const sections = useMemo(() => sectionsOf(ids, (id) => nameOf(store.state, id) || '#'), [ids, store]);
	const jump = (letter: string) => scroller.current?.querySelector(`[data-letter="${letter}"]`)?.scrollIntoView({ block: 'start' });
	return (
		<Page
			title={t('ui.contacts')}
			heading={<LinkState title={t('ui.contacts')} />}
			ground="list"
			isFixed
			actions={
				<Link class="bar-button" href="/contacts/add" aria-label={t('contacts.add')}>
					<Icon icon={UserPlus} size={22} />
				</Link>
			}
		>
			<div class="list-search">
				<SearchField label={t('ui.search')} value={query} onValue={setQuery} />
			</div>
			<div class="scroll list-scroll contacts" ref={scroller} onKeyDown={moveInList}>
				{query === '' && (
					<ul class="rows">
						<Entry href="/contacts/new" icon={UserPlus} tone="orange" label={t('contacts.new')} count={newCount} />
						<Entry href="/contacts/groups" icon={Users} tone="green" label={t('contacts.groups')} />
						<Entry href="/contacts/tags" icon={Tag} tone="blue" label={t('contacts.tags')} />
					</ul>
				)}
				{starred.length > 0 && query === '' && (
					<section data-letter="★">
						<h2 class="letter">{t('contacts.starred')}</h2>
						<ul class="rows">
							{starred.map((id) => (
								<ContactRow key={id} id={id} />
							))}
						</ul>
					</section>
				)}
				{sections.map(({ letter, items }) => (
					<section key={letter} data-letter={letter}>
						<h2 class="letter">{letter}</h2>
						<ul class="rows">
							{items.map((id) => (
								<ContactRow key={id} id={id} />
							))}
						</ul>
					</section>
				))}
				{ids.length > 0 && query === '' && <p class="contacts-count">{t('contacts.count', { count: ids.length })}</p>}
				{ids.length === 0 && query !== '' && <Empty title={t('chat.no_match', { query })} />}
				{ids.length === 0 && query === '' && (isKnown ? <NoContacts /> : <Waiting />)}
			</div>
			{sections.length > 1 && query === '' && <LetterBar letters={[...(starred.length > 0 ? ['★'] : []), ...sections.map(({ letter }) => letter)]} onJump={jump} />}
		</Page>
	);
}

function NoContacts() {
	return (
		<Empty title={t('contacts.empty')} note={t('contacts.empty_note')}>
			<Link class="button main" href="/contacts/add">
				{t('contacts.add')}
			</Link>
		</Empty>
	);
}

interface EntryProps {
	href: string;
	icon: IconNode;
	tone: 'orange' | 'green' | 'blue';
	label: string;
	count?: number;
}

function Entry({ href, icon, tone, label, count = 0 }: EntryProps) {
	const { path } = usePlace();
	return (
		<li class={path.startsWith(href) ? 'row-place open' : 'row-place'}>
			<Link class="row contact-row" href={href}>
				<span class={`entry-icon ${tone}`}>
					<Icon icon={icon} size={22} />
				</span>
				<span class="row-title one-line">{label}</span>
				<Badge count={count} />
				{count > 0 && <span class="unseen">{t('ui.unread', { count })}</span>}
			</Link>
		</li>
	);
}

export function ContactRow({ id }: { id: Id }) {
	const { path } = usePlace();
	const face = useFace(id);
	const name = useName(id);
	return (
		<li class={path === `/contacts/${id}` ? 'row-place contact-place open' : 'row-place contact-place'}>
			<Link class="row contact-row" href={`/contacts/${id}`}>
				<Avatar {...face} size={40} />
				<span class="row-title one-line" dir="auto">
					{name}
				</span>
			</Link>
		</li>
	);
}

/* For fingers and mice: with a keyboard one searches instead. */
function LetterBar({ letters, onJump }: { letters: readonly string[]; onJump: (letter: string) => void }) {
	const [current, setCurrent] = useState<string | null>(null);
	const at = (event: PointerEvent) => {
		const element = document.elementFromPoint(event.clientX, event.clientY);
		const letter = element instanceof HTMLElement ? element.dataset.jump : undefined;
		if (letter === undefined || letter === current) return;
		setCurrent(letter);
		onJump(letter);
	};
	return (
		<div
			class="letter-bar"
			aria-hidden="true"
			onPointerDown={(event) => {
				event.currentTarget.setPointerCapture(event.pointerId);
				at(event);
			}}
			onPointerMove={(event) => event.buttons > 0 && at(event)}
			onPointerUp={() => setCurrent(null)}
			onPointerCancel={() => setCurrent(null)}
		>
			{letters.map((letter) => (
				<span key={letter} data-jump={letter} class={letter === current ? 'letter-mark current' : 'letter-mark'}>
					{letter}
				</span>
			))}
		</div>
	);
}
