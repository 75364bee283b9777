// SPDX-License-Identifier: Apache-2.0
/* SendingState.tsx - how far a message on its way out has come: sending, uploading, failed. */
import { CircleAlert, LoaderCircle, X } from 'lucide';
import { textOfCode } from '../../api/problem.ts';
import { useSelect } from '../../model/services.ts';
import type { Outgoing } from '../../model/state.ts';
import { t } from '../../text/text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Link } from '../../ui/router.tsx';
import { useName } from '../accounts/use_account.ts';
import { retrySending } from './chat_actions.ts';
import { isBare } from './MessageBody.tsx';
import { useSender } from './room.ts';

export function SendingState({ outgoing }: { outgoing: Outgoing }) {
	const sender = useSender();
	if (outgoing.state === 'failed') {
		return (
			<button
				type="button"
				class="message-failed"
				aria-label={`${t('chat.failed')}${t('ui.separator')}${t('chat.resend')}`}
				onClick={() => void retrySending(sender, outgoing.client_id)}
			>
				<Icon icon={CircleAlert} size={20} />
			</button>
		);
	}
	return (
		<span class="message-sending" role="img" aria-label={t('chat.sending')}>
			<Icon icon={LoaderCircle} size={16} class="spinner" />
		</span>
	);
}

export function FailedLine({ outgoing }: { outgoing: Outgoing }) {
	const { peer_id, kind } = useSelect((state) => state.chats[outgoing.conversation_id]) ?? { peer_id: null, kind: null };
	const name = useName(peer_id ?? '');
	const code = outgoing.error ?? '';
	const text = code === 'lost_file' ? t('media.lost_file') : textOfCode(code, { name });
	return (
		<p class="failed-line" role="alert">
			{text}
			{code === 'contacts.not_friend' && kind === 'direct' && peer_id !== null && (
				<>
					{' '}
					<Link href={`/contacts/${peer_id}`}>{t('chat.send_request')}</Link>
				</>
			)}
		</p>
	);
}

export function Progress({ outgoing }: { outgoing: Outgoing }) {
	const sender = useSender();
	const percent = Math.round(outgoing.progress * 100);
	return (
		<span class={isBare(outgoing.kind) ? 'progress over' : 'progress below'}>
			<span class="progress-track" role="progressbar" aria-valuenow={percent} aria-label={t('media.uploading', { percent })}>
				<span class="progress-done" style={{ width: `${percent}%` }} />
			</span>
			<button
				type="button"
				class="progress-cancel"
				aria-label={t('media.cancel_upload')}
				onClick={() => sender.drop(outgoing.client_id)}
			>
				<Icon icon={X} size={16} />
			</button>
		</span>
	);
}
