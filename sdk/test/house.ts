// SPDX-License-Identifier: Apache-2.0
// A small real server for the SDK's tests: HTTP and WebSocket on a free port, scripted by the test.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { SocketFactory } from '../src/index.ts';

export interface Received {
	method: string;
	target: string;
	headers: IncomingMessage['headers'];
	body: string;
}

export interface Frame {
	t: string;
	id: number;
	op: string;
	in: Record<string, unknown>;
}

export const wsSocket: SocketFactory = (url, protocols) =>
	new WebSocket(url, protocols);

export class House {
	readonly requests: Received[] = [];
	readonly frames: Frame[] = [];
	/** The streams opened so far: their targets and protocols. */
	readonly upgrades: { target: string; protocols: string }[] = [];
	/** Answers HTTP; by default what the stream asks for when it starts. */
	onRequest: (request: Received, answer: ServerResponse) => void = (_, answer) =>
		House.json(answer, 200, { cursor: 'c0', events: [], more: false });
	/** Answers a frame; by default with an empty reply. */
	onFrame: (frame: Frame, socket: WebSocket) => void = (frame, socket) =>
		socket.send(JSON.stringify({ t: 'reply', id: frame.id, status: 200, out: { op: frame.op } }));
	/** Refuses the upgrade with this status when set. */
	refuseUpgrade = 0;
	readonly #server: Server;
	readonly #sockets = new WebSocketServer({
		noServer: true,
		handleProtocols: (offered) => (offered.has('guanxi.v1') ? 'guanxi.v1' : false),
	});

	private constructor() {
		this.#server = createServer((request, answer) => {
			let body = '';
			request.setEncoding('utf8');
			request.on('data', (part: string) => (body += part));
			request.on('end', () => {
				const { method = '', url: target = '', headers } = request;
				const received = { method, target, headers, body };
				this.requests.push(received);
				this.onRequest(received, answer);
			});
		});
		this.#server.on('upgrade', (request, socket, head) => {
			if (this.refuseUpgrade !== 0) {
				socket.end(`HTTP/1.1 ${this.refuseUpgrade} No\r\nConnection: close\r\n\r\n`);
				return;
			}
			const protocols = request.headers['sec-websocket-protocol'] ?? '';
			this.upgrades.push({ target: request.url ?? '', protocols });
			this.#sockets.handleUpgrade(request, socket, head, (ws) => {
				ws.on('message', (data: Buffer) => {
					const frame = JSON.parse(data.toString()) as Frame;
					this.frames.push(frame);
					this.onFrame(frame, ws);
				});
				this.#sockets.emit('connection', ws, request);
			});
		});
	}

	static async open(): Promise<House> {
		const house = new House();
		await new Promise<void>((resolve) => house.#server.listen(0, '127.0.0.1', resolve));
		return house;
	}

	static json(answer: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
		const type = status >= 400 ? 'application/problem+json' : 'application/json';
		answer.writeHead(status, { 'content-type': type, ...headers });
		answer.end(JSON.stringify(body));
	}

	static problem(status: number, code: string): object {
		return { type: 'about:blank', title: code, status, code, detail: `detail of ${code}` };
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	get sockets(): WebSocket[] {
		return [...this.#sockets.clients].filter((s) => s.readyState === WebSocket.OPEN);
	}

	tell(frame: object): void {
		for (const socket of this.sockets) socket.send(JSON.stringify(frame));
	}

	/** Cuts the connections without a close frame. */
	cut(): void {
		for (const socket of this.#sockets.clients) socket.terminate();
	}

	async close(): Promise<void> {
		this.cut();
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
