/**
 * @file Signs that a run has gone wrong, each one plain sentence and what to try, in the page's language: functions of what was
 * measured.
 *
 * Which signs, and why these? What the field watches for: Gao et al. (arXiv 2210.10760) for proxy against gold, Huang et al. (The N
 * implementation details of RLHF with PPO) for KL and clipping, DAPO (arXiv 2503.14476) for groups without contrast and entropy.
 *
 * An update measures a few dozen answers, so single numbers jump: signs are looked for in means over several updates, and a
 * trend must be larger than what chance makes of the jumps seen. `tests/state/alarms.test.ts` has series of real runs.
 */
import { m } from '../messages/messages';
import type { MetricName } from '../protocol/metrics';

/** What one update measured. */
interface Measured {
  readonly update: number;
  readonly metrics: Readonly<Partial<Record<MetricName, number>>>;
}

/** What is wrong, and a remedy. */
export interface Alarm {
  readonly id: AlarmId;
  readonly what: string;
  readonly tryThis: string;
}

/** Every sign, the most urgent first. */
export const ALARM_IDS = [
  'non-finite',
  'no-contrast',
  'far-away',
  'kl-accelerating',
  'entropy-collapse',
  'same-answer',
  'proxy-gold',
  'clipping',
  'length-drift',
] as const;

/** Name of a sign. */
export type AlarmId = (typeof ALARM_IDS)[number];

/** Nats per whole answer; beyond it the policy shares little with the model it started from. */
const LARGE_KL = 20;
/** Entropy below this share of the starting policy's is called collapsed. */
const COLLAPSED_SHARE = 0.2;
/** Updates that are averaged before they are compared: single ones are noisy. */
const WINDOW = 5;
/** KL is accelerating when its last climb, of at least so many nats, is so many times the one before. */
const STEEP_KL = { nats: 2, times: 2 };
/** Share of different texts in a batch below which all prompts get much the same answer. */
const FEW_DISTINCT = 0.25;
/** Share of tokens clipped, or of answers cut off, that is too much. */
const MUCH_CLIPPED = 0.3;
/** Length that has grown, or shrunk, by this factor. */
const LENGTH_FACTOR = 2;
/** Proxy up by this many of its first spreads while gold is down by so much from its best. */
const DIVERGENCE = { spreads: 0.5, gold: 0.05 };
/** A difference of two means counts when it is so many standard errors: the best of many is above the last by chance alone. */
const SURE = 3;

