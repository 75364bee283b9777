// SPDX-License-Identifier: Apache-2.0
/* emoji.ts - the panel's emoji: the system draws them. */
const drawn =
	'😀😃😄😁😆😅😂🤣😊😇🙂🙃😉😌😍🥰😘😋😜🤪🤗🤭🤫🤔😐😑😶😏😒🙄😬😮😯😲😳🥺😢😭😤😠😡🤯😱😨😰😥😓😴😪🤤😷🤒🤕🤢🥳🥴😎🤓🧐🤠' +
	'👍👎👌🤝🙏👏🙌💪👋🤙🤞🤟👀💋💔💕💖💯🔥🎉🎊🎁🎂🍻☕🍵🍚🍜🌹🌈🌙🌟🐶🐱🐼🐷🐂🐯🐉🐢🚗🏠📷📌💰🧧';

/* By what the reader sees as one, however many characters it is made of. */
export const emoji: readonly string[] = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(drawn)].map(({ segment }) => segment);
