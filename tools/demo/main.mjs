// SPDX-License-Identifier: Apache-2.0
// main.mjs - fills an empty data folder with people, groups and a week of messages.
//
// usage: node tools/demo/main.mjs --data DIR [--binary build/guanxi]
//
// Starts a server of its own on a free port, with a clock that this moves from a week ago to now. How
// to sign in is printed and kept in DIR/demo.txt; where that file is, there is nothing left to do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { PASSWORD, people } from './cast.mjs';
import { fill } from './fill.mjs';

const START_MS = 30_000;

function howToSignIn() {
	const rows = people.map(({ username, nickname }, n) => {
		const role = n === 0 ? '   (owner: start with this one)' : '';
		return `  ${username.padEnd(10)} ${nickname}${role}`;
	});
	return ['The demonstration is ready. Sign in as one of these:', '', ...rows, '', `Password of all: ${PASSWORD}`, ''].join('\n');
}

function fail(why) {
	process.stderr.write(`guanxi: ${why}\n`);
	process.exit(1);
}

/** Progress on one line of a terminal; in a log only what differs from the line before. */
function teller() {
	const isTerminal = process.stderr.isTTY;
	let last = '';
	return (text) => {
		const kind = text.replace(/\d+ of .*/, '');
		if (isTerminal) process.stderr.write(`\r\x1b[Kguanxi: ${text}`);
		else if (kind !== last) process.stderr.write(`guanxi: ${text}\n`);
		last = kind;
	};
}

function clockFile(folder) {
	const path = `${folder}/clock`;
	const set = (ms, flag = 'r+') => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64LE(BigInt(Math.round(ms)));
		writeFileSync(path, bytes, { flag });
	};
	set(0, 'w');
	return { path, set };
}

async function startServer(binary, data, clockPath) {
	const child = spawn(binary, ['serve', '--data', data, '--listen', '127.0.0.1:0'], {
		stdio: ['ignore', 'pipe', 'pipe'],
		env: { ...process.env, GUANXI_DEBUG_CLOCK_FILE: clockPath, GUANXI_SERVER_LOG_LEVEL: 'warn' },
	});
	let log = '';
	child.stderr.on('data', (bytes) => (log += bytes));
	const url = await new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`the server did not start\n${log}`)), START_MS);
		createInterface(child.stdout).on('line', (line) => {
			clearTimeout(timer);
			resolve(line.replace('listening on ', ''));
		});
		child.once('exit', () => reject(new Error(`the server did not start\n${log}`)));
	});
	return { child, url };
}

async function make(data, binary) {
	const folder = mkdtempSync(`${tmpdir()}/guanxi-demo-`);
	const clock = clockFile(folder);
	const tell = teller();
	try {
		const { child, url } = await startServer(binary, data, clock.path);
		try {
			await fill(url, clock.set, tell);
		} finally {
			child.kill('SIGTERM');
			await once(child, 'exit');
		}
	} finally {
		rmSync(folder, { recursive: true });
		if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
	}
}

const { values } = parseArgs({ options: { data: { type: 'string' }, binary: { type: 'string', default: 'build/guanxi' } } });
const data = values.data ?? fail('--data DIR is missing');
const mark = `${data}/demo.txt`;

if (!existsSync(mark)) {
	if (existsSync(data) && readdirSync(data).some((name) => name !== 'guanxi.conf'))
		fail(`--demo fills an empty data folder, and ${data} is not empty. Name another one with --data.`);
	await make(data, values.binary).catch((error) => {
		// Half a demonstration is no use to anybody.
		for (const name of existsSync(data) ? readdirSync(data) : [])
			if (name !== 'guanxi.conf') rmSync(`${data}/${name}`, { recursive: true });
		fail(`the demonstration could not be made: ${error.message}`);
	});
	writeFileSync(mark, howToSignIn(), { mode: 0o600 });
}
process.stdout.write(`\n${readFileSync(mark, 'utf8')}\n`);
