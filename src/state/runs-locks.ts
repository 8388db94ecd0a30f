/**
 * @file Which runs go on in which tab: a tab holds a lock while it trains, and the browser gives it back when the tab dies.
 *
 * So a run that is called "open" and whose lock nobody holds was interrupted. Where there are no locks (an insecure
 * address), every run counts as held by nobody.
 */
const PREFIX = 'aftertrain-run-';

const locks = (): LockManager | null => (typeof navigator === 'undefined' ? null : ((navigator as Partial<Navigator>).locks ?? null));

/** Holds a run's lock. @returns gives it back */
export function holdRun(id: string): () => void {
  let release = () => undefined as void;
  const until = new Promise<void>((resolve) => (release = resolve));
  void locks()
    ?.request(PREFIX + id, { ifAvailable: true }, () => until)
    .catch(() => undefined); // the page is going away
  return release;
}

/** The runs that go on in this tab or another. */
export async function heldRuns(): Promise<ReadonlySet<string>> {
  const held =
    (
      await locks()
        ?.query()
        .catch(() => null)
    )?.held ?? []; // a document that is going away is refused
  return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])));
}
