// SPDX-License-Identifier: Apache-2.0
// Goal: what stands in packaging/ for Grafana and Prometheus asks for metrics and labels that the
// server has, and the documentation explains every alert and every metric.
// Method: names in all expressions against --print-metrics; label values against tables of the server.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findBinary } from '../support/paths.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

interface Panel {
	id: number;
	type: string;
	title: string;
	gridPos: { x: number; y: number; w: number; h: number };
	targets?: { refId: string; expr: string }[];
}
interface Rule {
	alert: string;
	expr: string;
	labels: { severity: string };
	annotations: { summary: string };
}

const kinds = new Map(spawnSync(findBinary(), ['--print-metrics'], { encoding: 'utf8' }).stdout.trim().split('\n')
	.map((line) => line.split(' ', 2) as [string, string]));
const dashboard = JSON.parse(read('packaging/grafana/guanxi.json')) as { uid: string; panels: Panel[] };
const { groups } = parse(read('packaging/prometheus/alerts.yml')) as { groups: { name: string; rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = [
	...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
	...rules.map(({ alert, expr }) => [alert, expr] as const),
];

/** Names of metrics in an expression, each with its way of use: "rate" when a function wants a counter. */
function names(expr: string): string[] {
	return [...expr.matchAll(/\bguanxi_[a-z0-9_]+/g)].map(([name]) => name);
}

function familyOf(name: string): string {
	const histogram = name.replace(/_(bucket|sum|count)$/, '');
	return kinds.get(histogram) === 'histogram' ? histogram : name;
}

describe('expressions', () => {
	it.each(expressions)('%s: names metrics that there are, and closes what it opens', (_, expr) => {
		const found = names(expr);
		expect(found.length + (expr.includes('up{') ? 1 : 0)).toBeGreaterThan(0);
		for (const name of found) {
			expect([...kinds.keys()]).toContain(familyOf(name));
			// Of a histogram only its parts have samples.
			if (kinds.get(familyOf(name)) === 'histogram') expect(name).toMatch(/_(bucket|sum|count)$/);
		}
		for (const [open, close] of [['(', ')'], ['{', '}'], ['[', ']']] as const)
			expect(expr.split(open).length).toBe(expr.split(close).length);
	});

	it.each(expressions)('%s: takes rates of counters only', (_, expr) => {
		for (const [, , name = ''] of expr.matchAll(/\b(rate|increase)\((guanxi_[a-z0-9_]+)/g))
			expect([name, kinds.get(familyOf(name))]).not.toEqual([name, 'gauge']);
		for (const [, name = ''] of expr.matchAll(/predict_linear\((guanxi_[a-z0-9_]+)/g))
			expect(kinds.get(name)).toBe('gauge');
		for (const [, inner = ''] of expr.matchAll(/histogram_quantile\([0-9.]+, sum by \(([^)]*)\)/g))
			expect(inner.split(/, ?/)).toContain('le');
	});
});

describe('the dashboard', () => {
	it('has panels with ids of their own, side by side, each with a question', () => {
		expect(dashboard.uid).toBe('guanxi-server');
		expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
		for (const panel of panels) expect(panel.targets?.length ?? 0).toBeGreaterThan(0);
		const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
			Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`));
		expect(new Set(cells).size).toBe(cells.length);
		expect(Math.max(...cells.map((cell) => Number.parseInt(cell)))).toBeLessThan(24);
	});

	it('shows nearly everything that is measured', () => {
		const shown = new Set(expressions.flatMap(([, expr]) => names(expr)).map(familyOf));
		const missing = [...kinds.keys()].filter((name) => !shown.has(name));
		expect(missing.length).toBeLessThan(kinds.size / 4);
	});
});

describe('the alerts', () => {
	it('are named, graded and told in a sentence', () => {
		expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
		for (const { alert, labels, annotations } of rules) {
			expect(alert).toMatch(/^Guanxi[A-Z]\w+$/);
			expect(['info', 'warning', 'critical']).toContain(labels.severity);
			expect(annotations.summary).toContain('{{');
		}
	});

	it('stand in docs/operations.md, and nothing else does', () => {
		const documented = [...read('docs/operations.md').matchAll(/^\| `(Guanxi\w+)` \|/gm)].map(([, name]) => name);
		expect(documented.sort()).toEqual(rules.map(({ alert }) => alert).sort());
	});
});

describe('docs/operations.md', () => {
	it('names no metric that there is not, and explains the important ones', () => {
		const text = read('docs/operations.md');
		for (const name of names(text)) expect([...kinds.keys()]).toContain(familyOf(name));
		expect(new Set(names(text)).size).toBeGreaterThan(25);
	});
});
