/**
 * @file The family of models that the trainer has: what the site carries besides, and whose runs it can train.
 *
 * A run names its family unless that is the site's first, so links and kept runs of a site with one family say nothing of it.
 */
import { type FIRST_MODELS, type ManifestModel, type SiteManifest } from '../src/core/model/manifest';
import type { FamilyInfo, ModelInfo } from '../src/protocol/load';
import { firstOf } from './brought-files';
import { BadRequest } from './failures';

/** Models that answer when they are asked, but are not there from the start. */
const LATER_MODELS = ['dpo'] as const;

type PolicyId = (typeof FIRST_MODELS | typeof LATER_MODELS)[number];
/** A model that answers, as the manifest lists it. */
export type ListedPolicy = ManifestModel & { readonly id: PolicyId };

/** What the page is told of a model. */
export const infoOf = ({ id, folder, files, numParameters }: ListedPolicy): ModelInfo => ({
  id,
  folder,
  bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  numParameters,
});

/** The models of these names that a manifest lists. */
const listed = ({ models }: SiteManifest, ids: readonly string[]) =>
  models.filter((model): model is ListedPolicy => ids.includes(model.id));

/** One family among those of the site. */
export class Family {
  constructor(readonly manifest: SiteManifest) {}

  /** The models that are loaded first. @throws BadRequest naming one that is missing */
  get first(): readonly ListedPolicy[] {
    return firstOf(this.manifest.models).map((id) => {
      const [model] = listed(this.manifest, [id]);
      if (!model) throw new BadRequest(`The manifest lists no model "${id}".`);
      return model;
    });
  }

  /** A model that is fetched when it is first asked; undefined where the family has none such. */
  later(id: string): ListedPolicy | undefined {
    return listed(this.manifest, LATER_MODELS).find((model) => model.id === id);
  }

  /** Bits per byte above which a prompt is off the map; null where the models were built without. */
  get offMapLimit(): number | null {
    return this.manifest.models.find(({ id }) => id === 'base')?.offMapLimit ?? null;
  }

  /** What the page is told of it. */
  get shipped(): { readonly family: string; readonly families: readonly FamilyInfo[]; readonly later: readonly ModelInfo[] } {
    const { family, families } = this.manifest;
    return {
      family: family.id,
      families: families.map(({ id, title, numParameters, bytes }) => ({ id, title, numParameters, bytes })),
      later: listed(this.manifest, LATER_MODELS).map(infoOf),
    };
  }

  /** @throws BadRequest when a run is another family's */
  check({ family = this.manifest.families[0]?.id }: { readonly family?: string }): void {
    const own = this.manifest.family.id;
    if (family !== own) throw new BadRequest(`This run is of the family "${family}", and "${own}" is loaded.`);
  }
}
