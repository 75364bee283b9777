// SPDX-License-Identifier: Apache-2.0
/* PeoplePicker.tsx - chooses some out of many people, by letter or by searching. */
import { Check } from 'lucide';
import { useMemo, useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import { nameOf } from '../../model/select.ts';
import { sectionsOf } from '../../model/sections.ts';
import { useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Empty, SearchField } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { moveInList } from '../../ui/keys.ts';
import { useFace } from '../accounts/use_account.ts';
import './PeoplePicker.css';

interface Props {
	people: readonly Id[];
	chosen: ReadonlySet<Id>;
	onChange: (chosen: ReadonlySet<Id>) => void;
	/* In whose words people are called: with their nicknames in this group. */
	conversationId?: Id;
	isSingle?: boolean;
}

export function PeoplePicker({ people, chosen, onChange, conversationId, isSingle = false }: Props) {
	const { store } = useServices();
	const [query, setQuery] = useState('');
	const sections = useMemo(() => {
		const wanted = query.trim().toLocaleLowerCase();
		const name = (id: Id) => nameOf(store.state, id, conversationId) || '#';
		const found = people.filter((id) => `${name(id)} ${store.state.accounts[id]?.nickname ?? ''}`.toLocaleLowerCase().includes(wanted));
		return sectionsOf(found, name);
	}, [people, query, conversationId, store]);
	const toggle = (id: Id) => {
		const next = new Set(isSingle ? [] : chosen);
		if (chosen.has(id)) next.delete(id);
		else next.add(id);
		onChange(next);
	};
	if (people.length === 0) return <Empty title={t('groups.no_contacts')} />;
	return (
		<div class="picker">
			<div class="page-search">
				<SearchField label={t('ui.search')} value={query} onValue={setQuery} />
			</div>
			<div class="scroll picker-list" onKeyDown={moveInList} role="group" aria-label={t('groups.choose')}>
				{sections.map(({ letter, items }) => (
					<section key={letter}>
						<h2 class="letter">{letter}</h2>
						{items.map((id) => (
							<Choice key={id} id={id} name={nameOf(store.state, id, conversationId)} isChosen={chosen.has(id)} onToggle={() => toggle(id)} />
						))}
					</section>
				))}
			</div>
			<p class="unseen" role="status">
				{t('groups.chosen', { count: chosen.size })}
			</p>
		</div>
	);
}

interface ChoiceProps {
	id: Id;
	name: string;
	isChosen: boolean;
	onToggle: () => void;
}

function Choice({ id, name, isChosen, onToggle }: ChoiceProps) {
	const face = useFace(id);
	return (
		<button type="button" class="picker-row" role="checkbox" aria-checked={isChosen} onClick={onToggle}>
			<span class={isChosen ? 'picker-mark chosen' : 'picker-mark'} aria-hidden="true">
				{isChosen && <Icon icon={Check} size={16} />}
			</span>
			<Avatar {...face} size={40} />
			<span class="one-line" dir="auto">
				{name}
			</span>
		</button>
	);
}
