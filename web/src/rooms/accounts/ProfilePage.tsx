// SPDX-License-Identifier: Apache-2.0
/* ProfilePage.tsx - how others see one: avatar, nickname, signature, region. */
import { useState } from 'preact/hooks';
import { textOf } from '../../api/problem.ts';
import { useSelect, useServices, type Services } from '../../model/services.ts';
import { t } from '../../text/text.ts';
import { Avatar } from '../../ui/Avatar.tsx';
import { Cell, Cells } from '../../ui/Cell.tsx';
import { askText, openMenu, showNote } from '../../ui/overlays.tsx';
import { Page } from '../../ui/Page.tsx';
import { useFace } from './use_account.ts';

const AVATAR_PX = 640;

interface Change {
	nickname?: string;
	signature?: string;
	region?: string;
	avatar?: string | null;
}

async function update({ api, store }: Services, change: Change): Promise<void> {
	const { account } = await api.call('me.update', change);
	store.dispatch({ type: 'me.changed', account });
}

/* The middle square of a picture, made smaller: a camera's picture is far too big for a face. */
async function squareOf(file: File): Promise<Blob> {
	const url = URL.createObjectURL(file);
	try {
		const image = new Image();
		image.src = url;
		await image.decode();
		const side = Math.min(image.naturalWidth, image.naturalHeight);
		const size = Math.min(AVATAR_PX, side);
		const canvas = document.createElement('canvas');
		canvas.width = size;
		canvas.height = size;
		const left = (image.naturalWidth - side) / 2;
		const top = (image.naturalHeight - side) / 2;
		canvas.getContext('2d')?.drawImage(image, left, top, side, side, 0, 0, size, size);
		return await new Promise((resolve, reject) => {
			canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('not drawn'))), 'image/jpeg', 0.9);
		});
	} finally {
		URL.revokeObjectURL(url);
	}
}

function choosePicture(onChosen: (file: File) => void): void {
	const input = document.createElement('input');
	input.type = 'file';
	input.accept = 'image/*';
	input.onchange = () => {
		const file = input.files?.[0];
		if (file) onChosen(file);
	};
	input.click();
}

export function ProfilePage() {
	const services = useServices();
	const me = useSelect((state) => state.me);
	const face = useFace(me?.id ?? '');
	const [isBusy, setBusy] = useState(false);
	if (!me) return null;
	const setAvatar = async (file: File) => {
		setBusy(true);
		try {
			const picture = await squareOf(file).catch(() => {
				throw new Error(t('problem.accounts.bad_avatar'));
			});
			const media = await services.api.upload(picture, { filename: 'avatar.jpg' });
			await update(services, { avatar: media.id });
		} catch (error) {
			showNote(error instanceof Error && error.message === t('problem.accounts.bad_avatar') ? error.message : textOf(error));
		} finally {
			setBusy(false);
		}
	};
	const openAvatarMenu = () => {
		const choose = () => choosePicture((file) => void setAvatar(file));
		if (me.avatar === null) {
			choose();
			return;
		}
		const box = document.querySelector('.avatar-cell')?.getBoundingClientRect();
		openMenu(box?.right ?? 0, box?.bottom ?? 0, [
			{ label: t('accounts.choose_picture'), onPick: choose },
			{
				label: t('accounts.remove_avatar'),
				isDanger: true,
				onPick: () => void update(services, { avatar: null }).catch((error: unknown) => showNote(textOf(error))),
			},
		]);
	};
	const edit = (field: 'nickname' | 'signature' | 'region', maxLength: number, rows?: number) =>
		askText({
			title: t(`accounts.${field}`),
			label: t(`accounts.${field}`),
			value: me[field],
			maxLength,
			isRequired: field === 'nickname',
			...(rows === undefined ? {} : { rows }),
			onSubmit: (value) => update(services, { [field]: value }),
			describeError: textOf,
		});
	return (
		<Page title={t('accounts.profile')} back="/me">
			<Cells>
				<Cell
					label={t('accounts.avatar')}
					value={
						<span class="avatar-cell">
							{isBusy ? t('accounts.avatar_busy') : <Avatar {...face} size={56} />}
						</span>
					}
					onClick={openAvatarMenu}
					disabled={isBusy}
				/>
				<Cell label={t('accounts.nickname')} value={me.nickname} onClick={() => edit('nickname', 32)} />
				<Cell label={t('accounts.username')} value={me.username} />
			</Cells>
			<Cells>
				<Cell label={t('accounts.signature')} value={me.signature || t('ui.none')} onClick={() => edit('signature', 100, 3)} />
				<Cell label={t('accounts.region')} value={me.region || t('ui.none')} onClick={() => edit('region', 50)} />
			</Cells>
		</Page>
	);
}
