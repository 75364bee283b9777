// SPDX-License-Identifier: Apache-2.0
// week.mjs - what they say to each other in a week.
//
// A line is [when, who, where, what]. When: "-6 09:12" is six days ago at 09:12; "40m" is forty minutes
// ago. Where: a group of cast.mjs, or the username of the person spoken to. What: a text, or an object
// { picture | file | place | link | card | recall, reply, mentions, as }. `as` names a line so that
// `reply` can point to it.

const plan = `装备清单 / Packing list

- 登山鞋  boots
- 水 1.5 L  water
- 雨衣  rain jacket
- 头灯  head torch
- 零食  snacks, and something to share
`;

const notes = `# Release notes, draft

* Pictures load in half the time.
* The list of chats keeps its place.
* Voice messages can be paused.
`;

export const week = [
	['-6 09:05', 'chenhao', 'linmei', '早！这周六有空吗？想约大家去龙井那边走走'],
	['-6 09:11', 'linmei', 'chenhao', '有空有空，叫上 Emma 吧，她一直想去'],
	['-6 09:12', 'chenhao', 'linmei', '好，我建个群'],
	['-6 09:20', 'chenhao', 'hike', '周六登山群，欢迎各位 👋'],
	['-6 09:24', 'wangfang', 'hike', '来了来了'],
	['-6 09:31', 'emma_w', 'hike', 'Count me in! How early is early?'],
	['-6 09:32', 'chenhao', 'hike', { text: '六点半在地铁站集合 😅 sunrise is 6:52', as: 'time' }],
	['-6 09:33', 'liuyang', 'hike', { text: '六点半？！周六？', reply: 'time' }],
	['-6 09:35', 'zhaolei', 'hike', '哈哈哈早起的鸟儿有虫吃'],
	['-6 10:02', 'wangfang', 'team', '本周目标发群公告了，大家看一下'],
	['-6 10:15', 'tombaker', 'team', 'Reading now. Can we move the review to Thursday? I fly on Wednesday.'],
	['-6 10:16', 'linmei', 'team', { text: '可以，周四下午三点 / Thursday 3 pm works', mentions: ['tombaker'] }],
	['-6 12:40', 'emma_w', 'food', { picture: 'noodles' }],
	['-6 12:41', 'emma_w', 'food', 'Today’s lunch. Two eggs because it is Monday somewhere.'],
	['-6 12:44', 'liuyang', 'food', '看着不错，就是缺点辣'],
	['-6 12:45', 'linmei', 'food', '刘洋你看什么都缺点辣'],
	['-6 19:30', 'sofia_r', 'linmei', '¡Hola! 我的中文课今天学了“关系”这个词'],
	['-6 19:42', 'linmei', 'sofia_r', '哈哈，这个词可不好翻译'],
	['-6 19:43', 'linmei', 'sofia_r', 'It is less “network” and more “who would pick up the phone at 2 am”'],
	['-6 19:47', 'sofia_r', 'linmei', 'I like that better than the textbook'],

	['-5 08:55', 'zhaolei', 'team', '昨晚的构建挂了，我在看'],
	['-5 09:20', 'zhaolei', 'team', '修好了，是证书过期'],
	['-5 09:21', 'wangfang', 'team', '👍'],
	['-5 11:08', 'wangfang', 'linmei', '设计稿第二版我放到文件里了'],
	['-5 11:09', 'wangfang', 'linmei', { file: { name: 'release-notes-draft.txt', text: notes } }],
	['-5 11:30', 'linmei', 'wangfang', '收到，我下午看'],
	['-5 16:02', 'linmei', 'wangfang', '看完了，整体很好。第二段可以再短一点'],
	['-5 16:10', 'wangfang', 'linmei', '好的 👌'],
	['-5 20:15', 'liuyang', 'linmei', '下个月我来杭州出差，请你吃火锅'],
	['-5 20:18', 'linmei', 'liuyang', '杭州的火锅你吃得下去？'],
	['-5 20:19', 'liuyang', 'linmei', '所以我自带底料 😎'],

	['-4 10:30', 'tombaker', 'linmei', 'Landed. It is raining, as tradition demands.'],
	['-4 10:41', 'linmei', 'tombaker', 'Welcome home! 时差倒过来再开会吧'],
	['-4 14:00', 'chenhao', 'hike', { file: { name: '装备清单 packing list.txt', text: plan } }],
	['-4 14:01', 'chenhao', 'hike', { text: '清单在上面，缺什么跟我说，我家里有多的', mentions: ['all'] }],
	['-4 14:10', 'sofia_r', 'hike', 'I have no head torch…'],
	['-4 14:12', 'zhaolei', 'hike', '我有两个，借你一个'],
	['-4 18:20', 'emma_w', 'linmei', 'Quick question: 周六 is Saturday, right? Asking for a friend who almost went on Friday.'],
	['-4 18:26', 'linmei', 'emma_w', '对，周六 = Saturday 😂'],

	['-3 15:00', 'linmei', 'team', '会议开始了，等大家上线'],
	['-3 15:02', 'tombaker', 'team', 'Here'],
	['-3 16:10', 'wangfang', 'team', { picture: 'chart' }],
	['-3 16:11', 'wangfang', 'team', '这周的注册数，周日那根柱子不是画错了 😄'],
	['-3 16:12', 'emma_w', 'team', { text: 'Whoa. What happened on Sunday?', as: 'whoa' }],
	['-3 16:14', 'linmei', 'team', { text: '一个学校整个社团都搬过来了', reply: 'whoa' }],
	['-3 16:15', 'zhaolei', 'team', '服务器没感觉到，CPU 3%'],
	['-3 21:00', 'chenhao', 'hike', { place: { latitude: 30.2201, longitude: 120.1166, title: '龙井村 停车场', address: '浙江省杭州市西湖区龙井路' } }],
	['-3 21:01', 'chenhao', 'hike', '集合点改这里，地铁站太绕了'],
	['-3 21:05', 'emma_w', 'hike', 'Got it 📍'],

	['-2 08:30', 'linmei', 'linmei', '买：登山杖、润喉糖、给 Emma 的茶叶'],
	['-2 12:05', 'tombaker', 'food', 'Airport noodles. I am told this counts.'],
	['-2 12:06', 'tombaker', 'food', { picture: 'noodles', as: 'airport' }],
	['-2 12:09', 'emma_w', 'food', { text: 'That is MY picture from Monday, Tom', reply: 'airport' }],
	['-2 12:10', 'tombaker', 'food', 'It was the spirit of the noodles'],
	['-2 22:10', 'chenhao', 'linmei', '明天五点四十到你楼下'],
	['-2 22:12', 'linmei', 'chenhao', '我先去睡了 zzz'],
	['-2 22:13', 'chenhao', 'linmei', '不准迟到！'],

	['-1 06:49', 'chenhao', 'hike', { picture: 'sunrise' }],
	['-1 06:50', 'wangfang', 'hike', '太美了吧！！'],
	['-1 06:50', 'sofia_r', 'hike', '😍😍'],
	['-1 06:55', 'liuyang', 'hike', '在成都的我酸了'],
	['-1 09:30', 'emma_w', 'hike', { picture: 'tea' }],
	['-1 09:31', 'emma_w', 'hike', 'The tea fields are unreal. My legs are not.'],
	['-1 09:40', 'zhaolei', 'hike', { text: '下山给大家买冰棍', recall: true }],
	['-1 09:41', 'zhaolei', 'hike', '下山请大家吃冰棍，刚才打错字了'],
	['-1 14:20', 'linmei', 'emma_w', { card: 'sofia_r' }],
	['-1 14:21', 'linmei', 'emma_w', 'Sofía 也在学中文，你们可以互相练'],
	['-1 14:30', 'emma_w', 'linmei', 'Perfect, thank you!'],
	['-1 20:10', 'sofia_r', 'linmei', '今天真的很开心，谢谢你们带我去'],
	['-1 20:15', 'linmei', 'sofia_r', '下次去莫干山 ⛰️'],

	['190m', 'wangfang', 'team', '明天发布，大家把自己的部分再过一遍'],
	['188m', 'tombaker', 'team', 'Mine is done. I will watch the dashboards from here.'],
	['150m', 'liuyang', 'food', { link: { url: 'https://example.org/noodles', title: '一碗面的四十种吃法', summary: '从担担面到阳春面，走遍大江南北的面馆笔记。', image: null } }],
	['149m', 'liuyang', 'food', '周末照着这个一家一家吃'],
	['120m', 'zhaolei', 'linmei', '日志那块我改好了，你有空看看'],
	['95m', 'linmei', 'zhaolei', '看了，没问题，合吧'],
	['94m', 'zhaolei', 'linmei', '好嘞'],
	['62m', 'tombaker', 'linmei', { picture: 'city' }],
	['61m', 'tombaker', 'linmei', 'Night shift view. Not bad.'],
	['45m', 'emma_w', 'hike', '下周去哪儿？I vote somewhere with cable cars 🚡'],
	['43m', 'liuyang', 'hike', '那时候我在杭州，带我一个'],
	['41m', 'chenhao', 'hike', { text: '莫干山怎么样？有缆车，也有竹林', as: 'next' }],
	['40m', 'wangfang', 'hike', { text: '同意 🙋‍♀️', reply: 'next' }],
	['12m', 'chenhao', 'linmei', '照片我都传到相册了，挑几张发公众号？'],
	['11m', 'chenhao', 'linmei', '日出那张一定要放'],
	['6m', 'zhaolei', 'hike', { text: '缆车早上八点开，七点出发就行', mentions: ['liuyang'] }],
	['3m', 'sofia_r', 'linmei', '莫干山！我也要去 🙋'],
];

/** From these lines on the owner has not looked: chats with unread messages. */
export const unread = { hike: 2, chenhao: 2, sofia_r: 1, food: 2 };
