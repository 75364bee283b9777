// SPDX-License-Identifier: Apache-2.0
/* proof.worker.ts - solves a sign-up's proof of work beside the page. */
import { solveProof } from '@guanxi/sdk';

interface Task {
	challenge: string;
	bits: number;
}

const scope = globalThis as unknown as {
	onmessage: ((event: MessageEvent<Task>) => void) | null;
	postMessage: (proof: unknown) => void;
};

scope.onmessage = (event) => {
	void solveProof(event.data).then((proof) => scope.postMessage(proof));
};