/** Mean of a metric over some updates; null where fewer than half of them measured it. */
function average(entries: readonly Measured[], name: MetricName): number | null {
  const values = entries.flatMap(({ metrics }) => metrics[name] ?? []);
  return values.length * 2 < entries.length || values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard error of the difference of two means over {@link WINDOW} updates, from how a metric jumps within windows. */
function chanceDifference(windows: readonly (readonly Measured[])[], name: MetricName): number {
  const variances = windows.flatMap((part) => {
    const values = part.flatMap(({ metrics }) => metrics[name] ?? []);
    const middle = average(part, name);
    return middle === null || values.length < 2 ? [] : values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
  });
  return variances.length === 0 ? 0 : Math.sqrt((2 * variances.reduce((sum, each) => sum + each, 0)) / variances.length / WINDOW);
}

/** Whole windows of updates, so that the last one ends with the last update. */
function windowsOf(all: readonly Measured[]): readonly (readonly Measured[])[] {
  const count = Math.floor(all.length / WINDOW);
  return Array.from({ length: count }, (_, at) => all.slice(all.length - (count - at) * WINDOW, all.length - (count - at - 1) * WINDOW));
}

type Check = (measured: readonly Measured[]) => Omit<Alarm, 'id'> | null;

/** Each looks at all updates of the run; the list is never empty, and its first update measures the starting policy. */
const CHECKS: Readonly<Record<AlarmId, Check>> = {
  'non-finite': (all) => {
    const bad = Object.entries(all.at(-1)!.metrics).find(([, value]) => value !== undefined && !Number.isFinite(value));
    return bad
      ? {
          what: m.alarms_non_finite({ metric: bad[0] }),
          tryThis: m.alarms_non_finite_try(),
        }
      : null;
  },
  'no-contrast': (all) => {
    // Not for PPO, which does not report it: its value model tells equal rewards apart.
    return (all.at(-1)!.metrics.frac_reward_zero_std ?? 0) >= 1
      ? {
          what: m.alarms_no_contrast(),
          tryThis: m.alarms_no_contrast_try(),
        }
      : null;
  },
  'far-away': (all) => {
    const kl = all.at(-1)!.metrics['objective/kl'] ?? 0;
    return kl > LARGE_KL
      ? {
          what: m.alarms_far_away({ kl: kl.toFixed(0) }),
          tryThis: m.alarms_far_away_try(),
        }
      : null;
  },
  'kl-accelerating': (all) => {
    const last = windowsOf(all).slice(-3);
    const [before, between, now] = last.map((part) => average(part, 'objective/kl'));
    if (before == null || between == null || now == null) return null;
    const climb = now - between;
    return climb > Math.max(STEEP_KL.nats, SURE * chanceDifference(last, 'objective/kl')) &&
      climb > STEEP_KL.times * Math.max(0, between - before)
      ? {
          what: m.alarms_kl_accelerating({ nats: climb.toFixed(1), updates: WINDOW }),
          tryThis: m.alarms_kl_accelerating_try(),
        }
      : null;
  },
  'entropy-collapse': (all) => {
    const [first, last] = [average(all.slice(0, WINDOW), 'entropy'), average(all.slice(-WINDOW), 'entropy')];
    return first && last !== null && last < COLLAPSED_SHARE * first
      ? {
          what: m.alarms_entropy_collapse(),
          tryThis: m.alarms_entropy_collapse_try(),
        }
      : null;
  },
  'same-answer': (all) => {
    const share = average(all.slice(-WINDOW), 'completions/distinct_ratio');
    return share !== null && share < FEW_DISTINCT
      ? {
          what: m.alarms_same_answer({ percent: Math.round(100 * share) }),
          tryThis: m.alarms_same_answer_try(),
        }
      : null;
  },
  'proxy-gold': (all) => {
    const windows = windowsOf(all);
    const [reward, gold] = (['reward', 'gold_reward'] as const).map((name) => windows.flatMap((part) => average(part, name) ?? []));
    const spread = average(all.slice(0, WINDOW), 'reward_std');
    if (windows.length < 3 || spread === null || reward!.length < windows.length || gold!.length < windows.length) return null;
    const best = gold!.indexOf(Math.max(...gold!));
    const gained = reward!.at(-1)! - reward![best]!;
    const lost = gold![best]! - gold!.at(-1)!;
    return gained > DIVERGENCE.spreads * spread && lost > Math.max(DIVERGENCE.gold, SURE * chanceDifference(windows, 'gold_reward'))
      ? {
          what: m.alarms_proxy_gold({ lost: lost.toFixed(2) }),
          tryThis: m.alarms_proxy_gold_try({ update: windows[best]!.at(-1)!.update }),
        }
      : null;
  },
  clipping: (all) => {
    const recent = all.slice(-WINDOW);
    const cut = average(recent, 'completions/clipped_ratio');
    const clipped = average(recent, 'clip_ratio/region_mean') ?? average(recent, 'policy/clipfrac_avg');
    if (clipped !== null && clipped > MUCH_CLIPPED)
      return {
        what: m.alarms_clipping({ percent: Math.round(100 * clipped) }),
        tryThis: m.alarms_clipping_try(),
      };
    const first = all[0]!.metrics['completions/clipped_ratio'] ?? 0;
    return cut !== null && cut > MUCH_CLIPPED && cut > 2 * first
      ? {
          what: m.alarms_cut_off({ percent: Math.round(100 * cut) }),
          tryThis: m.alarms_cut_off_try(),
        }
      : null;
  },
  'length-drift': (all) => {
    const name = 'completions/mean_length';
    const [first, now] = [average(all.slice(0, WINDOW), name), average(all.slice(-WINDOW), name)];
    if (all.length < 2 * WINDOW || !first || now === null) return null;
    const lengths = { now: now.toFixed(0), first: first.toFixed(0) };
    if (now > LENGTH_FACTOR * first) return { what: m.alarms_longer(lengths), tryThis: m.alarms_longer_try() };
    return now * LENGTH_FACTOR < first ? { what: m.alarms_shorter(lengths), tryThis: m.alarms_shorter_try() } : null;
  },
};

/** All signs that the run shows now, the most urgent first. Entries that measured nothing (update 0) are passed over. */
export function findAlarms(history: readonly Measured[]): readonly Alarm[] {
  const measured = history.filter(({ update }) => update > 0);
  if (measured.length === 0) return [];
  return ALARM_IDS.flatMap((id) => {
    const found = CHECKS[id](measured);
    return found ? [{ id, ...found }] : [];
  });
}
