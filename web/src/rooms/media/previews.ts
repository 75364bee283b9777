// SPDX-License-Identifier: Apache-2.0
/*
 * previews.ts - pictures that are shown before, and while, they are uploaded: object URLs of the
 * local files by client_id. Kept after sending, so that the picture on screen does not flicker.
 */
import { useEffect, useState } from 'preact/hooks';
import { useServices } from '../../model/services.ts';

const KEPT_MAX = 60;
const urls = new Map<string, string>();

export function keepPreview(clientId: string, file: Blob): string {
	const known = urls.get(clientId);
	if (known !== undefined) return known;
	const url = URL.createObjectURL(file);
	urls.set(clientId, url);
	const [oldest] = urls.keys();
	if (urls.size > KEPT_MAX && oldest !== undefined) dropPreview(oldest);
	return url;
}

export function dropPreview(clientId: string): void {
	const url = urls.get(clientId);
	if (url === undefined) return;
	URL.revokeObjectURL(url);
	urls.delete(clientId);
}

export function previewOf(clientId: string): string | null {
	return urls.get(clientId) ?? null;
}

/* For what waits since before a reload the file comes from the local store. */
export function usePreview(clientId: string, isOutgoing: boolean): string | null {
	const { disk } = useServices();
	const [url, setUrl] = useState(() => previewOf(clientId));
	useEffect(() => {
		if (url !== null || !isOutgoing) return;
		let isCurrent = true;
		void disk.getFile(clientId).then((file) => {
			if (isCurrent && file) setUrl(keepPreview(clientId, file));
		});
		return () => {
			isCurrent = false;
		};
	}, [clientId, disk, isOutgoing, url]);
	return url;
}
