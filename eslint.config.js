// SPDX-License-Identifier: Apache-2.0
// One strict rule set for everything in TypeScript: no any, no promise left alone.
import tseslint from 'typescript-eslint';

export default tseslint.config(
	{
		ignores: ['**/node_modules/', '**/dist/', 'build/', '**/*.gen.ts', 'test-results/', '.ci/'],
	},
	{
		files: ['**/*.{ts,tsx}'],
		extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
		languageOptions: {
			parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
		},
		rules: {
			'@typescript-eslint/no-explicit-any': 'error',
			// An empty text is often no better than none.
			'@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
			'@typescript-eslint/no-confusing-void-expression': 'off',
			'@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
			'@typescript-eslint/no-non-null-assertion': 'error',
			'no-console': 'error',
			eqeqeq: 'error',
		},
	},
	{
		files: ['**/*.{js,mjs}'],
		extends: [tseslint.configs.base],
		rules: { eqeqeq: 'error', 'no-undef': 'off' },
	},
);
