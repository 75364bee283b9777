// SPDX-License-Identifier: Apache-2.0
// Certificates made on the spot, and clients that look at what TLS does.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect, getCACertificates, setDefaultCACertificates, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { RawConnection } from '../support/raw.ts';
import type { Server, ServerOptions } from '../support/server.ts';

const WAIT_MS = 10_000;

/** A folder with PEM files that this process trusts: one.pem, two.pem and their keys. */
export class Certificates {
	readonly folder = mkdtempSync(`${tmpdir()}/guanxi-tls-`);

	constructor() {
		this.#make('one');
		this.#make('two');
		setDefaultCACertificates([...getCACertificates(), this.read('one.pem'), this.read('two.pem')]);
		this.use('one');
	}

	read(name: string): string {
		return readFileSync(`${this.folder}/${name}`, 'utf8');
	}

	/** What the server is told to read. */
	get certificatePath(): string {
		return `${this.folder}/certificate.pem`;
	}

	get keyPath(): string {
		return `${this.folder}/key.pem`;
	}

	/** Puts a certificate where the server reads it; `key`: with another one's key. */
	use(name: string, key = name): void {
		copyFileSync(`${this.folder}/${name}.pem`, this.certificatePath);
		copyFileSync(`${this.folder}/${key}.key`, this.keyPath);
	}

	get serverOptions(): ServerOptions {
		return {
			workers: 3,
			settings: { 'tls.listen': '127.0.0.1:0', 'tls.certificate': this.certificatePath, 'tls.key': this.keyPath },
		};
	}

	#make(name: string): void {
		const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
		words.push('-keyout', `${this.folder}/${name}.key`, '-out', `${this.folder}/${name}.pem`);
		words.push('-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1');
		execFileSync('openssl', words, { stdio: 'ignore' });
	}
}

/** The same server for what asks its address: people, clients and streams come over TLS then. */
export function overTls(server: Server): Server {
	return new Proxy(server, {
		get: (target, name): unknown => (name === 'url' ? target.tlsUrl : Reflect.get(target, name, target)),
	});
}

/** A finished handshake, or why there is none. */
export async function shakeHands(server: Server, options: ConnectionOptions = {}): Promise<TLSSocket> {
	return new Promise((resolve, reject) => {
		const socket = connect({ port: server.tlsPort, host: '127.0.0.1', ALPNProtocols: ['http/1.1'], ...options });
		const timer = setTimeout(() => socket.destroy(new Error('no handshake in time')), WAIT_MS);
		socket.once('secureConnect', () => {
			clearTimeout(timer);
			resolve(socket);
		});
		socket.once('error', (e: Error) => {
			clearTimeout(timer);
			reject(e);
		});
		socket.once('close', () => reject(new Error('closed in the handshake')));
	});
}

export async function openTls(server: Server, options: ConnectionOptions = {}): Promise<RawConnection> {
	return RawConnection.on(await shakeHands(server, { allowHalfOpen: true, ...options } as ConnectionOptions));
}

/** Whose certificate the server shows. */
export function shown(socket: TLSSocket): string {
	return String(socket.getPeerCertificate().subject.CN);
}

/** A ticket to resume with; TLS 1.3 sends it behind the handshake. */
export async function ticket(server: Server, options: ConnectionOptions = {}): Promise<Buffer> {
	const socket = await shakeHands(server, options);
	const session = await new Promise<Buffer>((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error('no ticket')), WAIT_MS);
		const take = (bytes: Buffer): void => {
			clearTimeout(timer);
			resolve(bytes);
		};
		if (socket.getProtocol() === 'TLSv1.3') socket.once('session', take);
		else take(socket.getSession() ?? Buffer.alloc(0));
	});
	socket.destroy();
	return session;
}
