// SPDX-License-Identifier: Apache-2.0
/* FilesForm.tsx - asks before pasted or dropped files go out, and shows them. */
import { File } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { sizeText } from '../../model/time.ts';
import { language, t } from '../../text/text.ts';
import { Button } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { openDialog } from '../../ui/overlays.tsx';
import type { Prepared } from './files.ts';
import './FilesForm.css';

export function confirmFiles(files: readonly Prepared[], to: string): Promise<boolean> {
	return new Promise((resolve) => {
		openDialog(
			t('media.send_to', { name: to }),
			(close) => (
				<form
					onSubmit={(event) => {
						event.preventDefault();
						resolve(true);
						close();
					}}
				>
					<ul class="files scroll">
						{files.map((one, index) => (
							<FileRow key={index} prepared={one} />
						))}
					</ul>
					<div class="dialog-actions">
						<Button kind="plain" onClick={close}>
							{t('ui.cancel')}
						</Button>
						<button type="submit" class="button main" autofocus>
							{t('media.send')}
						</button>
					</div>
				</form>
			),
			() => resolve(false),
		);
	});
}

function FileRow({ prepared: { kind, file } }: { prepared: Prepared }) {
	const [url, setUrl] = useState<string | null>(null);
	useEffect(() => {
		if (kind !== 'image') return;
		const made = URL.createObjectURL(file);
		setUrl(made);
		return () => URL.revokeObjectURL(made);
	}, [kind, file]);
	return (
		<li class="files-row">
			<span class="files-picture">{url === null ? <Icon icon={File} size={28} /> : <img src={url} alt="" />}</span>
			<span class="files-text">
				<span class="one-line">{file.name}</span>
				<span class="file-size">{sizeText(file.size, language())}</span>
			</span>
		</li>
	);
}
