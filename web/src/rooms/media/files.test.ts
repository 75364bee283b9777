// SPDX-License-Identifier: Apache-2.0
/* Goal: boxes keep the picture's shape within their limits, so that nothing jumps when it comes. */
import { expect, test } from 'vitest';
import { kindOfType, PICTURE_MAX_PX, pictureBox } from './files.ts';

test.each([
	[4000, 3000, 240, 180],
	[100, 100, 100, 100],
	[3000, 10, 240, 72],
	[0, 0, 120, 120],
])('%d × %d', (width, height, boxWidth, boxHeight) => {
	const box = pictureBox(width, height);
	expect(box).toEqual({ width: boxWidth, height: boxHeight });
	expect(Math.max(box.width, box.height)).toBeLessThanOrEqual(PICTURE_MAX_PX);
});

test('only what every browser shows is a picture', () => {
	expect(kindOfType('image/jpeg')).toBe('image');
	expect(kindOfType('image/svg+xml')).toBe('file');
	expect(kindOfType('image/heic')).toBe('file');
	expect(kindOfType('video/mp4')).toBe('video');
	expect(kindOfType('')).toBe('file');
});
