/** @file Named reward features (placeholder list while the world is written). */

/** Names of the features. */
export type FeatureName =
  | 'length' | 'list_format' | 'on_topic' | 'correctness' | 'politeness' | 'typos' | 'repetition' | 'exclamation' | 'honesty' | 'ending';
