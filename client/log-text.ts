// A line of portald's log, for people.
import { isJsonObject } from '../protocol/json-object.ts';
import { momentText } from './duration.ts';
import type { Piece, Style } from './output.ts';

/** Names of the levels by pino's numbers, least first. */
export const logLevels = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;

type Line = readonly Piece[];

/** The entry of a line; undefined for one that was cut. */
export function parseLogLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isJsonObject(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Time, level, message and fields; the stack of an error below it. */
export function logLines(entry: Readonly<Record<string, unknown>>, nowMs: number): Line[] {
  const { level, time, msg, err, ...fields } = entry;
  const name = Object.entries(logLevels).findLast(([, number]) => number <= Number(level))?.[0] ?? 'trace';
  const at = new Date(Number(time));
  const when = Number.isNaN(at.getTime()) ? '' : momentText(at.toISOString(), nowMs);
  const told = Object.entries(fields).map(([key, value]) => ` ${key}=${valueText(value)}`);
  const { message = err, stack } = isJsonObject(err) ? err : {};
  const error = message === undefined ? '' : ` error=${valueText(message)}`;
  const style = levelStyle(Number(level));
  const trace = typeof stack === 'string' ? stack.split('\n').slice(1) : [];
  return [
    [
      { text: when, style: 'dim' },
      ' ',
      style === undefined ? name.padEnd(5) : { text: name.padEnd(5), style },
      ` ${typeof msg === 'string' ? msg : ''}`,
      { text: told.join('') + error, style: 'dim' },
    ],
    ...trace.map((one): Line => [{ text: `    ${one.trim()}`, style: 'dim' }]),
  ];
}

function levelStyle(level: number): Style | undefined {
  if (level >= logLevels.error) return 'red';
  if (level >= logLevels.warn) return 'yellow';
  return level < logLevels.info ? 'dim' : undefined;
}

/** A word as it is, anything else as JSON. */
function valueText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
