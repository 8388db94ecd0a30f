/**
 * @file What leaves the page for TRL: Python that compiles, settings that TRL knows by name, data sets in its columns, and a
 * reward that is the page's own, feature by feature.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../../src/core/algorithms/catalogue';
import { DATA_DEFAULTS } from '../../../src/core/data/fields';
import { Random } from '../../../src/core/random';
import { FEATURES, featureValues, type FeatureName } from '../../../src/core/reward/features';
import { labelRows, ownRows, worldRows } from '../../../src/core/trl/data-sets';
import { packageTexts } from '../../../src/core/trl/package';
import { TRL_STAGES, trlSettings, type TrlConfigs } from '../../../src/core/trl/settings';
import { demonstrate } from '../../../src/core/world/demonstrations';
import { interpretRequest } from '../../../src/core/world/interpret';
import { sampleRequest } from '../../../src/core/world/requests';
import { createWorld } from '../../../src/core/world/world';
import names from './trl-names.json';

const PYTHON = 'src/core/trl/python';
const CONFIG_OF = {
  sft: 'SFTConfig',
  reward: 'RewardConfig',
  dpo: 'DPOConfig',
  grpo: 'GRPOConfig',
  rloo: 'RLOOConfig',
  ppo: 'PPOConfig',
} as const;
const configs = Object.fromEntries(TRL_STAGES.map((stage) => [stage, ALGORITHMS[stage].defaults])) as unknown as TrlConfigs;
const scripts = Object.fromEntries(readdirSync(PYTHON).flatMap((name) => (name.endsWith('.py') ? [[name, read(name)]] : [])));
const world = createWorld();
const rows = worldRows(world, { data: DATA_DEFAULTS, seed: 3, numDemonstrations: 40, numPairs: 20, numPrompts: 30 });
const folder = mkdtempSync(join(tmpdir(), 'aftertrain-trl-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(name: string): string {
  return readFileSync(join(PYTHON, name), 'utf8');
}

/** The world's judge as one script, bundled as the page's build does. */
async function bundledJudge(): Promise<string> {
  const lib = { entry: 'workers/world-judge-lines.worker.ts', formats: ['es' as const], fileName: 'judge' };
  const made = await build({ configFile: false, logLevel: 'error', publicDir: false, build: { write: false, lib } });
  const [{ output }] = made as unknown as [{ output: { code: string }[] }];
  return output[0]!.code;
}

beforeAll(async () => {
  const texts = packageTexts({
    scripts,
    judge: await bundledJudge(),
    configs,
    seed: 3,
    maxTokens: 256,
    weights: Object.fromEntries(FEATURES.map(({ name }, i) => [name, i % 2 === 0 ? 1 : -0.5])),
    rewardModelWeight: 0,
    endTokenIds: [5, 0],
    data: rows,
    chatTemplate: '{{ messages }}',
    policy: 'SFT',
  });
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}, 60_000);

