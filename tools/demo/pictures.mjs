// SPDX-License-Identifier: Apache-2.0
// pictures.mjs - what the people of the demonstration look like and photograph.
import { colour, cover, dice, mix, png } from './png.mjs';

/** Layers of hills under a sky: three colours of sky from top to bottom, hills from far to near. */
export function hills({ width = 960, height = 640, sky, sun, ridges, seed = 1 }) {
	const roll = dice(seed);
	const skyColours = sky.map(colour);
	const layers = ridges.map((hex, i) => ({
		paint: colour(hex),
		base: height * (0.5 + (0.5 * i) / ridges.length),
		waves: [1, 2.3, 5.1, 11].map((f) => ({
			pitch: (f * (0.8 + roll() * 0.6)) / width,
			shift: roll() * 7,
			rise: (height * 0.13) / f ** 0.9 / (1 + i * 0.25),
		})),
	}));
	const crest = (layer, x) =>
		layer.waves.reduce((y, w) => y - w.rise * Math.sin(x * w.pitch * 6.28 + w.shift), layer.base);
	const crests = layers.map((layer) => Float64Array.from({ length: width }, (_, x) => crest(layer, x)));
	return png(width, height, (x, y) => {
		const t = (y / height) * (skyColours.length - 1);
		const i = Math.min(skyColours.length - 2, Math.floor(t));
		let c = mix(skyColours[i], skyColours[i + 1], t - i);
		if (sun) {
			const d = Math.hypot(x - sun.x * width, y - sun.y * height);
			c = mix(c, [255, 250, 235], Math.exp(-d / (sun.r * 3)) * 0.6);
			c = mix(c, colour(sun.colour), cover(d - sun.r));
		}
		layers.forEach((layer, n) => {
			const depth = y - crests[n][Math.floor(x)];
			if (depth > -1) c = mix(c, mix(layer.paint, [255, 240, 225], 0.22 - (y - layer.base) / height), cover(-depth));
		});
		return c;
	});
}

/** Towers with lit windows, and their light on the water. */
export function city({ width = 900, height = 675, seed = 3 } = {}) {
	const roll = dice(seed);
	const shore = height * 0.7;
	const towers = [];
	for (let x = -20; x < width; ) {
		const w = 36 + roll() * 60;
		towers.push({ x, w, top: shore - 60 - roll() * height * 0.45, tone: 18 + roll() * 22, seed: roll() });
		x += w + roll() * 8;
	}
	const night = [colour('#10183a'), colour('#31406f'), colour('#c7775e')];
	const above = (x, y) => {
		const t = (y / shore) * 2;
		const c = t < 1 ? mix(night[0], night[1], t) : mix(night[1], night[2], (t - 1) * 0.8);
		const tower = towers.find((b) => x >= b.x && x < b.x + b.w && y > b.top);
		if (!tower) return c;
		const column = Math.floor((x - tower.x - 5) / 9);
		const row = Math.floor((y - tower.top - 8) / 12);
		const isWindow = (x - tower.x - 5) % 9 < 5 && (y - tower.top - 8) % 12 < 6 && row >= 0 && column >= 0;
		const lit = Math.abs(Math.sin((column + 1) * 12.9898 + (row + 1) * 78.233 + tower.seed * 9)) * 43758.5453;
		if (isWindow && x < tower.x + tower.w - 7 && lit % 1 > 0.52) return [255, 214, 140];
		return [tower.tone, tower.tone + 4, tower.tone + 20];
	};
	return png(width, height, (x, y) => {
		if (y < shore) return above(x, y);
		const depth = y - shore;
		const ripple = Math.sin(depth * 0.5 + Math.sin(x * 0.02) * 3) * (2 + depth * 0.05);
		const mirrored = above(Math.min(width - 1, Math.max(0, x + ripple)), Math.max(0, shore - depth * 1.6));
		return mix(mirrored, [14, 20, 48], 0.35 + depth / height);
	});
}

