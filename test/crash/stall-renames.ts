// Loaded into portald by --import: once the file PORTALD_STALL exists, nothing that portald writes down takes effect
// any more. Its renames in the state folder wait for ever, and the first that does makes the file PORTALD_STALL.met.
import { existsSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const stall = process.env['PORTALD_STALL'] ?? '';
const state = process.env['PORTALD_STATE_DIR'] ?? '';
const { rename } = files;

files.rename = (from, to) => {
  if (stall === '' || !String(to).startsWith(`${state}/`) || !existsSync(stall)) return rename(from, to);
  writeFileSync(`${stall}.met`, '');
  return new Promise(() => undefined);
};
syncBuiltinESMExports();
