// SPDX-License-Identifier: Apache-2.0
/* overlays.tsx - asking a person: yes or no, or for a text. */
import { useState } from 'preact/hooks';
import { t } from '../text/text.ts';
import { Button, Field } from './controls.tsx';
import { openDialog } from './overlay_state.ts';

export { openDialog, openMenu, openMenuAt, showNote, type MenuItem } from './overlay_state.ts';

interface Question {
	title: string;
	text?: string;
	action: string;
	isDanger?: boolean;
}

/* Resolves to true when the person agreed. */
export function ask({ title, text, action, isDanger = false }: Question): Promise<boolean> {
	return new Promise((resolve) => {
		openDialog(
			title,
			(close) => (
				<>
					{text !== undefined && <p class="dialog-text">{text}</p>}
					<div class="dialog-actions">
						<Button kind="plain" onClick={close}>
							{t('ui.cancel')}
						</Button>
						<Button
							kind={isDanger ? 'danger' : 'main'}
							onClick={() => {
								resolve(true);
								close();
							}}
						>
							{action}
						</Button>
					</div>
				</>
			),
			() => resolve(false),
		);
	});
}

interface TextQuestion {
	title: string;
	label: string;
	value?: string;
	note?: string;
	maxLength: number;
	rows?: number;
	action?: string;
	type?: 'text' | 'number';
	isRequired?: boolean;
	/* Carries it out; what it throws is shown as text and the dialog stays. */
	onSubmit: (value: string) => Promise<void>;
	describeError: (error: unknown) => string;
}

export function askText(question: TextQuestion): void {
	openDialog(question.title, (close) => <TextForm {...question} close={close} />);
}

function TextForm({ close, ...question }: TextQuestion & { close: () => void }) {
	const [value, setValue] = useState(question.value ?? '');
	const [error, setError] = useState<string | null>(null);
	const [isBusy, setBusy] = useState(false);
	const submit = async (event: Event) => {
		event.preventDefault();
		setBusy(true);
		setError(null);
		try {
			await question.onSubmit(value.trim());
			close();
		} catch (cause) {
			setError(question.describeError(cause));
			setBusy(false);
		}
	};
	return (
		<form onSubmit={(event) => void submit(event)}>
			<Field
				label={question.label}
				value={value}
				onValue={setValue}
				maxLength={question.maxLength}
				error={error}
				{...(question.note === undefined ? {} : { note: question.note })}
				{...(question.rows === undefined ? {} : { rows: question.rows })}
				{...(question.type === undefined ? {} : { type: question.type })}
				autofocus
				autocomplete="off"
			/>
			<div class="dialog-actions">
				<Button kind="plain" onClick={close}>
					{t('ui.cancel')}
				</Button>
				<Button type="submit" isBusy={isBusy} disabled={question.isRequired === true && value.trim() === ''}>
					{question.action ?? t('ui.save')}
				</Button>
			</div>
		</form>
	);
}
