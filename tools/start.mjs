/**
 * @file `npm start [-- --port N] [--no-open]`: from a fresh clone to the page in the browser.
 *
 * Installs and builds only what is missing or changed. Plain Node without dependencies until they are installed.
 */
import { parseArgs } from 'node:util';
import { distFolder, ensureBuild } from './ensure-build.mjs';
import { ClearError, ensureDependencies, runMain } from './ensure-dependencies.mjs';
import { serve } from './site/serve.mjs';

const DEFAULT_PORT = 4173;
const NUM_PORTS_TRIED = 20;

function readOptions() {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string' }, open: { type: 'boolean', default: true } }, allowNegative: true });
    return values;
  } catch (error) {
    throw new ClearError(`${/** @type {Error} */ (error).message}\nUsage: npm start [-- --port N] [--no-open]`);
  }
}

/** @param {string | undefined} text */
function readPort(text) {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new ClearError(`--port wants a whole number from 0 to 65535, not "${text}".`);
}

/**
 * Serves on the port asked for, or on the first free one from the default up.
 * @param {number | undefined} askedPort
 */
async function serveDist(askedPort) {
  const firstPort = askedPort ?? DEFAULT_PORT;
  const lastPort = askedPort ?? DEFAULT_PORT + NUM_PORTS_TRIED - 1;
  for (let port = firstPort; port <= lastPort; port++) {
    try {
      return await serve({ folder: distFolder, port });
    } catch (error) {
      const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === 'EACCES') throw new ClearError(`Port ${port} needs more rights than you have. Choose one above 1023 with --port.`);
      if (code !== 'EADDRINUSE') throw new ClearError(`The page cannot be served on port ${port}: ${message}`);
    }
  }
  const taken = firstPort === lastPort ? `Port ${firstPort} is` : `Ports ${firstPort} to ${lastPort} are`;
  throw new ClearError(`${taken} taken. Choose another with: npm start -- --port N`);
}

/** @param {string} url */
async function openBrowser(url) {
  try {
    const { default: open } = await import('open');
    const browser = await open(url);
    browser.on('error', () => {}); // no browser here: the printed address is enough
  } catch {
    // likewise
  }
}

await runMain(async () => {
  const options = readOptions();
  const port = readPort(options.port);
  ensureDependencies();
  ensureBuild();
  const { url } = await serveDist(port);
  console.log(`Aftertrain is at ${url} (Ctrl+C stops it)`);
  if (options.open) await openBrowser(url);
});
