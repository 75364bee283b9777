// SPDX-License-Identifier: Apache-2.0
/* media.ts - words about pictures and files: [Chinese, English]. */
export const media = {
	'media.picture': ['图片', 'Picture'],
	'media.picture_from': ['{name}发的图片', 'Picture from {name}'],
	'media.video_from': ['{name}发的视频', 'Video from {name}'],
	'media.previous': ['上一张', 'Previous'],
	'media.next': ['下一张', 'Next'],
	'media.download': ['下载', 'Download'],
	'media.gone': ['图片已失效', 'The picture is gone'],
	'media.drop_here': ['松开即可发送', 'Drop to send'],
	'media.uploading': ['正在上传 {percent}%', 'Uploading {percent}%'],
	'media.cancel_upload': ['取消上传', 'Cancel the upload'],
	'media.send_to': ['发送给 {name}', 'To {name}'],
	'media.send': ['发送', 'Send'],
	'media.empty_file': ['“{name}”是空文件，不能发送', '"{name}" is empty and can\'t be sent.'],
	'media.lost_file': ['文件已不在本机，请重新选择', 'The file is no longer on this device. Please choose it again.'],
	'media.voice': ['语音 {duration}', 'Voice {duration}'],
} as const;
