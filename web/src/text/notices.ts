// SPDX-License-Identifier: Apache-2.0
/*
 * notices.ts - the system's lines in a conversation, by code: [Chinese, English].
 * {actor} did it, {people} it was done to; {you} is the reader's name for the other side.
 */
export const notices = {
	'notice.contact.added': ['你已添加了{you}，现在可以开始聊天了', 'You and {you} are friends now. Say hello.'],
	'notice.group.created': ['{actor}发起了群聊', '{actor} started the group'],
	'notice.group.created_with': ['{actor}邀请{people}加入了群聊', '{actor} invited {people} to the group'],
	'notice.group.joined': ['{people}加入了群聊', '{people} joined the group'],
	'notice.group.joined_by': ['{actor}邀请{people}加入了群聊', '{actor} invited {people} to the group'],
	'notice.group.left': ['{actor}退出了群聊', '{actor} left the group'],
	'notice.group.removed': ['{actor}将{people}移出了群聊', '{actor} removed {people} from the group'],
	'notice.group.renamed': ['{actor}将群名改为“{name}”', '{actor} renamed the group to "{name}"'],
	'notice.group.unnamed': ['{actor}取消了群名', '{actor} took the group\'s name away'],
	'notice.group.announcement': ['{actor}更新了群公告', '{actor} changed the announcement'],
	'notice.group.owner_changed': ['{people}成为新群主', '{people} became the new owner'],
	'notice.group.admins_changed': ['群管理员有变动', 'The group\'s admins changed'],
	'notice.group.admins_now': ['群管理员现在是{people}', 'The group\'s admins are now {people}'],
	'notice.group.dissolved': ['{actor}解散了群聊', '{actor} dissolved the group'],
	'notice.people_and_more': ['{people}等，另有 {count} 人', '{people} and {count} more'],
	'notice.unknown': ['系统消息', 'System message'],
} as const;
