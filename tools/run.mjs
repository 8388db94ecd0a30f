/**
 * @file `node tools/run.mjs <tool> [arguments]`: runs one of our TypeScript tools (`tools/x.ts`) or an installed command
 * (`vite`, `prettier`), after installing the dependencies if they are missing. stdout is the tool's alone.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ClearError, commandFile, ensureDependencies, root, runMain } from './ensure-dependencies.mjs';

await runMain(async () => {
  const [tool, ...args] = process.argv.slice(2);
  if (!tool) throw new ClearError('Usage: node tools/run.mjs <tool> [arguments]');
  ensureDependencies();
  const isOurs = tool.endsWith('.ts');
  const file = isOurs ? resolve(root, tool) : commandFile(tool);
  if (isOurs) {
    await (await import('./ensure-messages.mjs')).ensureMessages();
    (await import('tsx/esm/api')).register();
  }
  // Run in this process: signals, exit code and standard streams are the tool's own.
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
});
