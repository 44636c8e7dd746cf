#!/usr/bin/env node
// The program `portald`: says in one sentence that Node is too old, before anything is loaded that would not parse.
import { statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { keepCompiledCode } from '../protocol/compiled-code.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(
    `portald: needs Node 22.22 or later; this is ${process.versions.node}\n` +
      'hint: npm install -g node@24, with the prefix of this program; or use npx portald in the clone\n',
  );
  process.exit(1);
}
keepCompiledCode(import.meta.url, process, {
  look: (path) => statSync(path, { throwIfNoEntry: false }),
  keep: enableCompileCache,
});
// Until it says better: a program that ends before it has answered has failed.
process.exitCode = 1;
void import('./main.ts').then(async ({ main }) => {
  process.exitCode = await main(process.argv.slice(2));
  // What had begun before the start failed must not go on, without a lock and unseen.
  if (process.exitCode !== 0) process.exit();
});
