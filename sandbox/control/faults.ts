// Fault rules: which calls of the API fail, wait, lose their connection, get an old answer, or are held.
import type { Chance } from '../chance.ts';
import { number, object, oneOf, optional, text } from '../world/reader.ts';

/** Reads a rule as the control interface takes it. */
export const readFault = object({
  /** An action's name, `changing` for all that change something, or `*`. */
  action: text,
  kind: oneOf(
    'error',
    'gibberish',
    'latency',
    'drop-before',
    'drop-after',
    'hold-before',
    'hold-after',
    'hold-middle',
    'trickle',
    'endless',
    'stale',
  ),
  code: optional(text, 'InternalError'),
  message: optional(text, 'An internal error has occurred'),
  status: optional(number, 500),
  /** Of `gibberish`. */
  body: optional(text, ''),
  ms: optional(number, 1000),
  /** How many matching calls go by before the rule strikes. */
  skip: optional(number, 0),
  /** How often the rule strikes; then it is gone. */
  count: optional(number, Number.POSITIVE_INFINITY),
  probability: optional(number, 1),
});

export type Fault = ReturnType<typeof readFault>;

export type Faults = ReturnType<typeof faults>;

/** Keeps the rules; `chance` decides for those with a probability. */
export function faults(chance: Chance) {
  const rules = new Map<string, { fault: Fault; held: Set<() => void> }>();
  let made = 0;
  const remove = (id: string) => {
    for (const release of rules.get(id)?.held ?? []) release();
    rules.delete(id);
  };
  return {
    /** Adds rules and returns their ids. */
    add: (added: Fault[]): string[] =>
      added.map((fault) => {
        made += 1;
        rules.set(`fault-${made}`, { fault, held: new Set() });
        return `fault-${made}`;
      }),
    /** Removes a rule, or all; the calls that it holds go on. */
    remove: (id?: string) => {
      for (const one of id === undefined ? [...rules.keys()] : [id]) remove(one);
    },
    /** The rules that strike this call; each is used up once. */
    strike: (action: string, changes: boolean): Fault[] =>
      [...rules].flatMap(([id, { fault }]) => {
        const meant = fault.action === '*' || fault.action === action;
        if (!meant && !(fault.action === 'changing' && changes)) return [];
        if (fault.count <= 0) return []; // used up, and kept while it holds a call
        if (fault.probability < 1 && chance.fraction() >= fault.probability) return [];
        fault.skip -= 1;
        if (fault.skip >= 0) return [];
        fault.count -= 1;
        if (fault.count <= 0 && !fault.kind.startsWith('hold')) rules.delete(id);
        return [fault];
      }),
    /** Holds a call: resolves to whether it goes on, once the rule is removed or `gone` (its client is) resolves. */
    hold: async (fault: Fault, gone: Promise<unknown>): Promise<boolean> => {
      const [id, rule] = [...rules].find(([, known]) => known.fault === fault) ?? [];
      if (id === undefined || rule === undefined) return true; // removed since it struck
      let release = () => {};
      const removed = new Promise<boolean>((resolve) => {
        release = () => resolve(true);
      });
      rule.held.add(release);
      const goesOn = await Promise.race([removed, gone.then(() => false)]);
      rule.held.delete(release);
      if (fault.count <= 0 && rule.held.size === 0) rules.delete(id);
      return goesOn;
    },
    /** The rules by id, each with the number of calls that it holds now. */
    list: () =>
      Object.fromEntries([...rules].map(([id, { fault, held }]) => [id, { ...fault, holding: held.size }])),
  };
}
