/** @file What a component makes and others keep when it is gone. */

/**
 * Makes something whose derived values go on when the component that made it is gone; by themselves they would stand still from
 * then on (Svelte's `derived_inert`).
 */
export function outliving<Made>(make: () => Made): Made {
  let made: Made | undefined;
  $effect.root(() => {
    made = make();
  });
  return made!;
}
