// EC2's face: one HTTP request of the Query protocol in, one XML answer out. Keeps the journal of calls.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../cloud/cloud.ts';
import type { Fault, Faults } from '../control/faults.ts';
import { sentenceOf } from '../log.ts';
import { type Action, perform } from './call.ts';
import { Ec2Error } from './error.ts';
import { formOf, textAt } from './form.ts';
import { verifySignature } from './signature.ts';
import type { Throttle } from './throttle.ts';
import { answerXml, errorXml } from './xml.ts';

/** One line of the journal. `outcome` is `ok`, an error's code, or what a fault did to the connection. */
export type JournalEntry = {
  time: string;
  action: string;
  changes: boolean;
  outcome: string;
  requestId: string;
};

export type ApiSetup = {
  cloud: Cloud;
  actions: Record<string, Action>;
  faults: Faults;
  throttle: Throttle;
  journal: JournalEntry[];
};

type Answer = { status: number; xml: string; outcome: string };

const apiVersion = '2016-11-15';
const bodyLimitBytes = 1 << 20;

/** Makes the handler of the API's requests. */
export function apiHandler(setup: ApiSetup) {
  // The last answer to each request, for the fault `stale`.
  const lastAnswers = new Map<string, Answer>();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const requestId = setup.cloud.noise
      .hex(32)
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const name = new URLSearchParams(body.toString()).get('Action') ?? '';
    const action = Object.hasOwn(setup.actions, name) ? setup.actions[name] : undefined;
    const changes = action?.changes === true;
    const struck = setup.faults.strike(name, changes);
    const strikes = (kind: Fault['kind']) => struck.find((fault) => fault.kind === kind);
    const gone = new Promise((resolve) => response.once('close', resolve));
    const entry = {
      time: new Date(setup.cloud.schedule.now()).toISOString(),
      action: name,
      changes,
      requestId,
    };
    for (const fault of struck) if (fault.kind === 'latency') await sleep(fault.ms);
    const heldBefore = strikes('hold-before');
    const goesOn = heldBefore === undefined || (await setup.faults.hold(heldBefore, gone));
    if (!goesOn || strikes('drop-before')) {
      setup.journal.push({ ...entry, outcome: 'dropped before' });
      request.socket.destroy();
      return;
    }
    const key = body.toString();
    const stale = strikes('stale') ? lastAnswers.get(key) : undefined;
    const answer = stale ?? (await answerTo(setup, request, body, name, action, requestId, struck));
    if (!changes && answer.outcome === 'ok') lastAnswers.set(key, answer);
    const dropped = strikes('drop-after') !== undefined;
    setup.journal.push({ ...entry, outcome: dropped ? `${answer.outcome}, dropped after` : answer.outcome });
    if (dropped) {
      request.socket.destroy();
      return;
    }
    const heldAfter = strikes('hold-after');
    if (heldAfter && !(await setup.faults.hold(heldAfter, gone))) return;
    response.writeHead(answer.status, {
      'content-type': 'text/xml;charset=UTF-8',
      'x-amzn-requestid': requestId,
    });
    const heldMiddle = strikes('hold-middle');
    if (heldMiddle) {
      const half = answer.xml.slice(0, answer.xml.length / 2);
      response.write(half);
      if (await setup.faults.hold(heldMiddle, gone)) response.end(answer.xml.slice(half.length));
      return;
    }
    if (strikes('endless')) {
      for (const filler = ' '.repeat(1 << 16); !response.destroyed; ) {
        if (!response.write(filler)) await Promise.race([once(response, 'drain'), gone]);
      }
      return;
    }
    const trickle = strikes('trickle');
    for (const byte of trickle ? answer.xml : []) {
      if (response.destroyed) return;
      response.write(byte);
      await sleep(trickle?.ms);
    }
    response.end(trickle ? '' : answer.xml);
  };
}

async function answerTo(
  setup: ApiSetup,
  request: IncomingMessage,
  body: Buffer,
  name: string,
  action: Action | undefined,
  requestId: string,
  struck: Fault[],
): Promise<Answer> {
  const { cloud } = setup;
  const nowMs = cloud.schedule.now();
  try {
    const path = request.url ?? '/';
    const signed = { method: request.method ?? '', path, headers: request.headers, body };
    const credential = verifySignature(signed, cloud.region.world, nowMs);
    const form = formOf(new URLSearchParams(body.toString()));
    if (request.method !== 'POST') throw new Ec2Error('InvalidAction', 'The sandbox takes calls by POST.');
    if (!action) throw new Ec2Error('InvalidAction', `The action ${name} is not valid for this web service.`);
    if (textAt(form, 'Version') !== apiVersion)
      throw new Ec2Error('NoSuchVersion', `The sandbox speaks version ${apiVersion}.`);
    const gibberish = struck.find((rule) => rule.kind === 'gibberish');
    if (gibberish) return { status: gibberish.status, xml: gibberish.body, outcome: 'gibberish' };
    const fault = struck.find((rule) => rule.kind === 'error');
    if (fault) throw new Ec2Error(fault.code, fault.message, fault.status);
    setup.throttle(name, nowMs);
    const account = credential.account ?? cloud.region.world.account;
    const fields = await perform(action, { cloud, form, account, nowMs });
    return { status: 200, xml: answerXml(name, requestId, fields), outcome: 'ok' };
  } catch (error) {
    if (!(error instanceof Ec2Error))
      cloud.log('call failed', {
        action: name,
        error: sentenceOf(error),
        stack: error instanceof Error ? error.stack : '',
      });
    const known = error instanceof Ec2Error ? error : new Ec2Error('InternalError', sentenceOf(error), 500);
    return { status: known.status, xml: errorXml(requestId, known.code, known.message), outcome: known.code };
  }
}

/** The whole body of a request. Rejects when it is over 1 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.length;
    if (size > bodyLimitBytes) throw new Error('The body is larger than 1 MiB.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
