// portalctl daemon logs: the same as portalctl logs.
import { command } from '../commands/logs.ts';
import type { Verb } from './verb.ts';

export const logs: Verb = {
  options: ['follow', 'lines', 'level', 'system'],
  changes: false,
  isAboutSocket: false,
  run: async ({ invocation, scope }) => command.run({ ...invocation, environment: scope.environment }),
};
