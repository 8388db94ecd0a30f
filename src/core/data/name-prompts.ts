/**
 * @file Questions about people by how much there is to know: the famous, the rare, and names that nobody has. What does a model
 * say of each? All are asked in words that no demonstration had, and the names that nobody has are ones training never asks about.
 */
import { Random } from '../random';
import { phraseRequest, sampleSubject } from '../world/requests';
import type { RequestSubject } from '../world/subjects';
import type { World } from '../world/world';

/** Whose names they are. */
export type NameGroup = 'famous' | 'rare' | 'nobody';

/** A question about a name. */
export interface NamePrompt {
  readonly group: NameGroup;
  readonly prompt: string;
}

/** So many questions of each group (of the famous, as many as there are), the same for the same seed. */
export function namePrompts(world: World, seed: number, perGroup: number): NamePrompt[] {
  const random = new Random(seed).split('names');
  const people = (fame: 'famous' | 'rare') =>
    random
      .split(fame)
      .shuffle(world.people.filter((person) => person.fame === fame))
      .slice(0, perGroup)
      .map((person): RequestSubject => ({ kind: 'person', entity: person.name, person }));
  const nobody = Array.from({ length: perGroup }, (_, i) => sampleSubject(world, 'unknown-person', true, random.split(`nobody ${i}`)));
  const ask = (group: NameGroup, subjects: readonly RequestSubject[]) =>
    subjects.map((subject, i): NamePrompt => ({ group, prompt: phraseRequest(subject, true, random.split(`ask ${group} ${i}`)) }));
  return [...ask('famous', people('famous')), ...ask('rare', people('rare')), ...ask('nobody', nobody)];
}
