/**
 * @file Everyday tasks asked about as they used to be done. People ask such things, and are answered: that is where a model learns
 * that a question about the past is a harmless one.
 */
import type { Random } from '../random';
import { phraseRequest } from '../world/requests';
import type { Request } from '../world/subjects';
import type { Act } from '../world/world';

/** The task of a request in the past tense: the harmless side of an act that has no other. */
export function askedAboutThePast({ task, split }: Extract<Request, { kind: 'how-to' }>, random: Random): Request {
  const act: Act = { harmful: '', harmless: task.name, reason: '', mischief: [], steps: task.steps, heldout: task.heldout };
  const subject = { kind: 'act', entity: task.name, act, harmful: false, tense: 'past' } as const;
  return { ...subject, prompt: phraseRequest(subject, false, random), split };
}
