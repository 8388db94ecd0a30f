/**
 * @file The arrows between folders, type-only imports included:
 *
 *   main → ui → state, lessons → protocol        (the page: never ONNX Runtime, never the engine)
 *   workers → engine, protocol                   (threads: never Svelte)
 *   tools → engine, core, lessons; to train runs, workers, protocol and the file of a run (Node)
 *   main, ui, state, lessons → messages          (the words, compiled from messages/)
 *   everybody → core → nothing of ours
 */
const page = '^src/(main|ui|state|lessons)(/|[.])';

/** One rule: modules under `from` import, of our modules, only those under `to`. */
const arrow = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|workers|tools|tests)/', pathNot: to },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-barrels',
      severity: 'error',
      comment: 'import from the module that owns the name',
      from: {},
      to: { path: '^src/.*/index[.]ts$' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '[?](url|raw)$' } },
    arrow('core-imports-only-core', '^src/core/', '^src/core/'),
    arrow('protocol-imports-core', '^src/protocol/', '^src/(protocol|core)/'),
    arrow('lessons-import-protocol', '^src/lessons/', '^src/(lessons|messages|protocol|core)/'),
    arrow('state-imports-protocol', '^src/state/', '^(src/(state|protocol|lessons|messages|core)/|workers/[^/]+[.]worker[.]ts$)'),
    arrow('ui-imports-state-and-lessons', '^src/(ui|main)(/|[.])', '^src/(ui|state|lessons|messages|protocol|core)/'),
    arrow('engine-imports-core', '^src/engine/', '^src/(engine|core)/'),
    arrow('workers-import-engine-and-protocol', '^workers/', '^(workers|src/(engine|protocol|core))/'),
    // `aftertrain run` is the page without a page: the same trainer, and the same file of a run.
    arrow(
      'tools-import-engine-core-and-lessons',
      '^tools/',
      '^((tools|workers|src/(engine|protocol|core|lessons))/|src/state/run(-files|s-schema)[.]ts$)',
    ),
    {
      name: 'page-without-onnxruntime',
      severity: 'error',
      comment: 'the page talks to the engine through the worker',
      from: { path: page },
      to: { path: 'node_modules/onnxruntime' },
    },
    {
      name: 'page-without-fits',
      severity: 'error',
      comment: 'fits to tens of thousands of labels would stall the page: ask workers/label-maths.worker.ts',
      from: { path: '^src/(main|ui|state)(/|[.])' },
      to: { path: '^src/core/reward/(bradley-terry|learning-curve)[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    { name: 'core-without-platform', severity: 'error', from: { path: '^src/core/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'core-without-dom-or-ort',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: 'node_modules/(onnxruntime|svelte|comlink|uplot|bits-ui)' },
    },
    { name: 'workers-without-svelte', severity: 'error', from: { path: '^(workers|src/engine)/' }, to: { path: 'node_modules/svelte/' } },
    { name: 'nothing-imports-tests', severity: 'error', from: { path: '^(src|workers|tools)/' }, to: { path: '^tests/' } },
  ],
  options: {
    tsPreCompilationDeps: true, // type-only imports are arrows too
    tsConfig: { fileName: 'tsconfig.page.json' },
    doNotFollow: { path: '(node_modules|^src/messages/)' }, // the latter are compiled words
    exclude: { path: '^tools/bench/peers/' }, // their libraries are installed by npm run bench alone
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'svelte', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.svelte', '.svelte.ts'],
    },
  },
};
