// SPDX-License-Identifier: Apache-2.0
/* CardPicker.tsx - chooses the contact whose card is sent. */
import { useState } from 'preact/hooks';
import type { Id } from '../../api/types.ts';
import type { Services } from '../../model/services.ts';
import { ServicesContext, useServices } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Button } from '../../ui/controls.tsx';
import { openDialog } from '../../ui/overlays.tsx';
import { PeoplePicker } from '../groups/PeoplePicker.tsx';
import type { Sender } from './sending.ts';

export function chooseCard(services: Services, sender: Sender, conversationId: Id): void {
	openDialog(t('chat.choose_card'), (close) => (
		<ServicesContext.Provider value={services}>
			<CardForm sender={sender} conversationId={conversationId} close={close} />
		</ServicesContext.Provider>
	));
}

function CardForm({ sender, conversationId, close }: { sender: Sender; conversationId: Id; close: () => void }) {
	const { store } = useServices();
	const [chosen, setChosen] = useState<ReadonlySet<Id>>(new Set());
	const peerId = store.state.chats[conversationId]?.peer_id;
	const people = Object.keys(store.state.ties).filter((id) => id !== peerId);
	const send = () => {
		const [id] = chosen;
		const account = id === undefined ? undefined : store.state.accounts[id];
		if (account) sender.send(conversationId, 'card', { account_id: account.id, nickname: account.nickname, avatar: account.avatar });
		close();
	};
	return (
		<div class="card-form">
			<PeoplePicker people={people} chosen={chosen} onChange={setChosen} isSingle />
			<div class="dialog-actions">
				<Button kind="plain" onClick={close}>
					{t('ui.cancel')}
				</Button>
				<Button disabled={chosen.size === 0} onClick={send}>
					{t('chat.send')}
				</Button>
			</div>
		</div>
	);
}
