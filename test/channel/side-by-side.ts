// Tests of one file that wait more than they compute, several at once. Each has a fixture of its own.
import { describe, type TestContext, type TestOptions, test } from 'node:test';

type Work = (context: TestContext) => Promise<void> | void;

type Test = (name: string, ...how: [Work] | [TestOptions, Work]) => void;

/** To be called once at the top of a file, for a `test` as that of `node:test`; so many run at once. */
export function sideBySide(concurrency = 4): Test {
  const given: Parameters<Test>[] = [];
  // Once the whole file has been read, and all of them are known.
  queueMicrotask(() => {
    void describe(`${concurrency} at once`, { concurrency }, () => {
      for (const [name, ...how] of given) {
        if (how.length === 1) test(name, how[0]);
        else test(name, how[0], how[1]);
      }
    });
  });
  return (...one) => {
    given.push(one);
  };
}
