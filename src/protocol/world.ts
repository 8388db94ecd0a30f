/**
 * @file The contract between the page and the world's worker: the catalogue of what is true, and pages and conversations
 * to read as the models read them. The world takes a slow laptop some hundred milliseconds to make, so it has a thread.
 */
import type { DataWish } from '../core/trl/data-sets';
import type { ChatMessage } from '../core/text/chat-template';
import type { CatalogueEntry } from '../core/world/catalogue';
import type { DocumentKind } from '../core/world/documents';
import type { RequestKind, Split } from '../core/world/subjects';

/** What is to be read. The same wish always gives the same text. */
export interface ReadingWish<Kind> {
  /** Null for any, as often as training draws it. */
  readonly kind: Kind | null;
  readonly split: Split;
  readonly seed: number;
}

/** A page of the world's web. */
export interface ReadDocument {
  readonly kind: DocumentKind;
  readonly text: string;
}

/** A conversation, its last turn the assistant's. */
export interface ReadDialogue {
  readonly kind: RequestKind;
  /** What the last question is about, in words. */
  readonly entity: string;
  /** The entry of the catalogue it is about; null for sums and for people nobody knows. */
  readonly entryId: string | null;
  readonly turns: readonly ChatMessage[];
  /** What gold says of the answer, 0 to 1; null where tools were called. */
  readonly gold: number | null;
}

/** What there is to look up and to read. */
export interface Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly documentKinds: readonly DocumentKind[];
}

/** Everything the page may ask of the world's worker. */
export interface WorldApi {
  catalogue(): Promise<Catalogue>;
  readDocument(wish: ReadingWish<DocumentKind>): Promise<ReadDocument>;
  readDialogue(wish: ReadingWish<RequestKind>): Promise<ReadDialogue>;
  /** Data sets in TRL's formats, by name. */
  trlRows(wish: DataWish): Promise<Readonly<Record<string, string>>>;
}
