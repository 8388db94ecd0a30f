/**
 * @file Signs that a run has gone wrong, each one plain sentence and what to try: pure functions of what was measured.
 *
 * Which signs, and why these? What the field watches for: Gao et al. (arXiv 2210.10760) for proxy against gold, Huang et al. (The N
 * implementation details of RLHF with PPO) for KL and clipping, DAPO (arXiv 2503.14476) for groups without contrast and entropy.
 */
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

/** Mean of a metric over some updates; null where fewer than half of them measured it. */
function average(entries: readonly Measured[], name: MetricName): number | null {
  const values = entries.flatMap(({ metrics }) => metrics[name] ?? []);
  return values.length * 2 < entries.length || values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

type Check = (measured: readonly Measured[]) => Omit<Alarm, 'id'> | null;

/** Each looks at all updates of the run; the list is never empty, and its first update measures the starting policy. */
const CHECKS: Readonly<Record<AlarmId, Check>> = {
  'non-finite': (all) => {
    const bad = Object.entries(all.at(-1)!.metrics).find(([, value]) => value !== undefined && !Number.isFinite(value));
    return bad
      ? {
          what: `A measurement is no longer a number (${bad[0]}).`,
          tryThis: 'Stop, lower the learning rate, and start again: what is learned from here on means nothing.',
        }
      : null;
  },
  'no-contrast': (all) => {
    // Not for PPO, which does not report it: its value model tells equal rewards apart.
    return (all.at(-1)!.metrics.frac_reward_zero_std ?? 0) >= 1
      ? {
          what: 'All answers in every group got the same reward, so this update taught nothing.',
          tryThis: 'Raise the temperature or the group size, or reward something on which the answers differ.',
        }
      : null;
  },
  'far-away': (all) => {
    const kl = all.at(-1)!.metrics['objective/kl'] ?? 0;
    return kl > LARGE_KL
      ? {
          what: `The policy has drifted far from where it started (KL ${kl.toFixed(0)} nats): expect strange text.`,
          tryThis: 'Raise the KL weight or lower the learning rate, then reset and start again.',
        }
      : null;
  },
  'kl-accelerating': (all) => {
    const [before, between, now] = [3, 2, 1].map((back) =>
      average(all.slice(-back * WINDOW, all.length - (back - 1) * WINDOW), 'objective/kl'),
    );
    if (all.length < 3 * WINDOW || before == null || between == null || now == null) return null;
    const climb = now - between;
    return climb > STEEP_KL.nats && climb > STEEP_KL.times * Math.max(0, between - before)
      ? {
          what: `KL is climbing faster and faster (${climb.toFixed(1)} nats in the last ${WINDOW} updates): the policy is running away.`,
          tryThis: 'Raise the KL weight or lower the learning rate now; both work while the run goes on.',
        }
      : null;
  },
  'entropy-collapse': (all) => {
    const [first, last] = [all[0]!.metrics.entropy, all.at(-1)!.metrics.entropy];
    return first && last !== undefined && last < COLLAPSED_SHARE * first
      ? {
          what: 'Entropy has collapsed: the policy gives nearly the same answer every time.',
          tryThis: 'Lower the learning rate, raise the KL weight, or stop here: there is little left to learn from.',
        }
      : null;
  },
  'same-answer': (all) => {
    const share = all.at(-1)!.metrics['completions/distinct_ratio'];
    return share !== undefined && share < FEW_DISTINCT
      ? {
          what: `Different prompts get the same answer: only ${Math.round(100 * share)} % of the last answers differ from one another.`,
          tryThis: 'Raise the KL weight or the temperature, or give points for being on topic, then start again.',
        }
      : null;
  },
  'proxy-gold': (all) => {
    const windows = Array.from({ length: Math.floor(all.length / WINDOW) }, (_, at) => all.slice(at * WINDOW, (at + 1) * WINDOW));
    const [reward, gold] = (['reward', 'gold_reward'] as const).map((name) => windows.flatMap((part) => average(part, name) ?? []));
    const spread = average(all.slice(0, WINDOW), 'reward_std');
    if (windows.length < 3 || spread === null || reward!.length < windows.length || gold!.length < windows.length) return null;
    const best = gold!.indexOf(Math.max(...gold!));
    const gained = reward!.at(-1)! - reward![best]!;
    const lost = gold![best]! - gold!.at(-1)!;
    return gained > DIVERGENCE.spreads * spread && lost > DIVERGENCE.gold
      ? {
          what: `Reward climbs while gold falls (down ${lost.toFixed(2)} from its best): the reward is being gamed.`,
          tryThis: 'Read the answers to see how, then change the reward, or stop earlier: gold was best about here.',
        }
      : null;
  },
  clipping: (all) => {
    const recent = all.slice(-WINDOW);
    const cut = average(recent, 'completions/clipped_ratio');
    const clipped = average(recent, 'clip_ratio/region_mean') ?? average(recent, 'policy/clipfrac_avg');
    if (clipped !== null && clipped > MUCH_CLIPPED)
      return {
        what: `${Math.round(100 * clipped)} % of tokens are clipped: each update tries to move further than it may.`,
        tryThis: 'Lower the learning rate, or go through each batch fewer times.',
      };
    const first = all[0]!.metrics['completions/clipped_ratio'] ?? 0;
    return cut !== null && cut > MUCH_CLIPPED && cut > 2 * first
      ? {
          what: `${Math.round(100 * cut)} % of answers are cut off at the length limit.`,
          tryThis: 'Allow longer answers, or give points for ending.',
        }
      : null;
  },
  'length-drift': (all) => {
    const name = 'completions/mean_length';
    const [first, now] = [average(all.slice(0, WINDOW), name), average(all.slice(-WINDOW), name)];
    if (all.length < 2 * WINDOW || !first || now === null) return null;
    const [longer, shorter] = [now > LENGTH_FACTOR * first, now * LENGTH_FACTOR < first];
    return longer || shorter
      ? {
          what: `Answers have become much ${longer ? 'longer' : 'shorter'}: ${now.toFixed(0)} tokens instead of ${first.toFixed(0)}.`,
          tryThis: `If you did not ask for that, give ${longer ? 'fewer' : 'more'} points for length, or raise the KL weight.`,
        }
      : null;
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
