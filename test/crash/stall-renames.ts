// Loaded into portald by --import: as long as the file PORTALD_STALL exists, what portald writes down takes no effect if it
// holds the file's text. Such a rename in the state folder waits, and makes the file PORTALD_STALL.met.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const stall = process.env['PORTALD_STALL'] ?? '';
const state = process.env['PORTALD_STATE_DIR'] ?? '';
const { rename } = files;

files.rename = async (from, to) => {
  const isStalled =
    String(to).startsWith(`${state}/`) &&
    existsSync(stall) &&
    readFileSync(from.toString(), 'utf8').includes(readFileSync(stall, 'utf8'));
  if (!isStalled) return rename(from, to);
  writeFileSync(`${stall}.met`, '');
  while (existsSync(stall)) await sleep(20);
  return rename(from, to);
};
syncBuiltinESMExports();
