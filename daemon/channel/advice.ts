// What a person can do about what rsync says. Pure.

const advices: readonly (readonly [said: RegExp, advice: string])[] = [
  [/No space left on device|Disk quota exceeded/, 'free space there; it goes on by itself'],
  [/Permission denied|Operation not permitted/, 'give the login user the right to it; it goes on by itself'],
  [/Read-only file system/, 'make it writable again; it goes on by itself'],
];

/** Undefined for what needs nobody, or nobody knows. */
export function adviceFor(said: string): string | undefined {
  return advices.find(([pattern]) => pattern.test(said))?.[1];
}
