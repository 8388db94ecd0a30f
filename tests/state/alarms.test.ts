/**
 * @file Alarms on made series, where each sign sounds and nothing else does, and on series of real runs (`alarm-runs`, each file
 * with the command that made it): runs by default settings are silent from first to last, provoked ones are not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MetricName } from '../../src/protocol/metrics';
import { ALARM_IDS, findAlarms, type AlarmId } from '../../src/state/alarms';

type Metrics = Partial<Record<MetricName, number>>;

const HEALTHY: Metrics = {
  reward: 1,
  reward_std: 0.5,
  frac_reward_zero_std: 0,
  gold_reward: 0.6,
  'objective/kl': 0,
  entropy: 1,
  'completions/mean_length': 40,
  'completions/clipped_ratio': 0.05,
  'completions/distinct_ratio': 1,
  'clip_ratio/region_mean': 0.02,
};

/** A run of 20 updates, each a healthy one but for what `of` says, after the empty entry that every run begins with. */
const series = (of: (update: number) => Metrics, length = 20) => [
  { update: 0, metrics: {} },
  ...Array.from({ length }, (_, i) => ({ update: i + 1, metrics: { ...HEALTHY, ...of(i + 1) } })),
];
const ids = (of: (update: number) => Metrics, length?: number): AlarmId[] => findAlarms(series(of, length)).map(({ id }) => id);

/** For each sign: a series that shows it, and one beside it that does not. */
const CASES: Readonly<Record<AlarmId, readonly [(update: number) => Metrics, (update: number) => Metrics]>> = {
  'non-finite': [(u) => ({ loss: u === 20 ? Number.NaN : 1 }), () => ({ loss: 1e9 })],
  'no-contrast': [(u) => ({ frac_reward_zero_std: u === 20 ? 1 : 0 }), () => ({ frac_reward_zero_std: 0.9 })],
  'far-away': [(u) => ({ 'objective/kl': 1.05 * u }), (u) => ({ 'objective/kl': 0.9 * u })],
  'kl-accelerating': [(u) => ({ 'objective/kl': u ** 3 / 800 }), (u) => ({ 'objective/kl': u / 2 })],
  'entropy-collapse': [(u) => ({ entropy: Math.max(0.02, 1.1 - u / 14) }), (u) => ({ entropy: 1.1 - u / 40 })],
  'same-answer': [(u) => ({ 'completions/distinct_ratio': 1 / u }), () => ({ 'completions/distinct_ratio': 0.3 })],
  'proxy-gold': [
    (u) => ({ reward: u / 10, gold_reward: 0.6 - Math.max(0, u - 8) / 50 }),
    (u) => ({ reward: u / 10, gold_reward: 0.6 + u / 50 }),
  ],
  clipping: [() => ({ 'clip_ratio/region_mean': 0.4 }), () => ({ 'clip_ratio/region_mean': 0.2 })],
  'length-drift': [(u) => ({ 'completions/mean_length': 40 + 5 * u }), (u) => ({ 'completions/mean_length': 40 + u })],
};

