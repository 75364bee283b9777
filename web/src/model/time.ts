// SPDX-License-Identifier: Apache-2.0
/* time.ts - points of time in the reader's words; `now` is a parameter so that it can be tested. */
const DAY_MS = 86_400_000;

function startOfDay(at: number): number {
	const date = new Date(at);
	date.setHours(0, 0, 0, 0);
	return date.getTime();
}

export function daysBetween(at: number, now: number): number {
	return Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: number, language: string, options: Intl.DateTimeFormatOptions): string {
	const key = language + JSON.stringify(options);
	let known = formats.get(key);
	if (!known) {
		known = new Intl.DateTimeFormat(language, options);
		formats.set(key, known);
	}
	return known.format(at);
}

export function clockTime(at: number, language: string): string {
	return format(at, language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

function dayWord(at: number, now: number, language: string): string | null {
	const days = daysBetween(at, now);
	if (days === 1) return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-1, 'day');
	if (days > 1 && days < 7) return format(at, language, { weekday: language.startsWith('zh') ? 'long' : 'short' });
	return null;
}

/* In lists: 14:05, 昨天, 星期二, 3月5日, 2024/3/5. */
export function shortTime(at: number, now: number, language: string): string {
	if (daysBetween(at, now) <= 0) return clockTime(at, language);
	const word = dayWord(at, now, language);
	if (word !== null) return word;
	const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	return isThisYear
		? format(at, language, { month: 'short', day: 'numeric' })
		: format(at, language, { year: 'numeric', month: 'numeric', day: 'numeric' });
}

/* Between messages: the day as in lists, always with the time of day. */
export function lineTime(at: number, now: number, language: string): string {
	const clock = clockTime(at, language);
	if (daysBetween(at, now) <= 0) return clock;
	const word = dayWord(at, now, language);
	if (word !== null) return `${word} ${clock}`;
	const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
	const options: Intl.DateTimeFormatOptions = isThisYear
		? { month: 'long', day: 'numeric' }
		: { year: 'numeric', month: 'long', day: 'numeric' };
	return `${format(at, language, options)} ${clock}`;
}

export function fullTime(at: number, language: string): string {
	return format(at, language, { dateStyle: 'medium', timeStyle: 'short' });
}

export function dateOnly(at: number, language: string): string {
	return format(at, language, { dateStyle: 'long' });
}

const TIME_LINE_GAP_MS = 5 * 60_000;

/* Whether a time line stands above a message. */
export function needsTimeLine(at: number, previousAt: number | null): boolean {
	return previousAt === null || at - previousAt >= TIME_LINE_GAP_MS;
}

export function durationText(ms: number): string {
	const seconds = Math.max(1, Math.round(ms / 1000));
	return seconds < 60 ? `${seconds}″` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export function sizeText(bytes: number, language: string): string {
	const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
	let index = 0;
	let value = bytes;
	while (value >= 1000 && index < units.length - 1) {
		value /= 1000;
		index++;
	}
	return new Intl.NumberFormat(language, {
		style: 'unit',
		unit: units[index] ?? 'byte',
		unitDisplay: index === 0 ? 'long' : 'short',
		maximumFractionDigits: value < 10 && index > 0 ? 1 : 0,
	}).format(value);
}
