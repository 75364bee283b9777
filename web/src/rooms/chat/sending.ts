// SPDX-License-Identifier: Apache-2.0
/*
 * sending.ts - brings what was written to the server, whatever happens between.
 *
 * A message enters the outbox (and the local store) before anything is sent; only the server's
 * answer, or the message coming back over the stream, takes it out. Interrupted sends are repeated
 * under the same client_id, which the server answers with the first result.
 */
import { GuanxiError, newClientId } from '@guanxi/sdk';
import type { NewMessage } from '../../api/api.ts';
import { codeOf } from '../../api/problem.ts';
import type { Body, Id } from '../../api/types.ts';
import { messagesToSend, uploadsToStart } from '../../model/outbox.ts';
import type { Services } from '../../model/services.ts';
import type { Outgoing } from '../../model/state.ts';
import { dropPreview, keepPreview } from '../media/previews.ts';

export interface Extras {
	reply_to?: number | null;
	mentions?: readonly string[];
}

const RETRY_MS = 2000;

export class Sender {
	private readonly services: Services;
	private readonly uploads = new Map<string, AbortController>();
	private timer: ReturnType<typeof setTimeout> | undefined;

	constructor(services: Services) {
		this.services = services;
	}

	send(conversationId: Id, kind: string, body: Body, extras: Extras = {}): void {
		this.add(conversationId, kind, body, extras, null);
		this.work();
	}

	/* The bytes are in the local store before the message shows, so that a reload can go on. */
	async sendFile(conversationId: Id, kind: string, body: Body, file: File): Promise<void> {
		const client_id = newClientId();
		keepPreview(client_id, file);
		const stored = this.services.disk.putFile(client_id, file);
		this.add(conversationId, kind, body, {}, file, client_id);
		await stored;
		this.work();
	}

	retry(clientId: string): void {
		this.change(clientId, { state: 'waiting', error: null, progress: 0 });
		this.work();
	}

	/* Takes back what has not been sent. */
	drop(clientId: string): void {
		this.uploads.get(clientId)?.abort();
		dropPreview(clientId);
		this.services.store.dispatch({ type: 'outgoing.dropped', client_id: clientId });
	}

	/* Starts whatever can be started now; called again after each step and each reconnection. */
	work(): void {
		clearTimeout(this.timer);
		if (this.services.store.state.link !== 'online') return;
		for (const outgoing of uploadsToStart(this.services.store.state.outbox)) void this.upload(outgoing);
		for (const outgoing of messagesToSend(this.services.store.state.outbox)) void this.post(outgoing);
	}

	private add(conversationId: Id, kind: string, body: Body, extras: Extras, file: File | null, clientId = newClientId()): void {
		const now = Date.now();
		const newest = Math.max(0, ...Object.values(this.services.store.state.outbox).map((one) => one.created_at));
		this.services.store.dispatch({
			type: 'outgoing.added',
			outgoing: {
				client_id: clientId,
				conversation_id: conversationId,
				kind,
				body,
				reply_to: extras.reply_to ?? null,
				mentions: extras.mentions ?? [],
				created_at: Math.max(now, newest + 1),
				state: 'waiting',
				file: file && { name: file.name, type: file.type, size: file.size },
				progress: 0,
				error: null,
			},
		});
	}

	private change(clientId: string, change: Partial<Outgoing>): void {
		this.services.store.dispatch({ type: 'outgoing.changed', client_id: clientId, change });
	}

	private async upload(outgoing: Outgoing): Promise<void> {
		const { client_id, file } = outgoing;
		const abort = new AbortController();
		this.uploads.set(client_id, abort);
		this.change(client_id, { state: 'uploading', progress: 0 });
		try {
			const bytes = await this.services.disk.getFile(client_id);
			if (!bytes || !file) {
				this.change(client_id, { state: 'failed', error: 'lost_file' });
				return;
			}
			const media = await this.services.api.upload(bytes, {
				filename: file.name,
				signal: abort.signal,
				onProgress: (sent, total) => this.change(client_id, { progress: total > 0 ? sent / total : 0 }),
			});
			const body: Body = { ...outgoing.body, media_id: media.id };
			if (outgoing.kind === 'image' && media.width && media.height) Object.assign(body, { width: media.width, height: media.height });
			this.change(client_id, { state: 'waiting', body, progress: 1 });
		} catch (error) {
			this.failed(client_id, error);
		} finally {
			this.uploads.delete(client_id);
			this.work();
		}
	}

	private async post(outgoing: Outgoing): Promise<void> {
		const { client_id, conversation_id, kind, body, reply_to, mentions } = outgoing;
		this.change(client_id, { state: 'sending' });
		const message: NewMessage = { conversation_id, client_id, kind, body };
		if (reply_to !== null) message.reply_to = reply_to;
		if (mentions.length > 0) message.mentions = mentions;
		try {
			const sent = await this.services.api.send(message);
			this.services.store.dispatch({ type: 'outgoing.sent', client_id, message: sent });
		} catch (error) {
			this.failed(client_id, error);
		}
	}

	/* Not reached, or asked to wait: it stays in the queue. Refused: the person decides. */
	private failed(clientId: string, error: unknown): void {
		if (error instanceof DOMException && error.name === 'AbortError') return;
		const isRefused = error instanceof GuanxiError && !(error.status === 503 || error.code === 'core.unauthenticated');
		if (isRefused) {
			this.change(clientId, { state: 'failed', error: codeOf(error) });
			return;
		}
		this.change(clientId, { state: 'waiting' });
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.work(), RETRY_MS);
	}
}
