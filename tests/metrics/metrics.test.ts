// SPDX-License-Identifier: Apache-2.0
// Goal: /metrics is what Prometheus reads and what --print-metrics promises, and its figures follow
// what happens. What is slow is logged, without contents.
// Method: a strict reader of the format; figures before and after something was done.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkedFetch } from '../support/checked.ts';
import { Ear } from '../support/ear.ts';
import { parseExposition, valueOf, type Family } from '../support/exposition.ts';
import { useServer } from '../support/house.ts';
import { findBinary } from '../support/paths.ts';
import { befriend, nobody, people, person } from '../support/people.ts';
import type { Server } from '../support/server.ts';

async function metrics(server: Server): Promise<Map<string, Family>> {
	const answer = await checkedFetch(`${server.url}/metrics`);
	expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
	return parseExposition(await answer.text());
}

describe('the reader of this test', () => {
	const head = '# HELP a_total All.\n# TYPE a_total counter\n';
	const histogram = '# HELP h H.\n# TYPE h histogram\n';
	it.each([
		['no line feed at the end', `${head}a_total 1`],
		['TYPE without HELP', '# TYPE a_total counter\na_total 1\n'],
		['a sample of another name', `${head}b_total 1\n`],
		['a sample twice', `${head}a_total 1\na_total 1\n`],
		['a bad label', `${head}a_total{x=1} 1\n`],
		['a comma too many', `${head}a_total{x="1",} 1\n`],
		['a negative counter', `${head}a_total -1\n`],
		['a family twice', `${head}a_total 1\n${head}a_total 2\n`],
		['a counter without _total', '# HELP a All.\n# TYPE a counter\na 1\n'],
		['buckets that sink', `${histogram}h_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n`],
		['no +Inf', `${histogram}h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n`],
		['another count', `${histogram}h_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n`],
	])('refuses %s', (_, text) => {
		expect(() => parseExposition(text)).toThrow();
	});
	it('reads what is right', () => {
		const text = `${histogram}h_bucket{op="a",le="1"} 1\nh_bucket{op="a",le="+Inf"} 3\nh_sum{op="a"} 7.5\nh_count{op="a"} 3\n`;
		expect(valueOf(parseExposition(text), 'h_sum', { op: 'a' })).toBe(7.5);
	});
});

