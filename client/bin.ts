#!/usr/bin/env node
// Starts portalctl, or says in one sentence that Node is too old for it.
import process from 'node:process';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 22)) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  console.error(`portalctl: Node ${process.versions.node} is too old; Node 22.22 or newer is needed`);
  process.exitCode = 1;
}
