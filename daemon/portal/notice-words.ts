// What a notice says, for people: who ends the instance, when, and whether that time was told or is only assumed. Pure.
import type { Notice } from './record.ts';

export function noticeWords(instanceId: string, { deadline, seenBy, reason }: Notice, now: number): string {
  const seconds = Math.max(0, Math.round((deadline - now) / 1000));
  switch (seenBy) {
    case 'instance metadata':
      return reason === undefined
        ? `${instanceId} is taken back by AWS in ${seconds} s (${seenBy})`
        : `${instanceId} is taken back by AWS: ${reason}, which no notice can; two minutes are assumed (${seenBy})`;
    case 'spot request status':
      return `${instanceId} is taken back by AWS, at the latest in ${seconds} s: no time is told, two minutes are assumed (${seenBy})`;
    case 'instance state': {
      const why = reason === undefined ? seenBy : `${seenBy}: ${reason}`;
      if (reason?.startsWith('Client.User') === true)
        return `${instanceId} was ended by somebody in the account (${why})`;
      if (reason?.startsWith('Client.Instance') === true) return `${instanceId} shut itself down (${why})`;
      if (reason?.startsWith('Server.Spot') === true) return `${instanceId} is taken back by AWS (${why})`;
      return `${instanceId} is ending (${why})`;
    }
  }
}
