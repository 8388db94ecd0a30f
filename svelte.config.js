/** @file Svelte compiler options, shared by Vite, svelte-check, ESLint and Prettier. */

/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  vitePlugin: {
    // Runes in every component of ours; libraries decide for themselves.
    dynamicCompileOptions: ({ filename }) => (filename.includes('node_modules') ? undefined : { runes: true }),
  },
};