describe('alarms', () => {
  it('are silent on a healthy run, and before anything was measured', () => {
    expect(ids(() => ({}))).toEqual([]);
    expect(findAlarms([])).toEqual([]);
    expect(findAlarms([{ update: 0, metrics: {} }])).toEqual([]);
  });

  it.each(ALARM_IDS)('“%s” sounds alone where its sign is, and not beside it', (id) => {
    const [shows, doesNot] = CASES[id];
    expect(ids(shows)).toEqual([id]);
    expect(ids(doesNot)).toEqual([]);
  });

  it('say what happened and what to try', () => {
    for (const id of ALARM_IDS) {
      const [alarm] = findAlarms(series(CASES[id][0]));
      expect(alarm!.what).toMatch(/[.]$/);
      expect(alarm!.tryThis).toMatch(/^[A-Z].+[.]$/);
    }
  });

  it('come with the most urgent first', () => {
    expect(ids((u) => ({ ...CASES['length-drift'][0](u), ...CASES['entropy-collapse'][0](u), ...CASES['non-finite'][0](u) }))).toEqual([
      'non-finite',
      'entropy-collapse',
      'length-drift',
    ]);
  });

  it('need enough updates to tell a trend from noise', () => {
    expect(ids(CASES['kl-accelerating'][0], 14)).toEqual([]);
    expect(ids((u) => ({ 'completions/mean_length': u === 9 ? 400 : 40 }), 9)).toEqual([]);
    expect(ids(CASES['proxy-gold'][0], 9)).toEqual([]);
  });

  it('also tell of answers cut off, of other algorithms’ clipping, and of answers grown short', () => {
    const cut = (u: number) => ({ 'completions/clipped_ratio': u > 10 ? 0.6 : 0.1 });
    expect(findAlarms(series(cut))[0]!.what).toBe('60 % of answers are cut off at the length limit.');
    const ppo = () => ({ 'clip_ratio/region_mean': undefined, 'policy/clipfrac_avg': 0.5 }) as Metrics;
    expect(findAlarms(series(ppo))[0]!.what).toContain('50 % of tokens are clipped');
    expect(ids(() => ({ reward_std: 0, frac_reward_zero_std: undefined }) as Metrics)).toEqual([]);
    expect(findAlarms(series((u) => ({ 'completions/mean_length': 60 / u })))[0]!.what).toContain('much shorter');
  });
});

/** A run as `aftertrain study algorithms --series` writes it: a list of numbers for each metric. */
interface RecordedRun {
  readonly stage: string;
  readonly seed: number;
  readonly metrics: Readonly<Partial<Record<MetricName, readonly number[]>>>;
}

const FOLDER = new URL('alarm-runs/', import.meta.url);
const runsIn = (file: string) => (JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as { runs: RecordedRun[] }).runs;
const HEALTHY_RUNS = readdirSync(FOLDER)
  .filter((file) => file.startsWith('defaults'))
  .flatMap(runsIn);

/** When each sign was first seen, had somebody looked after every update. */
function firstSeen({ metrics }: RecordedRun): Partial<Record<AlarmId, number>> {
  const names = Object.keys(metrics) as MetricName[];
  const numUpdates = metrics[names[0]!]!.length;
  const all = Array.from({ length: numUpdates }, (_, i) => ({
    update: i + 1,
    metrics: Object.fromEntries(names.map((name) => [name, metrics[name]![i]!])),
  }));
  const seen: Partial<Record<AlarmId, number>> = {};
  for (let update = 1; update <= numUpdates; update++) for (const { id } of findAlarms(all.slice(0, update))) seen[id] ??= update;
  return seen;
}

describe('alarms on real runs', () => {
  it.each(HEALTHY_RUNS.map((run) => [`${run.stage}, seed ${run.seed}`, run] as const))('are silent all through %s', (_, run) => {
    expect(firstSeen(run)).toEqual({});
  });

  it('tell of a learning rate ten times too high within a few updates', () => {
    const seen = firstSeen(runsIn('fast.json')[0]!);
    expect(seen['far-away']).toBeLessThanOrEqual(5);
    expect(seen.clipping).toBeLessThanOrEqual(10); // answers run into the limit
    expect(seen['same-answer']).toBeDefined();
  });

  it('tell of a run that nothing holds: first that KL climbs ever faster, then how far it is, at last that gold falls', () => {
    const seen = firstSeen(runsIn('free.json')[0]!);
    expect(Object.keys(seen)).toEqual(['kl-accelerating', 'far-away', 'proxy-gold']);
    expect(seen['kl-accelerating']).toBeLessThan(seen['far-away']!);
    expect(seen['far-away']).toBeLessThan(seen['proxy-gold']!);
  });

  it('tell of answers that grow because only length is rewarded, and of gold that falls meanwhile', () => {
    const seen = firstSeen(runsIn('length.json')[0]!);
    expect(seen['length-drift']).toBeDefined();
    expect(seen['proxy-gold']).toBeLessThanOrEqual(20);
    expect(seen.clipping).toBeLessThanOrEqual(15);
  });
});
