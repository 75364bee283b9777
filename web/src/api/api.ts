// SPDX-License-Identifier: Apache-2.0
/*
 * api.ts - the client's one way to the server: the SDK with the browser's session.
 *
 * The token lives in localStorage, so that every tab has it; media are read by the HttpOnly cookie.
 */
import { Client, type CallArguments, type JsonOp, type Media, type Out, type Stream, type UploadOptions } from '@guanxi/sdk';
import type { Body, Id, Message } from './types.ts';

const STORED = 'guanxi.session';

export interface Session {
	token: string;
	device_id: Id;
}

export interface NewMessage {
	conversation_id: Id;
	client_id: string;
	kind: string;
	body: Body;
	reply_to?: number;
	mentions?: readonly string[];
}

function storedSession(): Session | null {
	try {
		return JSON.parse(localStorage.getItem(STORED) ?? 'null') as Session | null;
	} catch {
		return null;
	}
}

export class Api {
	readonly client: Client;
	stream: Stream | null = null;
	session: Session | null = storedSession();

	constructor() {
		this.client = new Client({ token: this.session?.token });
	}

	setSession(session: Session | null): void {
		this.session = session;
		this.client.token = session?.token;
		try {
			if (session) localStorage.setItem(STORED, JSON.stringify(session));
			else localStorage.removeItem(STORED);
		} catch {
			// Without storage the session ends with the page.
		}
	}

	call<O extends JsonOp>(op: O, ...rest: CallArguments<O>): Promise<Out<O>> {
		return this.client.call(op, ...rest);
	}

	/* Over the stream, which keeps the order of what is sent and repeats what was cut off. */
	async send(message: NewMessage): Promise<Message> {
		const input = message as CallArguments<'messages.send'>[0];
		const { message: sent } = this.stream
			? await this.stream.call('messages.send', input)
			: await this.client.call('messages.send', input);
		return sent;
	}

	upload(file: Blob, options: UploadOptions): Promise<Media> {
		return this.client.upload(file, options);
	}

	mediaUrl(id: Id): string {
		return `/api/v1/media/${id}`;
	}

	thumbUrl(id: Id): string {
		return `/api/v1/media/${id}/thumb`;
	}
}
