// SPDX-License-Identifier: Apache-2.0
// cast.mjs - who lives in the demonstration. All of them are invented.
import { chart, city, face, hills, noodles } from './pictures.mjs';

export const PASSWORD = 'guanxi-demo';

/** The first one is the owner, and the one whose screen the others are seen on. */
export const people = [
	{
		username: 'linmei', nickname: '林美', region: '杭州', signature: '慢慢来，比较快。',
		face: { back: '#f2b8a0', hair: '#2b2320', skin: '#f3cfae', clothes: '#c2453f', isLong: true },
	},
	{
		username: 'chenhao', nickname: '陈浩', region: '杭州', signature: '周末在山上',
		face: { back: '#8fc7c1', hair: '#1f1d22', skin: '#e9bd95', clothes: '#2f5f8f', hasGlasses: true },
	},
	{
		username: 'wangfang', nickname: '王芳', region: '上海', signature: '产品 · 猫 · 咖啡',
		face: { back: '#f5d58a', hair: '#3a2a22', skin: '#f6d5b8', clothes: '#3f7d5f', isLong: true },
	},
	{
		username: 'zhaolei', nickname: '赵磊', region: '杭州', signature: '',
		face: { back: '#b9c4e8', hair: '#17161a', skin: '#dfae84', clothes: '#444b57' },
	},
	{
		username: 'emma_w', nickname: 'Emma Wright', region: 'Bristol', signature: 'Learning Chinese, one noodle at a time',
		face: { back: '#cfe3b4', hair: '#a8652f', skin: '#f7dcc8', clothes: '#6a4c93', isLong: true },
	},
	{
		username: 'tombaker', nickname: 'Tom Baker', region: 'London', signature: 'Back on Monday',
		face: { back: '#9fb8cf', hair: '#6b4a2f', skin: '#f0c9a8', clothes: '#b5652a', hasGlasses: true },
	},
	{
		username: 'liuyang', nickname: '刘洋', region: '成都', signature: '吃火锅吗？',
		face: { back: '#f0a8a0', hair: '#26211f', skin: '#ecc29c', clothes: '#e0a030' },
	},
	{
		username: 'sofia_r', nickname: 'Sofía Reyes', region: 'Valencia', signature: '☀️',
		face: { back: '#f7c9d4', hair: '#35201a', skin: '#d9a27a', clothes: '#1f8a8a', isLong: true },
	},
];

/** The one who has asked and waits for an answer. */
export const stranger = {
	username: 'zhou_ning', nickname: '周宁', region: '南京', signature: '摄影',
	face: { back: '#c9b8e8', hair: '#2a2226', skin: '#f0cba6', clothes: '#7a5a3a', isLong: true },
};

export const groups = {
	hike: { name: '周末登山 🥾', owner: 'chenhao', members: ['linmei', 'wangfang', 'zhaolei', 'emma_w', 'liuyang', 'sofia_r'] },
	team: { name: '产品组', owner: 'linmei', members: ['wangfang', 'zhaolei', 'emma_w', 'tombaker'] },
	food: { name: 'Noodle club 面', owner: 'emma_w', members: ['linmei', 'chenhao', 'liuyang', 'tombaker'] },
};

/** Made when they are needed: drawing takes a moment. */
export const pictures = {
	sunrise: { width: 960, height: 640, draw: () => hills({ sky: ['#3a4a7a', '#e08a6a', '#ffd9a0'], sun: { x: 0.83, y: 0.5, r: 40, colour: '#fff1c9' }, ridges: ['#8a6f8f', '#5f5277', '#3d3a5c', '#23263f'], seed: 5 }) },
	tea: { width: 960, height: 640, draw: () => hills({ sky: ['#a9d3e8', '#d8ecef', '#f6f3e3'], ridges: ['#9dbfae', '#6fa386', '#4a8a62', '#2f6b47'], seed: 9 }) },
	noodles: { width: 720, height: 720, draw: () => noodles() },
	city: { width: 900, height: 675, draw: () => city() },
	chart: { width: 960, height: 600, draw: () => chart() },
};

export function avatar(person) {
	return face(person.face);
}
