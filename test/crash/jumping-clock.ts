// Loaded into portald by --import: the machine's clock, which somebody sets. It is off by the milliseconds that the file
// PORTALD_CLOCK holds; what only counts ticks is not.
import { readFileSync } from 'node:fs';

const path = process.env['PORTALD_CLOCK'] ?? '';
const TrueDate = Date;

function now(): number {
  let offMs = 0;
  try {
    offMs = Number(readFileSync(path, 'utf8'));
  } catch {
    // Nobody has set it yet.
  }
  return TrueDate.now() + offMs;
}

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, words: []) => (words.length === 0 ? new target(now()) : new target(...words)),
  apply: () => new TrueDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
