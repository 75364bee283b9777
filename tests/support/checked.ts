// SPDX-License-Identifier: Apache-2.0
// fetch and WebSocket as the tests give them to the SDK: every answer and every frame is compared
// with the API file on its way. A fault fails the call, and again the end of the test file, so
// that a test which expects a refusal can't swallow it.
import type { SocketFactory } from '@guanxi/sdk';
import { WebSocket } from 'ws';
import { api, faultBySchema, faultOfAnswer, faultOfProblem, operationNamed, operationOf, type Described } from './api.ts';
import { saw } from './seen.ts';

const faults: string[] = [];

/** What was wrong since the last time. */
export function takeFaults(): string[] {
	return faults.splice(0);
}

function fault(text: string): never {
	faults.push(text);
	throw new Error(`not as the API file says: ${text}`);
}

function mustBe(described: Described | undefined, text: string | undefined): void {
	if (text !== undefined) fault(`${described?.op ?? 'no operation'}: ${text}`);
}

function checkHeaders(described: Described | undefined, answer: Response): void {
	if (answer.headers.get('x-content-type-options') !== 'nosniff') fault('an answer without nosniff');
	if (answer.status === 401 && answer.headers.get('www-authenticate') !== 'Bearer')
		mustBe(described, '401 without WWW-Authenticate');
	if ((answer.status === 429 || answer.status === 503) && answer.headers.get('retry-after') === null)
		mustBe(described, `${answer.status} without Retry-After`);
}

export function checkProblem(described: Described | undefined, status: number, problem: unknown): void {
	mustBe(described, faultOfProblem(described, status, problem));
	saw({ code: (problem as { code: string }).code });
}

/** A problem of an unknown operation: at least its code and status belong together. */
export function checkAnyProblem(status: number, text: string): void {
	const problem = parseCompact(text) as { code: string };
	mustBe(undefined, faultBySchema('api#/components/schemas/Problem', problem));
	if (api['x-codes'][problem.code] !== status) fault(`${problem.code} with ${status}`);
	saw({ code: problem.code });
}

/** The server writes JSON compactly and escapes nothing that needn't be; so does JSON.stringify. */
function parseCompact(text: string): unknown {
	const value: unknown = JSON.parse(text);
	if (JSON.stringify(value) !== text) fault(`not compact: ${text.slice(0, 300)}`);
	return value;
}

async function check(described: Described | undefined, answer: Response): Promise<void> {
	checkHeaders(described, answer);
	const type = answer.headers.get('content-type') ?? '';
	if (answer.status >= 400) {
		if (type !== 'application/problem+json') mustBe(described, `${answer.status} as ${type}`);
		checkProblem(described, answer.status, parseCompact(await answer.clone().text()));
		return;
	}
	if (!described) return;
	if (answer.status === 304 || answer.status === 206) return;
	saw({ op: described.op, status: answer.status });
	const isJson = type === 'application/json' && answer.status < 300 && !described.op.startsWith('media.get');
	const value = isJson ? parseCompact(await answer.clone().text()) : undefined;
	mustBe(described, faultOfAnswer(described, answer.status, value));
	sawRefused(described, value);
}

/** What an answer says about people who could not be added. */
function sawRefused(described: Described, value: unknown): void {
	const { refused = [] } = (value ?? {}) as { refused?: { code: string }[] };
	for (const { code } of refused) {
		if (!described.operation['x-refused-codes']?.includes(code)) mustBe(described, `a refusal for ${code}`);
		saw({ code });
	}
}

export const checkedFetch: typeof fetch = async (input, init) => {
	const request = new Request(input, init);
	const answer = await fetch(input, init);
	await check(operationOf(request.method, new URL(request.url).pathname), answer);
	return answer;
};

interface Reply {
	t: 'reply';
	id: number;
	status: number;
	out?: unknown;
	problem?: unknown;
}

function checkReply(calls: Map<number, string>, reply: Reply): void {
	const op = calls.get(reply.id);
	if (op === undefined) fault(`a reply to nothing: ${reply.id}`);
	calls.delete(reply.id);
	const described = operationNamed(op);
	if (reply.status >= 400) {
		checkProblem(described, reply.status, reply.problem);
	} else if (described) {
		saw({ op, status: reply.status });
		mustBe(described, faultOfAnswer(described, reply.status, reply.out));
		sawRefused(described, reply.out);
	} else {
		fault(`a reply to ${op}, which the API file doesn't have`);
	}
}

/** Checks a frame from the server; `calls` holds the operations of calls without a reply. */
export function checkFrame(calls: Map<number, string>, text: string): void {
	if (!text.startsWith('{"t":"')) fault(`t doesn't come first: ${text}`);
	const frame = parseCompact(text) as { t: string; event?: { type: string } };
	const wrong = faultBySchema('api#/components/schemas/ServerFrame', frame);
	if (wrong !== undefined) fault(wrong);
	saw({ frame: frame.t });
	if (frame.event) saw({ event: frame.event.type });
	if (frame.t === 'reply') checkReply(calls, frame as unknown as Reply);
}

/** Notes the operations of what is sent and checks what comes back. */
function watch(socket: WebSocket): void {
	const calls = new Map<number, string>();
	const send = socket.send.bind(socket) as (data: string) => void;
	socket.send = (data: unknown): void => {
		const frame = JSON.parse(String(data)) as { t: string; id?: number; op?: string };
		if (frame.t === 'call' && frame.id !== undefined && frame.op !== undefined) calls.set(frame.id, frame.op);
		send(String(data));
	};
	socket.on('open', () => saw({ op: 'sync.stream', status: 101 }));
	socket.on('message', (data: Buffer) => {
		try {
			checkFrame(calls, data.toString());
		} catch {
			socket.terminate(); // the fault is noted
		}
	});
}

export const checkedSocket: SocketFactory = (url, protocols) => {
	const socket = new WebSocket(url, protocols);
	watch(socket);
	return socket;
};
