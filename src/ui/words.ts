/** @file The page's words for models and failures, in one place. */
import { m } from '../messages/messages';
import type { FailureCode, ModelId } from '../protocol/load';

/** What a model's column says. Read when it is shown, so that it follows the page's language. */
interface ModelWords {
  readonly name: string;
  readonly does: string;
}

const model = (name: () => string, does: () => string): ModelWords => ({
  get name() {
    return name();
  },
  get does() {
    return does();
  },
});

/** What a column is called and what its model does. */
export const MODELS: Readonly<Record<ModelId, ModelWords>> = {
  base: model(m.page_model_base, m.page_does_base),
  sft: model(m.page_model_sft, m.page_does_sft),
  rlhf: model(m.page_model_rlhf, m.page_does_rlhf),
  dpo: model(m.page_model_dpo, m.page_does_dpo),
  yours: model(m.page_model_yours, m.page_does_yours),
};

/** "1 token", "31 tokens". */
export const tokenCount = (count: number): string => (count === 1 ? m.widgets_token_one() : m.widgets_token_many({ count }));

/** What happened, and what to do about it. */
export interface FailureWords {
  readonly happened: string;
  readonly remedy: string;
}

const failure = (happened: () => string, remedy: () => string): FailureWords => ({
  get happened() {
    return happened();
  },
  get remedy() {
    return remedy();
  },
});

/** One sentence and one remedy for each failure. */
export const FAILURES: Readonly<Record<FailureCode, FailureWords>> = {
  'no-webgpu': failure(m.page_no_webgpu, m.page_no_webgpu_remedy),
  'device-lost': failure(m.page_device_lost, m.page_device_lost_remedy),
  'out-of-memory': failure(m.page_out_of_memory, m.page_out_of_memory_remedy),
  'too-large': failure(m.page_too_large, m.page_too_large_remedy),
  'non-finite-loss': failure(m.page_non_finite_loss, m.page_non_finite_loss_remedy),
  'bad-checkpoint': failure(m.page_bad_checkpoint, m.page_bad_checkpoint_remedy),
  'missing-file': failure(m.page_missing_file, m.page_missing_file_remedy),
  'corrupt-file': failure(m.page_corrupt_file, m.page_corrupt_file_remedy),
  'bad-request': failure(m.page_bad_request, m.page_bad_request_remedy),
  'no-reward-model': failure(m.page_no_reward_model, m.page_no_reward_model_remedy),
  'worker-crashed': failure(m.page_worker_crashed, m.page_worker_crashed_remedy),
  internal: failure(m.page_internal, m.page_internal_remedy),
};
