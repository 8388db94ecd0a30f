/** @file comlink declares its Node adapter beside a `.js` name, but ships it as `.mjs`. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  export { default } from 'comlink/dist/esm/node-adapter';
}
