/**
 * @file What a run answered: the fixed prompts' answers after every update, and the answers that the last update learned from.
 */
import type { FixedSample, RunEvent } from '../protocol/run';

/** What the policy of one update answered to the fixed prompts. */
export interface Frame {
  readonly update: number;
  readonly samples: readonly FixedSample[];
}

type UpdateEvent = Extract<RunEvent, { type: 'update' }>;

/** The answers of one run; a run that goes back takes back what came after. */
export class RunAnswers {
  frames = $state.raw<readonly Frame[]>([]);
  batch = $state.raw<UpdateEvent['batch']>(null);
  /** A few of the last batch, to show what is being rewarded. */
  example = $state.raw<UpdateEvent['example']>(null);
  first = $derived(this.frames[0] ?? null);
  last = $derived(this.frames.at(-1) ?? null);

  heard(event: RunEvent): void {
    if (event.type === 'samples') {
      const { update, samples } = event;
      this.frames = [...this.frames.filter((frame) => frame.update < update), { update, samples }];
    } else if (event.type === 'update') {
      if (event.batch) this.batch = event.batch;
      if (event.example) this.example = event.example; // SFT and DPO have one without drawing a batch
    }
  }

  rewind(update: number): void {
    this.frames = this.frames.filter((frame) => frame.update <= update);
  }

  clear(): void {
    this.frames = [];
    this.batch = null;
    this.example = null;
  }
}
