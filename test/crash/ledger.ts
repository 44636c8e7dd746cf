// Judgement by the ledger alone, after the fact and to the millisecond: whose every billed second was, and whether a
// portal ever had two instances outside a handover.
import assert from 'node:assert/strict';
import { tagNames } from '../../daemon/portal/cloud.ts';
import { type CrashFixture, noticeMs } from './crash-fixture.ts';
import { booksOf, instancesOf } from './judge.ts';

/** From its launch until its bill ended. */
interface Span {
  readonly instanceId: string;
  readonly from: number;
  readonly to: number;
  /** When AWS gave notice of its end: from then on a replacement may stand beside it. */
  readonly noticedAt: number;
}

/**
 * Every instance on the bill was one of these portals', billed once and no more; and no two of a portal lived at a time,
 * but in a handover.
 */
export async function assertAccounted(fixture: CrashFixture, portals: readonly string[]): Promise<void> {
  const books = await booksOf(fixture);
  const bill = (await fixture.programs.control.bill()).lines.filter((line) => line.kind === 'instance');
  const known = new Set(portals.flatMap((portal) => instancesOf(books, portal).map((one) => one.instanceId)));
  assert.deepEqual(
    bill.filter((line) => !known.has(line.resourceId)),
    [],
    "every billed second is of a portal's instance",
  );
  assert.equal(new Set(bill.map((line) => line.resourceId)).size, bill.length, 'each is billed once');
  for (const portal of portals) {
    const spans = instancesOf(books, portal).flatMap((one): Span[] => {
      const line = bill.find((each) => each.resourceId === one.instanceId);
      // One that ended before it ran is not billed.
      if (line === undefined) return [];
      const to = Date.parse(line.end ?? '');
      const noticedAt = one.interruption === undefined ? to : one.interruption.atMs - noticeMs;
      return [{ instanceId: one.instanceId, from: one.launchedAtMs, to, noticedAt }];
    });
    assertOneAtATime(
      portal,
      spans.toSorted((left, right) => left.from - right.from),
    );
  }
}

function assertOneAtATime(portal: string, spans: readonly Span[]): void {
  for (const [index, span] of spans.entries()) {
    for (const later of spans.slice(index + 1)) {
      const allowedFrom = Math.min(span.to, span.noticedAt);
      assert.ok(
        later.from >= allowedFrom,
        `${portal}: ${later.instanceId} was launched ${allowedFrom - later.from} ms before ${span.instanceId} was given notice or ended`,
      );
    }
  }
}

/** So many spot fleets were ever made for the portal: a request repeated with its token makes no other. */
export async function assertFleets(fixture: CrashFixture, portal: string, count: number): Promise<void> {
  const made = (await booksOf(fixture)).fleets.filter((one) => one.tags[tagNames.portal] === portal);
  assert.equal(made.length, count, `${portal} made ${count} fleets`);
}
