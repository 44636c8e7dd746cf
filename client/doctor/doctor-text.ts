// The checks in words: a line each, and at the end what to fix.
import type { CheckLevel, CheckView } from '../../protocol/check-view.ts';
import type { Piece, Style } from '../output.ts';

type Line = readonly Piece[];

const signs: Readonly<Record<CheckLevel, { unicode: string; ascii: string; style: Style }>> = {
  fine: { unicode: '✓', ascii: 'ok', style: 'green' },
  warning: { unicode: '!', ascii: '! ', style: 'yellow' },
  problem: { unicode: '✗', ascii: 'X ', style: 'red' },
  unknown: { unicode: '?', ascii: '? ', style: 'dim' },
};

export function checkLines(title: string, checks: readonly CheckView[], isUnicode: boolean): Line[] {
  const width = Math.max(...checks.map((one) => one.topic.length));
  return [
    [{ text: title, style: 'bold' }],
    ...checks.map(({ topic, level, message }): Line => {
      const { unicode, ascii, style } = signs[level];
      return ['  ', { text: isUnicode ? unicode : ascii, style }, ` ${topic.padEnd(width)}  ${message}`];
    }),
  ];
}

/** A numbered list; what is mended by the same is one item. */
export function fixLines(checks: readonly CheckView[]): Line[] {
  const byFix = new Map<string, Set<string>>();
  for (const { topic, fix } of checks)
    if (fix !== undefined) byFix.set(fix, (byFix.get(fix) ?? new Set()).add(topic));
  if (byFix.size === 0) return [['nothing to fix']];
  return [
    [{ text: 'to fix', style: 'bold' }],
    ...[...byFix].flatMap(([fix, topics], index): Line[] => [
      [`  ${index + 1}. ${[...topics].join(', ')}:`],
      ...fix.split('\n').map((line): Line => [`     ${line}`]),
    ]),
  ];
}