/** A bowl of noodles seen from above. */
export function noodles({ size = 720 } = {}) {
	const mid = size / 2;
	const roll = dice(11);
	const onions = Array.from({ length: 46 }, () => {
		const angle = roll() * 6.28;
		const far = Math.sqrt(roll()) * 0.32;
		return { x: Math.cos(angle) * far, y: Math.sin(angle) * far, r: 0.007 + roll() * 0.005 };
	});
	const toppings = [
		{ x: -0.14, y: -0.1, r: 0.1, paint: colour('#fff3d6'), heart: colour('#f2a33a') },
		{ x: 0.13, y: -0.13, r: 0.1, paint: colour('#fff3d6'), heart: colour('#f2a33a') },
		{ x: 0.12, y: 0.15, r: 0.07, paint: colour('#d9705a'), heart: colour('#e59a84') },
		{ x: -0.03, y: 0.2, r: 0.07, paint: colour('#d9705a'), heart: colour('#e59a84') },
	];
	return png(size, size, (x, y) => {
		const d = Math.hypot(x - mid, y - mid) / size;
		const grain = Math.sin(x * 0.04 + Math.sin(y * 0.013) * 4) * 6;
		let c = mix(colour('#8a5a36'), colour('#6d4427'), y / size).map((v) => v + grain);
		c = mix(c, [40, 24, 14], 0.45 * cover((Math.hypot(x - mid - 14, y - mid - 18) / size - 0.43) * 60));
		c = mix(c, colour('#f4f1ea'), cover((d - 0.42) * size));
		c = mix(c, colour('#2f5f8f'), cover((Math.abs(d - 0.405) - 0.006) * size));
		c = mix(c, colour('#b5652a'), cover((d - 0.37) * size));
		if (d < 0.36) {
			const bend = Math.sin(y * 0.014 + Math.sin(x * 0.012) * 2.5) * 95 + Math.sin(x * 0.02 + 2) * 30;
			const field = Math.sin((x * 0.7 + y * 0.5 + bend) * 0.26);
			c = mix(c, mix(colour('#c98d43'), colour('#f6dfa8'), field * 1.2), cover((0.0 - field) * 4) * cover((d - 0.335) * 90));
		}
		for (const t of toppings) {
			const e = Math.hypot(x - mid - t.x * size, y - mid - t.y * size);
			c = mix(c, t.paint, cover(e - t.r * size));
			c = mix(c, t.heart, cover(e - t.r * size * 0.5));
		}
		for (const o of onions) {
			const ox = x - mid - o.x * size;
			if (ox > 14 || ox < -14) continue;
			const e = Math.abs(Math.hypot(ox, y - mid - o.y * size) - o.r * size);
			c = mix(c, colour('#5fae52'), cover(e - 2.2));
		}
		return c;
	});
}

/** Bars that grow: the picture of a good week. */
export function chart({ width = 960, height = 600, values = [34, 41, 38, 52, 61, 58, 77] } = {}) {
	const left = 70;
	const bottom = height - 70;
	const step = (width - left - 50) / values.length;
	return png(width, height, (x, y) => {
		let c = [252, 252, 250];
		const line = Math.abs(((bottom - y) % 90) - 0.5) < 0.8 && y <= bottom + 1 && y > 50;
		if (line && x > left && x < width - 40) c = [226, 228, 230];
		const n = Math.floor((x - left) / step);
		if (n >= 0 && n < values.length) {
			const inBar = (x - left - n * step) / step;
			const top = bottom - values[n] * 5.4;
			if (inBar > 0.2 && inBar < 0.8 && y > top && y < bottom)
				c = n === values.length - 1 ? colour('#07a35a') : mix(colour('#7bc8a4'), colour('#4fae84'), (y - top) / 300);
		}
		if (Math.abs(y - bottom) < 1.5 && x > left && x < width - 40) c = [120, 124, 128];
		return c;
	});
}

/** A person in flat colours: background, hair, skin, clothes. */
export function face({ back, hair, skin, clothes, isLong = false, hasGlasses = false, size = 240 }) {
	const [b, h, s, k] = [back, hair, skin, clothes].map(colour);
	return png(size, size, (px, py) => {
		const x = px / size - 0.5;
		const y = py / size - 0.5;
		const edge = (d) => cover(d * size);
		let c = mix(b, mix(b, [255, 255, 255], 0.25), 0.5 - y);
		if (isLong) c = mix(c, h, edge(Math.max(Math.hypot(x / 1.05, (y + 0.02) / 1.45) - 0.235, y - 0.3)));
		c = mix(c, k, edge(Math.hypot(x / 1.5, (y - 0.52) / 1.1) - 0.25));
		c = mix(c, mix(s, [120, 70, 40], 0.18), edge(Math.max(Math.abs(x) - 0.07, Math.abs(y - 0.2) - 0.12)));
		c = mix(c, h, edge(Math.hypot(x, y + 0.07) - 0.225));
		c = mix(c, s, edge(Math.max(Math.hypot(x, (y - 0.01) / 1.15) - 0.185, -y - 0.1 - Math.cos(x * 7) * 0.035)));
		for (const side of [-1, 1]) {
			const ex = x - side * 0.075;
			c = mix(c, [40, 34, 32], edge(Math.hypot(ex, y - 0.0) - 0.018));
			if (hasGlasses) c = mix(c, [52, 52, 60], edge(Math.abs(Math.hypot(ex, y) - 0.052) - 0.007));
		}
		if (hasGlasses) c = mix(c, [52, 52, 60], edge(Math.max(Math.abs(y + 0.005) - 0.006, Math.abs(x) - 0.026)));
		const smile = Math.abs(Math.hypot(x, y - 0.06) - 0.065) - 0.008;
		return mix(c, [150, 62, 58], edge(Math.max(smile, 0.085 - y)));
	});
}
