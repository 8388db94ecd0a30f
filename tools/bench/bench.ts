/**
 * @file `npm run bench [-- options]`: ours and every peer, measured in one interleaved run, in Chromium and in Node.
 *
 * Installs the peers into this folder when they are missing, builds one page that holds all, measures, and writes JSON.
 * The usual run writes tools/bench/results.json, and from it the plot and the README's table; with `--quick` or `--out`
 * the JSON goes elsewhere and those stay as they are, unless `--out` names results.json itself. `--page` measures again only
 * how soon the built page answers; `--render` only writes table and plot anew.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { ClearError, elapsed, ensureDependencies, root } from '../ensure-dependencies.mjs';
import { serve } from '../site/serve.mjs';
import { modelOf, shippedModel, writeModelFolder } from './folders';
import { measureInBrowser } from './in-browser';
import { measureInNode } from './in-node';
import { measurePageLoads } from './page-load';
import { LARGEST_COMPARED, planOf, USAGE, type BenchPlan } from './plan';
import { linearityPlot } from './plot';
import { readmeTable, withTable } from './report';
import type { Results, Row } from './results';

const here = join(root, 'tools', 'bench');
const site = join(root, 'build', 'bench');
const kept = join(here, 'results.json');

const say = (line: string) => console.log(`${elapsed(0)}  ${line}`);

function readPlan(): BenchPlan {
  try {
    const { values } = parseArgs({
      options: {
        quick: { type: 'boolean' },
        sizes: { type: 'string' },
        threads: { type: 'string' },
        adapter: { type: 'string' },
        out: { type: 'string' },
        render: { type: 'boolean' },
        page: { type: 'boolean' },
      },
    });
    return planOf(values);
  } catch (error) {
    const { message } = error as Error;
    throw new ClearError(message.includes(USAGE) ? message : `${message}\nUsage: ${USAGE}`);
  }
}

/** Versions of ours and of the peers, from their lock files. */
function versions(): Record<string, string> {
  const lockedIn = (folder: string) =>
    (JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string }> }).packages;
  const [ours, theirs] = [lockedIn(root), lockedIn(here)];
  const peers = ['@jax-js/jax', '@tensorflow/tfjs-core', '@genai-fi/nanogpt', '@huggingface/transformers', 'onnxruntime-web'];
  const named = peers.map((name) => [
    name === 'onnxruntime-web' ? 'onnxruntime-web of transformers' : name,
    theirs[`node_modules/${name}`]?.version ?? '?',
  ]);
  return Object.fromEntries([['onnxruntime-web', ours['node_modules/onnxruntime-web']?.version ?? '?'], ...named]) as Record<
    string,
    string
  >;
}

async function measurePage(plan: BenchPlan): Promise<NonNullable<Results['page']>> {
  say('the page itself, with an empty cache and with a kept one');
  return { date: new Date().toISOString(), ...(await measurePageLoads(plan.numRounds)) };
}

async function measure(plan: BenchPlan): Promise<Results> {
  say('building the page');
  process.env.NODE_ENV = 'production';
  await build({ configFile: join(here, 'vite.config.ts') });
  for (const size of plan.sizes) writeModelFolder(join(site, 'models', size), modelOf(size));
  const { prompts } = shippedModel(8);
  const server = await serve({ folder: site });
  try {
    const { browser, ...found } = await measureInBrowser(`${server.url}page/index.html`, plan, prompts, say);
    const rows: Row[] = [...found.rows];
    for (const size of plan.sizes.filter((each) => Number(each) <= Number(LARGEST_COMPARED)))
      for (const numThreads of plan.threads) {
        say(`${size} M, Node, ${numThreads} thread${numThreads === 1 ? '' : 's'}`);
        rows.push(...(await measureInNode(size, numThreads, modelOf(size), size === '1' ? prompts : null, plan)));
      }
    const page = await measurePage(plan);
    const [processor] = cpus();
    return {
      date: new Date().toISOString(),
      quick: plan.quick,
      machine: {
        cpu: processor?.model.trim() ?? 'unknown processor',
        numCpus: cpus().length,
        os: `${type()} ${release()}`,
        node: process.versions.node,
        browser,
      },
      versions: versions(),
      ...found,
      rows,
      page,
    };
  } finally {
    await server.close();
  }
}

/** Writes the README's table and the plot from results. */
function render(results: Results): void {
  const readme = join(root, 'README.md');
  writeFileSync(readme, withTable(readFileSync(readme, 'utf8'), readmeTable(results)));
  const plot = linearityPlot(results);
  if (plot) writeFileSync(join(here, 'linearity.svg'), plot);
  console.log('Wrote the table into README.md and the plot into tools/bench/linearity.svg.');
}

/** Measures, writes the JSON, and from the usual one table and plot. */
async function measureAndWrite(plan: BenchPlan): Promise<void> {
  const out = plan.out !== null ? resolve(plan.out) : plan.quick ? join(site, 'quick.json') : kept;
  ensureDependencies(here);
  const results = await measure(plan);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(results, null, 1)}\n`);
  console.log(`\n${readmeTable(results)}\n\nWrote ${relative(process.cwd(), out)}.`);
  if (out === kept) render(results);
  if (results.failures.length > 0) {
    for (const { contender, size, runtime, reason } of results.failures) console.error(`${contender}, ${size} M, ${runtime}: ${reason}`);
    process.exitCode = 1;
  }
}

try {
  const plan = readPlan();
  const readKept = () => JSON.parse(readFileSync(kept, 'utf8')) as Results;
  if (plan.renderOnly) render(readKept());
  else if (plan.pageOnly) {
    const results: Results = { ...readKept(), page: await measurePage(plan) };
    writeFileSync(kept, `${JSON.stringify(results, null, 1)}\n`);
    render(results);
  } else await measureAndWrite(plan);
} catch (error) {
  if (!(error instanceof ClearError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
