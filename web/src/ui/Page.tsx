// SPDX-License-Identifier: Apache-2.0
/* Page.tsx - one page: a bar with back, title and actions above a scrolling body. */
import { ChevronLeft } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../text/text.ts';
import { Icon } from './Icon.tsx';
import './Page.css';
import { goBack, usePlace } from './router.tsx';

interface Props {
	title: string;
	/* Shown instead of the title's text, which stays the page's name. */
	heading?: ComponentChildren;
	/* Where "back" leads when the page was opened directly; none: a root page. */
	back?: string;
	actions?: ComponentChildren;
	ground?: 'list' | 'cells' | 'chat';
	/* The body scrolls by itself and wants no scrolling around it. */
	isFixed?: boolean;
	children: ComponentChildren;
}

function isTab(path: string): boolean {
	return path.lastIndexOf('/') === 0;
}

export function Page({ title, heading, back, actions, ground = 'cells', isFixed = false, children }: Props) {
	const place = usePlace();
	const first = useRef(place);
	const section = useRef<HTMLElement>(null);
	// A page that was opened takes the focus, so that reading starts at its title.
	useLayoutEffect(() => {
		if (first.current.way === 'forward' && back !== undefined) section.current?.focus({ preventScroll: true });
	}, [back]);
	const slides = back !== undefined && first.current.way === 'forward';
	return (
		<section
			class={`page ground-${ground}${slides ? ' slides' : ''}`}
			aria-label={title}
			tabIndex={-1}
			ref={section}
		>
			<header class="bar">
				<div class="bar-side">
					{back !== undefined && (
						<button
							type="button"
							class={isTab(back) ? 'bar-button bar-back to-list' : 'bar-button bar-back'}
							aria-label={t('ui.back')}
							onClick={() => goBack(back)}
						>
							<Icon icon={ChevronLeft} size={26} />
						</button>
					)}
				</div>
				<h1 class="bar-title one-line">{heading ?? title}</h1>
				<div class="bar-side bar-end">{actions}</div>
			</header>
			<div class={isFixed ? 'page-body fixed' : 'page-body scroll'}>{children}</div>
		</section>
	);
}
