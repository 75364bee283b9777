// SPDX-License-Identifier: Apache-2.0
/* memo.ts - a component that is drawn again only when one of its props is another. */
import { Component, h, type ComponentType, type VNode } from 'preact';

export function memo<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
	return class Memo extends Component<P> {
		override shouldComponentUpdate(next: Readonly<P>): boolean {
			const keys = new Set([...Object.keys(this.props), ...Object.keys(next)]) as Set<keyof P>;
			return [...keys].some((key) => this.props[key] !== next[key]);
		}

		override render(): VNode {
			return h(Inner as ComponentType<object>, this.props);
		}
	};
}
