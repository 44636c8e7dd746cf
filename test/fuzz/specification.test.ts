// Mutations of a valid specification, as YAML and as JSON: the parser never throws, every mistake lies inside of the text,
// and what has none is a specification by the schema.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSpecificationParser } from '../../protocol/specification/parse.ts';
import { specificationSchema } from '../../protocol/specification/schema.ts';
import { compileCheck } from '../../protocol/validate.ts';
import type { Chance } from '../crash/chance.ts';
import { exampleSpecification, withPackages } from '../fixture/specification.ts';
import { everyFieldAsYaml } from '../protocol/original-document.ts';
import { fuzz, randomBytes } from './fuzz.ts';
import { deepJson, prototypeNames } from './json.ts';

const bits = [
  ...prototypeNames,
  '&a ',
  '*a',
  '<<: *a',
  '!!binary ',
  '!!js/function ',
  '- ',
  '? ',
  ': ',
  '"',
  "'",
  '{',
  '[',
  '|\n',
  '>-\n',
  '\t',
  '\n',
  '\r',
  '\0',
  '\u2028',
  '\ufeff',
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '#',
  '~',
  '1e999',
];

function mutated(text: string, chance: Chance): string {
  let now = text;
  for (let count = 1 + chance.below(4); count > 0; count--) {
    const at = chance.below(now.length + 1);
    const lines = now.split('\n');
    const line = chance.below(lines.length);
    switch (chance.below(6)) {
      case 0:
        now = `${now.slice(0, at)}${now.slice(at + 1 + chance.below(20))}`;
        break;
      case 1:
        now = lines.toSpliced(line, 1).join('\n');
        break;
      case 2:
        now = lines.toSpliced(line, 0, lines[chance.below(lines.length)] ?? '').join('\n');
        break;
      case 3:
        now = `${now.slice(0, at)}${randomBytes(chance, 10, bits).toString('utf8')}${now.slice(at)}`;
        break;
      default:
        now = `${now.slice(0, at)}${chance.pick(bits)}${now.slice(at + chance.below(3))}`;
    }
  }
  return now;
}

/** Tells how long the loop stood still for one text at the most. */
function createStopwatch(): { time<T>(work: () => T): T; longest(): string } {
  let longestMs = 0;
  return {
    time(work) {
      const begun = performance.now();
      const result = work();
      longestMs = Math.max(longestMs, performance.now() - begun);
      return result;
    },
    longest: () => `longest stall: ${longestMs.toFixed(0)} ms`,
  };
}

test('whatever stands there again and again, for as long as a text may be', async (context) => {
  const parse = createSpecificationParser();
  const stopwatch = createStopwatch();
  await fuzz(context, (chance) => {
    const unit = Array.from({ length: 1 + chance.below(3) }, () =>
      chance.pick([...bits, 'a', 'a: 1\n', '{}, ']),
    );
    const length = chance.pick([8000, 16_000, 262_144]);
    const text = unit
      .join('')
      .repeat(Math.ceil(length / unit.join('').length))
      .slice(0, length);
    const parsed = stopwatch.time(() => parse(text));
    if ('problems' in parsed) assert.ok(parsed.problems.length <= 101, text.slice(0, 200));
  });
  context.diagnostic(stopwatch.longest());
});

test('whatever stands there, it is a specification or its mistakes have a place', async (context) => {
  const warnings: string[] = [];
  const warned = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', warned);
  context.after(() => process.off('warning', warned));
  const parse = createSpecificationParser();
  const stopwatch = createStopwatch();
  const check = compileCheck('specification', specificationSchema);
  const json = JSON.stringify(withPackages(exampleSpecification('eu-central-1', 22)), undefined, 2);
  await fuzz(context, (chance) => {
    const deep = chance.below(200) === 0;
    const text = deep
      ? deepJson(chance).slice(0, 5000)
      : mutated(chance.pick([everyFieldAsYaml, json]), chance);
    const parsed = stopwatch.time(() => parse(text));
    if ('specification' in parsed) {
      assert.deepEqual(check(parsed.specification), [], text);
      return;
    }
    assert.notEqual(parsed.problems.length, 0, text);
    const lines = text.split('\n');
    for (const { line, column, message } of parsed.problems) {
      assert.ok(
        Number.isInteger(line) && line >= 1 && line <= lines.length,
        `${line}:${column} ${message} ${text}`,
      );
      const length = lines[line - 1]?.length ?? 0;
      assert.ok(column >= 1 && column <= length + 1, `${line}:${column} of ${length} ${message} ${text}`);
      assert.notEqual(message, '');
    }
  });
  assert.deepEqual(warnings, []);
  context.diagnostic(stopwatch.longest());
});
