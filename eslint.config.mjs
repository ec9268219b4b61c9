import eslint from '@eslint/js'
import prettier from 'eslint-config-prettier'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.tap', 'test/clients/stubs/*/**'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  prettier,
  {
    languageOptions: {
      parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      // A Fastify handler or hook may be async without awaiting: the type asks for it.
      '@typescript-eslint/require-await': 'off',
      // Numbers read well in messages; everything else still has to be made a string on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // The shape of a row or a wire object is a type, and so is everything else: one word for one thing.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // A promise that nobody awaits is a change that nobody knows the end of.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: '@tapjs/test', name: ['test'] }] }
      ]
    }
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked }
)
