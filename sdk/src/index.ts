// SPDX-License-Identifier: Apache-2.0
export { Client, type CallArguments, type CallOptions, type ClientOptions } from './client.ts';
export { ConnectionError, GuanxiError, type ConnectionReason } from './errors.ts';
export { newClientId } from './ident.ts';
export { OPS } from './ops.gen.ts';
export { solveProof, type Proof } from './proof.ts';
export { Stream, type SocketFactory, type SocketLike, type StreamEvents, type StreamOptions, type StreamState } from './stream.ts';
export type * from './types.ts';
export type { UploadOptions } from './upload.ts';
