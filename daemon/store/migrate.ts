// Records of earlier versions, brought to the present one step by step.
import { isJsonObject } from '../../protocol/json-object.ts';
import type { Specification } from '../../protocol/specification/schema.ts';
import { loginBy } from '../portal/login.ts';
import { recordVersion } from '../portal/record.ts';

type Old = Readonly<Record<string, unknown>>;

/** From the version of its position to the next. */
const steps: readonly (((record: Old) => Old) | undefined)[] = [undefined, withLogins, withPools];

/** What is wrong when `value` is not of a version that can be read; else the record in the present version. */
export function migrated(value: Old): { readonly record: Old } | { readonly reason: string } {
  let record = value;
  while (record['version'] !== recordVersion) {
    const step = steps[Number(record['version'])];
    if (step === undefined) {
      return {
        reason: `its version is ${String(value['version'])}; this portald reads versions 1 to ${recordVersion}`,
      };
    }
    record = { ...step(record), version: Number(record['version']) + 1 };
  }
  return { record };
}

/** Whether a later portald has written it: then nothing of the folder must be touched by this one. */
export function isOfLaterVersion(value: Old): boolean {
  return typeof value['version'] === 'number' && value['version'] > recordVersion;
}

/** Version 2 keeps with each instance how one logs in to it, since its specification may be another by then. */
function withLogins(record: Old): Old {
  const { specification, generations } = record;
  if (!isJsonObject(specification) || !Array.isArray(generations)) return record;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was checked when it was written
  const login = loginBy(specification as unknown as Specification);
  return { ...record, generations: generations.map((one: object) => ({ login, ...one })) };
}

/** Version 3 keeps with each instance type why it rests, and no pause for all of them. */
function withPools(record: Old): Old {
  const { unavailable, launchNotBefore: _pause, launchFailure: _why, ...rest } = record;
  if (!Array.isArray(unavailable)) return record;
  const message = 'there was no spot capacity for it';
  const pools = unavailable.map((one: unknown) => {
    const { instanceType, until } = isJsonObject(one) ? one : {};
    return { instanceType, kind: 'capacity', message, failures: 0, since: until, at: until, until };
  });
  return { ...rest, pools };
}
