// SPDX-License-Identifier: Apache-2.0
/* platform.ts - words of what the platform says to everybody: [Chinese, English]. */
export const platform = {
	'platform.notices': ['平台通知', 'Platform notices'],
	'platform.none': ['还没有平台通知', 'There are no notices yet'],
	'platform.put_away': ['收起通知', 'Put the notice away'],
	'platform.publish': ['发布平台通知', 'Tell everybody'],
	'platform.publish_note': ['所有人都会收到，发布后不能修改', 'Everybody gets it. It can\'t be changed later.'],
	'platform.publish_action': ['发布', 'Publish'],
	'platform.published': ['已发布', 'Everybody was told'],
} as const;