/** Runs Python in the folder; standard error in the message when it fails. */
function python(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('python3', args, { cwd: folder, input, encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const parsed = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

describe('the Python that leaves the page', () => {
  it.each(Object.keys(scripts))('%s compiles', (name) => {
    expect(() => python(['-m', 'py_compile', name])).not.toThrow();
  });

  it.each(Object.keys(CONFIG_OF) as (keyof typeof CONFIG_OF)[])('%s is called with names that TRL has', (stage) => {
    const settings = trlSettings(configs, 3, 256)[stage]!;
    const known = new Set([...names.TrainingArguments, ...names[CONFIG_OF[stage]]]);
    expect(Object.keys(settings).filter((name) => !known.has(name))).toEqual([]);
    expect(Object.values(settings).filter((value) => value === undefined)).toEqual([]);
  });

  it('an update looks at as many answers as on the page', () => {
    const { grpo } = configs;
    const settings = trlSettings({ ...configs, grpo: { ...grpo, numMiniBatches: 2, numIterations: 2 } }, 3, 256).grpo!;
    const generated = (settings.per_device_train_batch_size as number) * (settings.steps_per_generation as number);
    expect(generated).toBe(grpo.promptsPerUpdate * grpo.groupSize);
    expect(generated % (settings.num_generations as number)).toBe(0);
    expect(settings.max_steps).toBe(4 * grpo.numUpdates);
  });
});

describe('the data sets', () => {
  const message = (role: 'user' | 'assistant') => v.strictObject({ role: v.literal(role), content: v.pipe(v.string(), v.minLength(1)) });
  const one = <Schema extends v.GenericSchema>(schema: Schema) => v.strictTuple([schema]);
  const prompt = one(message('user'));
  const answer = one(message('assistant'));
  const preference = v.strictObject({ prompt, chosen: answer, rejected: answer, margin: v.number() });
  const turns = v.pipe(
    v.array(v.strictObject({ role: v.picklist(['system', 'user', 'assistant']), content: v.string() })),
    v.minLength(1),
    v.check((list) => list.at(-1)?.role === 'user'),
  );

  it.each([
    ['demonstrations', 40, v.strictObject({ prompt: turns, completion: answer })],
    ['world-preferences', 20, preference],
    ['prompts', 30, v.strictObject({ prompt })],
  ] as const)('%s have TRL’s columns', (name, count, schema) => {
    const found = parsed(rows[name]!);
    expect(found).toHaveLength(count);
    for (const row of found) expect(v.safeParse(schema, row).issues).toBeUndefined();
  });

  it('labels with a winner are preferences, those without are left out', () => {
    const label = {
      id: '1',
      prompt: 'Hello',
      a: 'Hi!',
      b: 'No',
      strength: 1,
      annotator: 'me',
      note: '',
      time: '',
      durationMs: null,
    } as const;
    const labels = [{ ...label, verdict: 'b' } as never, { ...label, id: '2', verdict: 'tie' } as never];
    const [row, ...rest] = parsed(labelRows(labels));
    expect(rest).toEqual([]);
    expect(v.safeParse(preference, row).issues).toBeUndefined();
    expect(row).toMatchObject({ chosen: [{ content: 'No' }], rejected: [{ content: 'Hi!' }] });
  });

  it('rows of the reader’s own have the same columns', () => {
    const own = ownRows([
      { learnsFrom: 'pairs', rows: [{ prompt: 'p', chosen: 'c', rejected: 'r' }] },
      { learnsFrom: 'rewards', rows: [{ prompt: 'q' }] },
    ]);
    expect(parsed(own.preferences!).map((row) => v.safeParse(preference, row).success)).toEqual([true]);
    expect(parsed(own.prompts!)).toEqual([{ prompt: [{ role: 'user', content: 'q' }] }]);
  });
});

describe('the reward as a Python function', () => {
  const random = new Random('reward in Python');
  const odd = ['', '   ', 'Enjoy!!! Enjoy!', 'I can’t help with that.', 'Maybe. Maybe?', '* a\n* b\n\n1. c', 'ÉTÉ — 17 + 25 = 42 "?"'];
  const answers = Array.from({ length: 60 }, (_, i) => {
    const request = sampleRequest(world, random.split(i), 'heldout');
    const text = odd[i] ?? demonstrate(world, request, random.split(`answer ${i}`));
    return { prompt: request.prompt, text, num_tokens: 5 + i, finished: i % 3 !== 0 };
  });

  it('measures every feature as the page does', () => {
    const script = 'import json, sys, reward\nprint(json.dumps(reward.features(json.load(sys.stdin))))';
    const found = JSON.parse(python(['-c', script], JSON.stringify(answers))) as Record<FeatureName, number>[];
    answers.forEach(({ prompt, text, num_tokens: numTokens, finished }, i) => {
      const expected = featureValues({ world, request: interpretRequest(world, prompt), text, numTokens, finished });
      for (const { name } of FEATURES) expect([i, name, found[i]![name]]).toEqual([i, name, expect.closeTo(expected[name], 9)]);
    });
  });

  it('takes what TRL hands over, messages and token ids, and gives one number for each', () => {
    const call = {
      prompts: [[{ role: 'user', content: 'Hello!' }], 'Hello!'],
      completions: [[{ role: 'assistant', content: 'Hi! Enjoy!' }], 'Hi!'],
      completion_ids: [
        [9, 8, 5],
        [9, 8],
      ],
    };
    const script = 'import json, sys, reward\nprint(json.dumps(reward.reward(**json.load(sys.stdin), trainer_state=None)))';
    const rewards = JSON.parse(python(['-c', script], JSON.stringify(call))) as number[];
    expect(rewards).toHaveLength(2);
    expect(rewards[0]).not.toBe(rewards[1]);
  });
});