describe('the page', () => {
	const house = useServer({ workers: 2 });

	it('has exactly what --print-metrics lists', async () => {
		const page = await metrics(house.server);
		const printed = spawnSync(findBinary(), ['--print-metrics'], { encoding: 'utf8' }).stdout.trim().split('\n');
		const onPage = [...page.values()].map(({ name, kind, help }) => `${name} ${kind} ${help}`);
		expect(onPage.sort()).toEqual(printed.sort());
		expect(printed.length).toBeGreaterThan(40);
	});

	it('counts commands, queries, refusals, messages and deliveries', async () => {
		const [a, b] = await people(house.server, 2);
		const conversation = await befriend(a, b);
		const before = await metrics(house.server);
		const grown = async (name: string, labels: Record<string, string>, by: number): Promise<void> => {
			const now = valueOf(await metrics(house.server), name, labels) ?? 0;
			expect([name, now - (valueOf(before, name, labels) ?? 0)]).toEqual([name, by]);
		};
		for (let i = 0; i < 5; i++) await a.say(conversation, `number ${i}`);
		await b.call('messages.list', { conversation_id: conversation });
		await expect(a.call('messages.send', { conversation_id: '999999', client_id: 'x1', kind: 'text', body: { text: 'x' } })).rejects.toThrow();
		await grown('guanxi_command_duration_seconds_count', { op: 'messages.send' }, 6);
		await grown('guanxi_query_duration_seconds_count', { op: 'messages.list' }, 1);
		await grown('guanxi_commands_total', {}, 6);
		await grown('guanxi_edge_answers_total', { status: '4xx' }, 1);
		const refused = [...(await metrics(house.server)).get('guanxi_refusals_total')?.samples ?? []];
		const wasRefused = before.get('guanxi_refusals_total')?.samples ?? [];
		const sum = (all: { value: number }[]): number => all.reduce((n, { value }) => n + value, 0);
		expect(sum(refused) - sum(wasRefused)).toBe(1);
	});

	it('knows who is there', async () => {
		const one = await person(house.server);
		const before = await metrics(house.server);
		const streams = (page: Map<string, Family>): number =>
			[...page.get('guanxi_edge_streams')?.samples ?? []].reduce((n, { value }) => n + value, 0);
		const ear = await Ear.open(one);
		const now = await metrics(house.server);
		expect(streams(now) - streams(before)).toBe(1);
		expect(valueOf(now, 'guanxi_accounts_online')).toBe((valueOf(before, 'guanxi_accounts_online') ?? 0) + 1);
		ear.stream.close();
	});

	it('knows each process, its memory, descriptors and starts', async () => {
		const page = await metrics(house.server);
		const names = house.server.processes().map(({ name }) => name).filter((name) => name !== 'guanxi-media');
		const shown = page.get('guanxi_process_resident_memory_bytes')?.samples ?? [];
		expect(shown.filter(({ labels }) => labels.process !== 'media').length).toBe(names.length + 1);
		for (const { value } of shown) expect(value).toBeGreaterThan(1 << 20);
		for (const { value } of page.get('guanxi_process_open_fds')?.samples ?? []) expect(value).toBeGreaterThan(3);
		expect(valueOf(page, 'guanxi_process_starts_total', { process: 'core' })).toBe(1);
		const started = valueOf(page, 'guanxi_process_start_time_seconds', { process: 'supervisor' }) ?? 0;
		expect(started).toBeGreaterThan(0);
		expect(valueOf(page, 'guanxi_database_bytes')).toBeGreaterThan(4096);
		expect(valueOf(page, 'guanxi_data_free_bytes')).toBeGreaterThan(0);
	});
});

describe('an edge that dies', () => {
	const house = useServer({ workers: 1 });

	it('is counted as a restart, and what it counted is kept', async () => {
		house.server.expectLog(/child_died role=edge/);
		const before = await metrics(house.server);
		house.server.killEdge();
		const accepts = { worker: '0' };
		await expect.poll(async () => {
			const page = await metrics(house.server).catch(() => new Map<string, Family>());
			return valueOf(page, 'guanxi_process_starts_total', { process: 'edge', worker: '0' });
		}, { timeout: 20_000 }).toBe(2);
		const now = await metrics(house.server);
		expect(valueOf(now, 'guanxi_edge_accepts_total', accepts))
			.toBeGreaterThan(valueOf(before, 'guanxi_edge_accepts_total', accepts) ?? Infinity);
		expect(valueOf(now, 'guanxi_log_lines_total', { process: 'supervisor', level: 'error' })).toBe(1);
	});
});

describe('what is slow', () => {
	// Signing up costs a password hash of some milliseconds at least.
	const house = useServer({ settings: { 'server.slow_command_ms': 1, 'accounts.argon2_memory_kib': 65536 } });

	it('is logged with operation and times, without contents, and counted', async () => {
		const { account } = await nobody(house.server).call('accounts.create', {
			username: 'slowpoke', password: 'a secret nobody may read', nickname: 'hidden name',
		});
		const lines = house.server.log.filter((line) => line.includes('core.slow_'));
		const line = lines.find((l) => l.includes('op=accounts.create'));
		expect(line).toMatch(/ warn core core\.slow_command op=accounts\.create account=\d+ total_us=\d+ queue_us=\d+ run_us=\d+ commit_us=\d+ batch=1 slow_in_batch=1 unlogged=0$/);
		expect(house.server.log.join('\n')).not.toMatch(/slowpoke|secret|hidden/);
		expect(valueOf(await metrics(house.server), 'guanxi_slow_calls_total')).toBeGreaterThanOrEqual(1);
		expect(account.username).toBe('slowpoke');
	});
});
