// SPDX-License-Identifier: Apache-2.0
/* room.ts - what the chat's components share besides the services: the one Sender. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Sender } from './sending.ts';

export const SenderContext = createContext<Sender | null>(null);

export function useSender(): Sender {
	const sender = useContext(SenderContext);
	if (!sender) throw new Error('no sender above this component');
	return sender;
}
