// SPDX-License-Identifier: Apache-2.0
/* sync.ts - words about the connection: [Chinese, English]. */
export const sync = {
	'sync.connecting': ['连接中…', 'Connecting…'],
	'sync.offline': ['网络不可用，恢复后会自动重连', 'No connection. It will reconnect by itself.'],
	'sync.offline_short': ['未连接', 'Offline'],
	'sync.signed_out': ['登录已失效，请重新登录', 'Your session has ended. Please sign in again.'],
	'sync.server_away': ['连不上服务器', 'The server can\'t be reached'],
	'sync.server_away_note': ['请检查网络，或稍后再试。', 'Check the network, or try again later.'],
} as const;
