#!/usr/bin/env node
// The program `portal-sandbox`: says in one sentence that Node is too old, before anything is loaded that would not parse.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(
    `portal-sandbox: needs Node 22.22 or later; this is ${process.versions.node}\n` +
      'hint: npm install -g node@24, with the prefix of this program; or use npx portal-sandbox in the clone\n',
  );
  process.exit(1);
}
void import('./main.ts').then(({ main }) => main(process.argv.slice(2)));

export {};
