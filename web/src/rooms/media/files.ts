// SPDX-License-Identifier: Apache-2.0
/* files.ts - what a chosen file becomes: a picture, a video or a file, with its measures. */
import type { Body } from '../../api/types.ts';

const pictureTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);
const videoTypes = new Set(['video/mp4', 'video/webm']);
const MEASURE_MS = 5000;

export interface Prepared {
	kind: 'image' | 'video' | 'file';
	body: Body;
	file: File;
}

export function kindOfType(type: string): Prepared['kind'] {
	if (pictureTypes.has(type)) return 'image';
	return videoTypes.has(type) ? 'video' : 'file';
}

function withTimeout<T>(promise: Promise<T>): Promise<T> {
	return Promise.race([
		promise,
		new Promise<never>((_resolve, reject) => {
			setTimeout(() => reject(new Error('took too long')), MEASURE_MS);
		}),
	]);
}

async function withUrl<T>(file: File, use: (url: string) => Promise<T>): Promise<T> {
	const url = URL.createObjectURL(file);
	try {
		return await withTimeout(use(url));
	} finally {
		URL.revokeObjectURL(url);
	}
}

function measurePicture(file: File): Promise<Body> {
	return withUrl(file, async (url) => {
		const image = new Image();
		image.src = url;
		await image.decode();
		return { width: image.naturalWidth, height: image.naturalHeight };
	});
}

function measureVideo(file: File): Promise<Body> {
	return withUrl(
		file,
		(url) =>
			new Promise<Body>((resolve, reject) => {
				const video = document.createElement('video');
				video.preload = 'metadata';
				video.onloadedmetadata = () => {
					const duration_ms = Math.round(video.duration * 1000);
					if (duration_ms > 0 && video.videoWidth > 0) resolve({ duration_ms, width: video.videoWidth, height: video.videoHeight });
					else reject(new Error('no measures'));
				};
				video.onerror = () => reject(new Error('not a video'));
				video.src = url;
			}),
	);
}

/* What can't be measured is sent as a plain file. */
export async function prepareFile(file: File): Promise<Prepared> {
	const kind = kindOfType(file.type);
	try {
		if (kind === 'image') return { kind, body: await measurePicture(file), file };
		if (kind === 'video') return { kind, body: await measureVideo(file), file };
	} catch {
		// Damaged, or of a kind this browser can't show.
	}
	return { kind: 'file', body: { name: file.name.slice(-255) || 'file', size: file.size }, file };
}

export const PICTURE_MAX_PX = 240;
const PICTURE_MIN_PX = 72;

/* The box of a picture in a conversation, in CSS pixels: known before the picture comes. */
export function pictureBox(width: number, height: number): { width: number; height: number } {
	if (width <= 0 || height <= 0) return { width: PICTURE_MAX_PX / 2, height: PICTURE_MAX_PX / 2 };
	const scale = Math.min(1, PICTURE_MAX_PX / Math.max(width, height));
	return {
		width: Math.round(Math.max(PICTURE_MIN_PX, width * scale)),
		height: Math.round(Math.max(PICTURE_MIN_PX, height * scale)),
	};
}
