/** @file Links: what they carry, and what a hostile one cannot do. */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, STAGES } from '../../src/core/algorithms/catalogue';
import type { Field } from '../../src/core/algorithms/fields';
import { readLink, writeLink } from '../../src/state/link';
import { fieldsOf, RunSetup, valuesOf } from '../../src/state/run-setup.svelte';

const written = (hash: string) => writeLink(readLink(hash).link);

describe('a link', () => {
  it('brings back everything that was put into it', () => {
    const link = {
      prompt: 'Who is “Ana & Bo”? #1',
      engine: 'wasm' as const,
      setup: {
        stage: 'ppo' as const,
        start: 'base' as const,
        runSeed: 12,
        config: { learningRate: 0.00025, klEstimator: 'k3', adaptiveKl: true },
      },
      sampling: { seed: 3, temperature: 0.35 },
      weights: { typos: -1.5, length: 0 },
    };
    const read = readLink('#' + writeLink(link));
    expect(read.link).toEqual(link);
    expect(read.notes).toEqual([]);
  });

  it('is empty when nothing differs from the defaults', () => {
    expect(writeLink({ sampling: {}, setup: new RunSetup().changes, weights: {} })).toBe('');
    expect(readLink('').notes).toEqual([]);
  });

  it('brings numbers out of range into it and says so once each', () => {
    const { link, notes } = readLink('#reward.length=9&grpo.numUpdates=100000&temperature=-3');
    expect(link.weights.length).toBe(2);
    expect(link.setup.config.numUpdates).toBe(500);
    expect(link.sampling.temperature).toBe(0);
    expect(notes).toHaveLength(3);
    expect(notes.join(' ')).toContain('Length in the link was out of range; 2 is used.');
  });

  it.each(['NaN', 'Infinity', '1e999', '0x10', '', '1;alert(1)', '1'.repeat(400)])('refuses the number “%s”', (text) => {
    const { link, notes } = readLink(`#seed=${encodeURIComponent(text)}`);
    expect(link.sampling.seed).toBeUndefined();
    expect(notes).toEqual(['Seed in the link could not be read; the default is used.']);
  });

  it('rounds settings that are whole numbers', () => {
    expect(readLink('#grpo.groupSize=3.6').link.setup.config.groupSize).toBe(4);
  });

  it('refuses engines and starting models that do not exist', () => {
    expect(written('#engine=cloud&start=__proto__')).toBe('');
    expect(readLink('#engine=cloud').notes).toHaveLength(1);
  });

  it('cuts a prompt that is too long', () => {
    const { link, notes } = readLink(`#prompt=${'x'.repeat(5000)}`);
    expect(link.prompt).toHaveLength(300);
    expect(notes).toHaveLength(1);
  });

  it('passes over names it does not know', () => {
    expect(readLink('#reward&train&reward.__proto__=1&grpo.constructor=2&utm_source=x')).toEqual({
      link: { sampling: {}, setup: { config: {} }, weights: {} },
      notes: [],
    });
  });

  const end = (field: Field, which: 'first' | 'last') => {
    if (field.kind === 'choice') return field.choices.at(which === 'first' ? 0 : -1)!.value;
    if (field.kind === 'switch') return which === 'last';
    return which === 'first' ? field.min : field.max;
  };

  it.each(STAGES.flatMap((stage) => [[stage, 'first'] as const, [stage, 'last'] as const]))(
    'carries all that may be set of %s, at the %s end of its range',
    (stage, which) => {
      const config = Object.fromEntries(fieldsOf(stage).map((field) => [field.key, end(field, which)]));
      const setup = new RunSetup();
      setup.open({ stage, config });
      expect(valuesOf(setup.config)).toEqual(config);
      const { link, notes } = readLink('#' + writeLink({ sampling: {}, setup: setup.changes, weights: {} }));
      const opened = new RunSetup();
      opened.open(link.setup);
      expect(notes).toEqual([]);
      expect(opened.stage).toBe(stage);
      expect(valuesOf(opened.config)).toEqual(config);
    },
  );

  it('carries what a run learns from: its settings, kinds of request, and the name of rows', () => {
    const setup = new RunSetup();
    setup.open({ stage: 'sft', config: {}, data: { count: 50, refusal: 'naive', conversations: false }, kinds: { act: 3, 'how-to': 1 } });
    setup.setRows({ id: 'my rows: 1', hash: '0123456789abcd' });
    const { link, notes } = readLink('#' + writeLink({ sampling: {}, setup: setup.changes, weights: {} }));
    expect(notes).toEqual([]);
    const opened = new RunSetup();
    opened.open(link.setup);
    expect(opened.data).toEqual(setup.data);
    expect(opened.spec({}, [])).toEqual(setup.spec({}, []));
  });

  it('carries the neural reward model that rewards a run, and whether prompts are put in the chat format', () => {
    const setup = new RunSetup();
    const rewardModel = { id: 'b1-2_c.d', name: 'Ana’s & my “judge”', weight: 2.5, symmetric: true };
    setup.open({ config: {}, rewardModel, chat: true, start: 'base' });
    const { link, notes } = readLink('#' + writeLink({ sampling: {}, setup: setup.changes, weights: {} }));
    expect(notes).toEqual([]);
    expect(link.setup.rewardModel).toEqual(rewardModel);
    const opened = new RunSetup();
    opened.open(link.setup);
    expect(opened.spec({}, [])).toEqual(setup.spec({}, []));
    expect(readLink('#rewardModel=shipped').link.setup.rewardModel).toEqual({ id: 'shipped', weight: 1 });
    expect(readLink('#rewardModel.weight=3').link.setup.rewardModel).toBeUndefined(); // a weight of nothing
  });

  it('is read by TRL’s names too; ours wins where both are there', () => {
    expect(readLink('#grpo.num_generations=4&grpo.beta=0.2').link.setup.config).toEqual({ groupSize: 4, klCoef: 0.2 });
    expect(readLink('#grpo.num_generations=4&grpo.groupSize=6').link.setup.config).toEqual({ groupSize: 6 });
    expect(readLink('#grpo.num_generations=999').notes).toEqual(['Group size in the link was out of range; 16 is used.']);
  });

  it.each([
    ['#rewardModel=a/../b', 'The reward model in the link could not be read; the default is used.'],
    ['#rewardModel=' + 'x'.repeat(65), 'The reward model in the link could not be read; the default is used.'],
    ['#rewardModel=x&rewardModel.weight=-99', 'The reward model’s weight in the link was out of range; -10 is used.'],
    ['#rewardModel=x&rewardModel.symmetric=1', 'Whether the reward model is symmetric in the link could not be read; the default is used.'],
    ['#rewardModel=x&rewardModel.name=%20', 'The reward model’s name in the link could not be read; the default is used.'],
    ['#chat=1', 'Whether prompts are put in the chat format in the link could not be read; the default is used.'],
    ['#stage=sft&data.count=-3', 'How many in the link was out of range; 0 is used.'],
    ['#stage=sft&data.refusal=always', 'Mischief in the link could not be read; the default is used.'],
    ['#stage=grpo&data.kinds=constructor', 'The kinds of request in the link could not be read; the default is used.'],
    ['#stage=grpo&data.kinds=recipe:0', 'The kinds of request in the link could not be read; the default is used.'],
    ['#stage=dpo&data.rows=zz', 'The rows in the link could not be read; the default is used.'],
    ['#stage=pretrain', 'The algorithm in the link could not be read; the default is used.'],
    ['#stage=constructor', 'The algorithm in the link could not be read; the default is used.'],
    ['#stage=ppo&ppo.klEstimator=__proto__', 'KL estimator in the link could not be read; the default is used.'],
    ['#stage=ppo&ppo.adaptiveKl=yes', 'Adapt the KL weight in the link could not be read; the default is used.'],
  ])('refuses %s with a reason', (hash, reason) => {
    const { link, notes } = readLink(hash);
    expect(notes).toEqual([reason]);
    expect(link.setup.config).toEqual({});
  });

  it('passes over settings of an algorithm that it does not name', () => {
    expect(readLink('#stage=rloo&grpo.groupSize=4&ppo.gamma=0.9').link.setup).toEqual({ stage: 'rloo', config: {} });
    expect(ALGORITHMS.rloo.defaults.groupSize).toBe(8);
  });
});
