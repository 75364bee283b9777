// SPDX-License-Identifier: Apache-2.0
// Names for what the API file describes: nothing here is written twice, all of it is derived.
import type { components, operations } from './api.gen.ts';
import type { OPS } from './ops.gen.ts';

type Schemas = components['schemas'];

export type Account = Schemas['Account'];
export type Contact = Schemas['Contact'];
export type ContactRequest = Schemas['ContactRequest'];
export type Conversation = Schemas['Conversation'];
export type Group = Schemas['Group'];
export type Instance = Schemas['Instance'];
export type Invite = Schemas['Invite'];
export type Media = Schemas['Media'];
export type Member = Schemas['Member'];
export type Message = Schemas['Message'];
export type MessageKind = Schemas['MessageKind'];
/** What one sends: kind, body and client_id, with reply_to and mentions. */
export type NewMessage = Schemas['NewMessage'];
export type OperatorAccount = Schemas['OperatorAccount'];
export type Problem = Schemas['Problem'];
export type Report = Schemas['Report'];
export type Session = Schemas['Session'];
export type SessionInfo = Schemas['SessionInfo'];
export type SignedIn = Schemas['SignedIn'];

/** Something that happened; `type` tells what. */
export type Event = Schemas['Event'];
export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

export type ServerFrame = Schemas['ServerFrame'];
export type ClientFrame = Schemas['ClientFrame'];

export type Op = keyof operations & keyof typeof OPS;
/** Operations with JSON in and out: they can be called over HTTP and over the stream. */
export type JsonOp = { [O in Op]: (typeof OPS)[O]['kind'] extends 'json' ? O : never }[Op];

/** Makes an intersection readable in editors; keeps unions apart. */
type Flat<T> = T extends unknown ? { [K in keyof T]: T[K] } : never;
/** Adds no field to an intersection. */
type Nothing = unknown;

type PathOf<P> = P extends { path: infer T } ? T : Nothing;
type QueryOf<P> = P extends { query?: infer T } ? ([T] extends [undefined] ? Nothing : NonNullable<T>) : Nothing;
type BodyOf<R> = R extends { requestBody?: infer B }
	? NonNullable<B> extends { content: { 'application/json': infer T } }
		? T
		: Nothing
	: Nothing;
type AnswerOf<R> = R extends { 200: { content: { 'application/json': infer T } } }
	? T
	: R extends { 201: { content: { 'application/json': infer T } } }
		? T
		: undefined;

/** Path, query and body fields of an operation in one object. */
export type In<O extends Op> = Flat<
	PathOf<operations[O]['parameters']> & QueryOf<operations[O]['parameters']> & BodyOf<operations[O]>
>;
/** What an operation answers; undefined where it answers without content. */
export type Out<O extends Op> = AnswerOf<operations[O]['responses']>;
