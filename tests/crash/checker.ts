// SPDX-License-Identifier: Apache-2.0
// The judge: knows nothing of how messages were sent, only what was acknowledged, and reads what is
// there through the API and, past the server, in the database file.
import { execFileSync } from 'node:child_process';
import { ConnectionError, GuanxiError, type Message } from '@guanxi/sdk';
import type { Person } from '../support/people.ts';
import type { Acknowledged } from './writer.ts';

/** Repeats a query while the server is still coming back. */
async function patiently<T>(query: () => Promise<T>): Promise<T> {
	for (let tries = 0; ; tries++) {
		try {
			return await query();
		} catch (error) {
			const isPassing = error instanceof ConnectionError || (error instanceof GuanxiError && error.isRetryable);
			if (!isPassing || tries === 100) throw error;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
}

/** The whole history as this person reads it. */
export async function readHistory(who: Person, conversationId: string): Promise<Message[]> {
	const all: Message[] = [];
	let after: number | null = 0;
	while (after !== null) {
		const input: { conversation_id: string; after: number; limit: number } = { conversation_id: conversationId, after, limit: 100 };
		const page = await patiently(() => who.call('messages.list', input));
		all.push(...page.messages);
		after = page.next;
	}
	return all;
}

function numberOf(text: string): number {
	return Number(text.split(' ').at(-1));
}

function textOf(message: Message): string | undefined {
	return message.kind === 'text' && 'text' in message.body ? message.body.text : undefined;
}

/** What is wrong with a history, given what was acknowledged to its senders. */
export function faultsOf(history: Message[], acknowledged: Acknowledged[]): string[] {
	const faults: string[] = [];
	const bySeq = new Map(history.map((m) => [m.seq, m]));
	history.forEach((m, i) => {
		if (m.seq !== i + 1) faults.push(`seq ${m.seq} stands at place ${i + 1}`);
	});
	const times = new Map<string, number>();
	for (const m of history) {
		const key = `${m.sender_id} ${m.client_id}`;
		if (m.kind !== 'notice') times.set(key, (times.get(key) ?? 0) + 1);
	}
	for (const [key, count] of times) if (count !== 1) faults.push(`${key} is there ${count} times`);
	for (const ack of acknowledged) {
		const found = bySeq.get(ack.seq);
		if (!found || textOf(found) !== ack.text || found.client_id !== ack.clientId || found.sent_at !== ack.sentAt)
			faults.push(`acknowledged "${ack.text}" as ${ack.seq}, but there is ${JSON.stringify(found)}`);
	}
	return [...faults, ...faultsOfOrder(history)];
}

/** Each sender's numbers must ascend: what was sent later stands later. */
function faultsOfOrder(history: Message[]): string[] {
	const faults: string[] = [];
	const last = new Map<string, number>();
	for (const m of history) {
		const text = textOf(m);
		if (text === undefined) continue;
		const number = numberOf(text);
		const writer = text.slice(0, text.lastIndexOf(' '));
		const before = last.get(writer) ?? -1;
		if (number !== before + 1) faults.push(`"${text}" follows ${writer} ${before}`);
		last.set(writer, number);
	}
	return faults;
}

/** A listener must have heard each message once and in order of seq, from the first one it heard. */
export function faultsOfHearing(heard: Message[], history: Message[]): string[] {
	const first = heard[0]?.seq;
	const want = history.filter(({ seq }) => first === undefined || seq >= first).map(({ seq }) => seq);
	const got = heard.map(({ seq }) => seq);
	const isSame = got.length === want.length && got.every((seq, i) => seq === want[i]);
	return isSame ? [] : [`heard ${got.length} of ${want.length}: first difference at ${got.findIndex((seq, i) => seq !== want[i])}`];
}

/** Counts rows, doubles and gaps in the file itself; the server must be stopped. */
export function faultsInFile(dataFolder: string, rowsWanted: Map<string, number>): string[] {
	const script = `
import glob, json, sqlite3, sys
found = {}
for path in glob.glob(sys.argv[1] + '/*.db') + glob.glob(sys.argv[1] + '/*.sqlite*'):
    try:
        db = sqlite3.connect('file:' + path + '?mode=ro', uri=True)
        check = db.execute('PRAGMA integrity_check').fetchone()[0]
        found['integrity ' + path] = check
        rows = db.execute('SELECT conversation_id, count(*), count(DISTINCT seq), max(seq) FROM chat_message GROUP BY 1').fetchall()
    except sqlite3.DatabaseError:
        continue
    found['rows'] = {str(r[0]): r[1:] for r in rows}
print(json.dumps(found))
`;
	const text = execFileSync('python3', ['-c', script, dataFolder], { encoding: 'utf8' });
	const found = JSON.parse(text) as Record<string, unknown> & { rows?: Record<string, [number, number, number]> };
	const faults = Object.entries(found).filter(([k, v]) => k.startsWith('integrity') && v !== 'ok').map(([k, v]) => `${k}: ${String(v)}`);
	if (!found.rows) return [...faults, 'no table of messages found'];
	for (const [id, wanted] of rowsWanted) {
		const [rows, seqs, highest] = found.rows[id] ?? [0, 0, 0];
		if (rows !== wanted || seqs !== wanted || highest !== wanted)
			faults.push(`conversation ${id}: ${rows} rows, ${seqs} seqs up to ${highest}, wanted ${wanted}`);
	}
	return faults;
}
