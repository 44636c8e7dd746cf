// Fault rules: which calls of the API fail, wait, lose their connection, or get an old answer.
import type { Chance } from '../chance.ts';
import { number, object, oneOf, optional, text } from '../world/reader.ts';

/** Reads a rule as the control interface takes it. */
export const readFault = object({
  /** An action's name, or `*`. */
  action: text,
  kind: oneOf('error', 'latency', 'drop-before', 'drop-after', 'stale'),
  code: optional(text, 'InternalError'),
  message: optional(text, 'An internal error has occurred'),
  status: optional(number, 500),
  ms: optional(number, 1000),
  /** How often the rule strikes; then it is gone. */
  count: optional(number, Number.POSITIVE_INFINITY),
  probability: optional(number, 1),
});

export type Fault = ReturnType<typeof readFault>;

export type Faults = ReturnType<typeof faults>;

/** Keeps the rules; `chance` decides for those with a probability. */
export function faults(chance: Chance) {
  const rules = new Map<string, Fault>();
  let made = 0;
  return {
    /** Adds rules and returns their ids. */
    add: (added: Fault[]): string[] =>
      added.map((rule) => {
        made += 1;
        rules.set(`fault-${made}`, rule);
        return `fault-${made}`;
      }),
    /** Removes a rule, or all. */
    remove: (id?: string) => (id === undefined ? rules.clear() : rules.delete(id)),
    /** The rules that strike this call; each is used up once. */
    strike: (action: string): Fault[] =>
      [...rules].flatMap(([id, rule]) => {
        if (rule.action !== '*' && rule.action !== action) return [];
        if (rule.probability < 1 && chance.fraction() >= rule.probability) return [];
        rule.count -= 1;
        if (rule.count <= 0) rules.delete(id);
        return [rule];
      }),
    list: () => Object.fromEntries(rules),
  };
}
