/**
 * @file ESLint: mistakes only; layout is Prettier's, dependencies between folders are dependency-cruiser's.
 *
 * Types are asked about promises alone (a forgotten `await` is the costliest mistake in code that queues GPU work).
 */
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/', 'build/', 'public/', 'src/messages/']),
  tseslint.configs.recommended,
  svelte.configs.recommended,
  {
    rules: {
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-non-null-assertion': 'off', // typed arrays and checked indices are full of them
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      'no-undef': 'off', // TypeScript knows which globals each thread has
    },
  },
  {
    files: ['src/**/*.ts', 'workers/**/*.ts', 'tests/**/*.ts', 'tools/**/*.ts'],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.core.json', 'tsconfig.page.json', 'tsconfig.worker.json', 'tsconfig.node.json', 'tools/bench/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    files: ['**/*.svelte.ts'],
    // State is $state.raw and replaced whole; a Set or URL that is made and read within one call needs no signals.
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    files: ['**/*.svelte'],
    rules: {
      'svelte/no-useless-mustaches': 'off', // {' '} is how Svelte keeps a space at the end of a line
      'no-restricted-syntax': [
        'error',
        {
          selector: "SvelteAttribute[key.name='style'][value.length=1][value.0.type='SvelteLiteral']",
          message: "The page's policy blocks constant style attributes: use a class, or style:property={value}.",
        },
      ],
    },
  },
  { files: ['tools/**', 'tests/**'], rules: { 'no-console': 'off' } },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
);
