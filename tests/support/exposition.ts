// SPDX-License-Identifier: Apache-2.0
// A strict reader of Prometheus' text format 0.0.4, as strict as `promtool check metrics` and more:
// what it does not expect, it throws at.

export type Kind = 'counter' | 'gauge' | 'histogram';

export interface Sample {
	name: string;
	labels: Record<string, string>;
	value: number;
}

export interface Family {
	name: string;
	kind: Kind;
	help: string;
	samples: Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\\\\\|\\\\n)+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?\\d+(?:\\.\\d+)?|\\+Inf|NaN)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,(?=.)|$)/y;
const SUFFIXES: Record<Kind, string[]> = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };

function must(holds: boolean, why: string, line: string): asserts holds {
	if (!holds) throw new Error(`${why}: ${line}`);
}

function parseLabels(text: string, line: string): Record<string, string> {
	const labels: Record<string, string> = {};
	LABEL.lastIndex = 0;
	let end = 0;
	for (let m = LABEL.exec(text); m !== null; m = LABEL.exec(text)) {
		const [all, name = '', value = ''] = m;
		must(!(name in labels), 'a label twice', line);
		labels[name] = value;
		end += all.length;
	}
	must(end === text.length && text !== '', 'labels that are none', line);
	return labels;
}

function checkNames(family: Family): void {
	must(family.kind !== 'counter' || family.name.endsWith('_total'), 'a counter without _total', family.name);
	must(family.kind === 'counter' || !family.name.endsWith('_total'), 'no counter, but _total', family.name);
	must(!/(milli|micro|nano)seconds|_ms\b|kilobytes|_kb\b/.test(family.name), 'not in base units', family.name);
	must(family.help.endsWith('.'), 'help is a sentence', family.name);
}

/** Buckets of one histogram and one set of labels: ascending, cumulative, ending in +Inf = count. */
function checkHistograms(family: Family): void {
	const sets = new Map<string, Sample[]>();
	for (const sample of family.samples) {
		const rest = Object.entries(sample.labels).filter(([name]) => name !== 'le');
		const key = JSON.stringify(rest);
		sets.set(key, [...(sets.get(key) ?? []), sample]);
	}
	for (const [key, samples] of sets) {
		const where = `${family.name} ${key}`;
		const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
		const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Infinity : Number(labels.le)));
		const counts = buckets.map(({ value }) => value);
		const one = (suffix: string): number => {
			const found = samples.filter(({ name }) => name === family.name + suffix);
			must(found.length === 1, `exactly one ${suffix}`, where);
			return found[0]?.value ?? NaN;
		};
		must(bounds.at(-1) === Infinity, 'the last bucket is +Inf', where);
		must(bounds.every((b, i) => i === 0 || b > (bounds[i - 1] ?? NaN)), 'bounds ascend', where);
		must(counts.every((c, i) => i === 0 || c >= (counts[i - 1] ?? NaN)), 'buckets are cumulative', where);
		must(counts.at(-1) === one('_count'), '+Inf is the count', where);
		must(one('_sum') >= 0, 'a sum', where);
	}
}

function finish(family: Family): void {
	checkNames(family);
	if (family.kind === 'histogram') checkHistograms(family);
	const seen = new Set<string>();
	for (const { name, labels, value } of family.samples) {
		const key = name + JSON.stringify(Object.entries(labels).sort());
		must(!seen.has(key), 'a sample twice', key);
		must(Number.isFinite(value) && (family.kind === 'gauge' || value >= 0), 'a value that can be', key);
		seen.add(key);
	}
}

/** All families by name; throws at the first thing that is not as it must be. */
export function parseExposition(text: string): Map<string, Family> {
	const families = new Map<string, Family>();
	let help: { name: string; text: string } | undefined;
	let family: Family | undefined;
	must(text.endsWith('\n'), 'ends in a line feed', text.slice(-40));
	for (const line of text.slice(0, -1).split('\n')) {
		const [, helpName, helpText = ''] = HELP.exec(line) ?? [];
		const [, typeName, kind] = TYPE.exec(line) ?? [];
		if (helpName !== undefined) {
			must(help === undefined, 'HELP without TYPE before', line);
			help = { name: helpName, text: helpText };
		} else if (typeName !== undefined) {
			must(help?.name === typeName && !families.has(typeName), 'one HELP, then one TYPE', line);
			family = { name: typeName, kind: kind as Kind, help: help.text, samples: [] };
			families.set(typeName, family);
			help = undefined;
		} else {
			const [, name = '', labels, value = ''] = SAMPLE.exec(line) ?? [];
			must(name !== '' && family !== undefined && help === undefined, 'a sample', line);
			const base = family.name;
			must(SUFFIXES[family.kind].some((s) => base + s === name), 'a sample of the family above', line);
			family.samples.push({ name, labels: labels === undefined ? {} : parseLabels(labels, line), value: Number(value) });
		}
	}
	must(help === undefined, 'a HELP at the end', help?.name ?? '');
	for (const one of families.values()) finish(one);
	return families;
}

/** The value of the one sample with these labels (among others); undefined when there is none. */
export function valueOf(families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number | undefined {
	const family = families.get(name.replace(/_(bucket|sum|count)$/, '')) ?? families.get(name);
	const found = (family?.samples ?? []).filter((s) =>
		s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value));
	if (found.length > 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
	return found[0]?.value;
}
