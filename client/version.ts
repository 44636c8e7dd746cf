// The version in the package that this file is part of, run from source or compiled.
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { isJsonObject } from '../protocol/json-object.ts';

/** For example `0.1.0`; `unknown` in a damaged installation. */
export function packageVersion(): string {
  const file = findPackageJSON(import.meta.url);
  const content: unknown = file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8'));
  return isJsonObject(content) && typeof content['version'] === 'string' ? content['version'] : 'unknown';
}
