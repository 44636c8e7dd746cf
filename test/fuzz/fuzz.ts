// Many random cases in a given time, each with a seed of its own, so that one that fails is the first of its replay.
import type { TestContext } from 'node:test';
import { allWanted, type Chance, chanceOf, seedOf } from '../crash/chance.ts';

/** How long each test goes on, unless PORTALD_FUZZ_SECONDS says it. */
const ownSeconds = allWanted(process.env) ? 10 : 0.3;
const seconds = Number(process.env['PORTALD_FUZZ_SECONDS'] ?? '') || ownSeconds;

/** Tries case after case; rejects with what failed first, and says how to meet it again. */
export async function fuzz(
  context: Pick<TestContext, 'diagnostic'>,
  once: (chance: Chance) => void | Promise<void>,
): Promise<void> {
  const first = seedOf(process.env, (text) => context.diagnostic(text));
  const until = performance.now() + seconds * 1000;
  let seed = first;
  for (; seed === first || performance.now() < until; seed++) {
    try {
      await once(chanceOf(seed));
    } catch (error) {
      throw new Error(`replay this with PORTALD_CRASH_SEED=${seed}`, { cause: error });
    }
  }
  context.diagnostic(`${seed - first} cases`);
}

/** Random bytes; a third of them come from `favourites`. */
export function randomBytes(chance: Chance, longest: number, favourites: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let left = chance.below(longest + 1); left > 0; ) {
    const part =
      chance.below(3) === 0 && favourites.length > 0
        ? Buffer.from(chance.pick(favourites))
        : Buffer.from(Array.from({ length: 1 + chance.below(8) }, () => chance.below(256)));
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
}
