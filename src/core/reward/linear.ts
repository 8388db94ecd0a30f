/**
 * @file The hand-tuned toy reward: a weighted sum of named features, reward = Σ weight · value.
 */
import { FEATURES } from './features';
import type { FeatureName, RewardWeights } from './features';

/** What each feature adds to the reward: weight times value. They sum to the reward. */
export function contributions(weights: RewardWeights, features: Readonly<Record<FeatureName, number>>): Record<FeatureName, number> {
  return Object.fromEntries(FEATURES.map(({ name }) => [name, weights[name] * features[name]])) as Record<FeatureName, number>;
}

/** The reward of an answer with these feature values. */
export function linearReward(weights: RewardWeights, features: Readonly<Record<FeatureName, number>>): number {
  return FEATURES.reduce((sum, { name }) => sum + weights[name] * features[name], 0);
}
