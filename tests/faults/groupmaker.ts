// SPDX-License-Identifier: Apache-2.0
// One who makes groups and lets people come and go. All that changes the members of his groups is
// done here, one after the other, so that the log says who is in each at the end.
import type { Actors } from './actors.ts';
import type { Caller } from './caller.ts';

const GROUPS_MAX = 12;

interface Group {
	id: string;
	members: Set<Caller>; // without the owner
	/** Who was in it once. Nobody comes back: his history would begin anew. */
	left: Set<Caller>;
}

export class GroupMaker {
	readonly owner: Caller;
	readonly #actors: Actors;
	readonly #groups: Group[] = [];
	#made = 0;

	constructor(actors: Actors, owner: Caller) {
		this.#actors = actors;
		this.owner = owner;
	}

	async step(): Promise<void> {
		const dice = this.#actors.random();
		if (this.#groups.length === 0 || (dice < 0.2 && this.#made < GROUPS_MAX)) return this.#make();
		const group = this.#actors.pick(this.#groups);
		if (dice < 0.4) return this.#add(group);
		if (dice < 0.5) return this.#leave(group);
		if (dice < 0.6) return this.#remove(group);
		if (dice < 0.65) return this.#dissolve(group);
		if (dice < 0.7) return this.#strangerSpeaks(group);
		await this.#actors.say(this.#actors.pick([this.owner, ...group.members]), group.id, this.#actors.newName('g'), { giveUp: 0.3 });
	}

	#others(): Caller[] {
		return this.#actors.cast.filter((one) => one !== this.owner);
	}

	async #make(): Promise<void> {
		const members = this.#others().filter(() => this.#actors.random() < 0.5);
		const input = { client_id: this.#actors.newName('g'), name: this.#actors.newName('group'), members: members.map(({ id }) => id) };
		// Without anybody it is refused, and must not be there.
		const isEmpty = members.length === 0;
		if (isEmpty) input.members = [this.owner.id];
		const { out } = await this.owner.want('groups.create', input, { giveUp: 0.3 });
		if (out === undefined) return;
		const { conversation } = out as { conversation: { id: string } };
		this.#groups.push({ id: conversation.id, members: new Set(members), left: new Set() });
		this.#made += 1;
	}

	async #add(group: Group): Promise<void> {
		const candidates = this.#others().filter((one) => !group.members.has(one) && !group.left.has(one));
		if (candidates.length === 0) return;
		const one = this.#actors.pick(candidates);
		const { status } = await this.owner.want('group_members.add', { group_id: group.id, members: [one.id] }, { giveUp: 0.3 });
		if (status === 200) group.members.add(one);
	}

	async #leave(group: Group): Promise<void> {
		if (group.members.size < 2) return;
		const one = this.#actors.pick([...group.members]);
		await one.want('group_members.remove', { group_id: group.id, account_id: one.id });
		this.#gone(group, one);
	}

	async #remove(group: Group): Promise<void> {
		if (group.members.size < 2) return;
		const one = this.#actors.pick([...group.members]);
		await this.owner.want('group_members.remove', { group_id: group.id, account_id: one.id });
		this.#gone(group, one);
	}

	#gone(group: Group, one: Caller): void {
		group.members.delete(one);
		group.left.add(one);
	}

	async #dissolve(group: Group): Promise<void> {
		await this.owner.want('groups.dissolve', { group_id: group.id });
		this.#groups.splice(this.#groups.indexOf(group), 1);
	}

	/** Somebody outside, or no longer inside: refused. */
	async #strangerSpeaks(group: Group): Promise<void> {
		const outside = this.#others().filter((one) => !group.members.has(one));
		if (outside.length > 0) await this.#actors.say(this.#actors.pick(outside), group.id, this.#actors.newName('x'), {});
	}
}
