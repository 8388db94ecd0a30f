/** @file The words for what can go wrong with other people's models. */
import { m } from '../../messages/messages';
import type { OtherFailure, OtherFailureCode } from '../../protocol/other-models';

const SENTENCES: Readonly<Record<OtherFailureCode, (values: { name: string }) => string>> = {
  offline: m.others_offline,
  gated: m.others_gated,
  missing: m.others_missing,
  'hub-error': m.others_hub_error,
  'broken-off': m.others_broken_off,
  'no-room': () => m.others_no_room(),
  'no-onnx': m.others_no_onnx,
  'not-llama': m.others_not_llama,
  'too-large': () => m.others_too_large(),
  damaged: m.others_damaged,
  unsupported: m.others_unsupported,
  'out-of-memory': m.others_out_of_memory,
  'worker-crashed': () => m.others_worker_crashed(),
  'bad-request': m.others_bad_request,
};

/** What happened, in the page's language. */
export const sentenceOf = ({ code, name }: OtherFailure): string => SENTENCES[code]({ name });
