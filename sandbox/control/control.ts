// The control interface, /_sandbox/…: how the demo and the tests see the truth and make things happen.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JournalEntry, readBody } from '../api/server.ts';
import { type Cloud, delayMs } from '../cloud/cloud.ts';
import { endInstance, endings, issueNotice, stopInstance } from '../cloud/instances.ts';
import { instanceTypeOf, setFree } from '../cloud/market.ts';
import type { Instance } from '../cloud/model.ts';
import { sentenceOf } from '../log.ts';
import { either, flag, listOf, number, object, oneOf, optional, text, WorldError } from '../world/reader.ts';
import { type Faults, readFault } from './faults.ts';

export type ControlSetup = { cloud: Cloud; faults: Faults; journal: JournalEntry[] };

type Route = (body: unknown, path: string) => unknown;

const ofInstance = object({ instanceId: text });
const readNotice = object({
  instanceId: text,
  noticeMs: optional(number, undefined),
  action: optional(oneOf('terminate', 'stop', 'hibernate'), 'terminate'),
});
const readShortLived = object({ instanceType: text, code: text, count: number });
const readNetwork = object({ instanceId: text, mode: oneOf('ok', 'blackhole', 'refuse') });
const readCapacity = object({
  instanceType: text,
  zone: text,
  available: either(number, oneOf('unlimited'), 'a number or unlimited'),
});
const readPrice = object({ instanceType: text, zone: text, dollars: number });
const readCredentials = object({ expired: flag, accessKeyId: optional(text, undefined) });
const readFaults = either(
  listOf(readFault),
  object({ rules: listOf(readFault) }),
  'a list of rules: {action, kind, …}',
);

/** Makes the handler of the control interface. */
export function controlHandler(setup: ControlSetup) {
  const routes = routesOf(setup);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const name = `${request.method} ${path.replace(/^\/_sandbox\/?/, '').replace(/\/.*/, '')}`;
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(value)}\n`);
    };
    try {
      const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
      if (!route)
        return send(404, { error: `There is no ${name}. There are: ${Object.keys(routes).join(', ')}.` });
      const body = (await readBody(request)).toString();
      send(200, (await route(body === '' ? {} : JSON.parse(body), path)) ?? { ok: true });
    } catch (error) {
      const wrong = error instanceof WorldError || error instanceof SyntaxError;
      send(wrong ? 400 : 500, { error: sentenceOf(error) });
    }
  };
}

function routesOf({ cloud, faults, journal }: ControlSetup): Record<string, Route> {
  const { region } = cloud;
  const find = (instanceId: string): Instance => {
    const instance = region.instances.get(instanceId);
    if (!instance) throw new WorldError(`There is no instance ${instanceId}.`);
    return instance;
  };
  const checkPool = (pool: { instanceType: string; zone: string }) => {
    if (!instanceTypeOf(region.world, pool.instanceType))
      throw new WorldError(`There is no instance type ${pool.instanceType}.`);
    if (!region.world.zones.includes(pool.zone)) throw new WorldError(`There is no zone ${pool.zone}.`);
  };
  return {
    'GET state': () => stateOf(cloud),
    'GET bill': () => ({
      ...cloud.ledger.bill(),
      // What costs nothing yet, but is about to.
      coming: [...region.instances.values()]
        .filter((instance) => instance.state === 'pending')
        .map((instance) => instance.instanceId),
      openFleets: [...region.fleets.values()]
        .filter((fleet) => ['submitted', 'active', 'modifying'].includes(fleet.state))
        .map((fleet) => fleet.fleetId),
    }),
    'GET calls': () => ({ calls: journal, changing: journal.filter((entry) => entry.changes).length }),
    'GET faults': () => faults.list(),
    'POST notice': (body) => {
      const wish = readNotice(body, '');
      const instance = find(wish.instanceId);
      issueNotice(cloud, instance, wish.noticeMs ?? delayMs(cloud, 'noticeMs'), wish.action);
      return { instanceId: instance.instanceId, ...instance.interruption };
    },
    'POST rebalance': (body) => {
      find(ofInstance(body, '').instanceId).rebalanceAtMs = cloud.schedule.now();
    },
    'POST stop': (body) => stopInstance(cloud, find(ofInstance(body, '').instanceId)),
    'POST short-lived': (body) => {
      const { instanceType, code, count } = readShortLived(body, '');
      if (!instanceTypeOf(region.world, instanceType))
        throw new WorldError(`There is no instance type ${instanceType}.`);
      region.shortLived.set(instanceType, { code, count });
    },
    'POST kill': (body) => endInstance(cloud, find(ofInstance(body, '').instanceId), endings.byInterruption),
    'POST capacity': (body) => {
      const wish = readCapacity(body, '');
      checkPool(wish);
      setFree(
        region,
        wish.instanceType,
        wish.zone,
        wish.available === 'unlimited' ? Number.POSITIVE_INFINITY : wish.available,
      );
    },
    'POST price': (body) => {
      const price = readPrice(body, '');
      checkPool(price);
      region.prices.push({ ...price, atMs: cloud.schedule.now() });
    },
    'POST faults': (body) => {
      const given = readFaults(body, '');
      return { ids: faults.add(Array.isArray(given) ? given : given.rules) };
    },
    'DELETE faults': (_, path) => {
      faults.remove(path.split('/')[3]);
    },
    'POST network': (body) => {
      const wish = readNetwork(body, '');
      return cloud.hosts.setNetwork(find(wish.instanceId).instanceId, wish.mode);
    },
    'POST forge-console': (body) =>
      cloud.hosts.forgeConsole(find(ofInstance(body, '').instanceId).instanceId),
    'POST credentials': (body) => {
      const wish = readCredentials(body, '');
      for (const credential of region.world.credentials) {
        if (wish.accessKeyId === undefined || credential.accessKeyId === wish.accessKeyId)
          credential.expired = wish.expired;
      }
    },
  };
}

const plain = <T extends { tags: Map<string, string> }>(resources: Map<string, T>) =>
  [...resources.values()].map((resource) => ({ ...resource, tags: Object.fromEntries(resource.tags) }));

/** All resources as they are, whatever the API shows of them by now. */
function stateOf({ region, hosts }: Cloud) {
  return {
    instances: plain(region.instances),
    volumes: plain(region.volumes),
    snapshots: plain(region.snapshots),
    spotRequests: plain(region.spotRequests),
    fleets: plain(region.fleets).map((fleet) => ({ ...fleet, configuration: undefined })),
    capacity: Object.fromEntries(
      [...region.capacity].map(([pool, free]) => [pool, Number.isFinite(free) ? free : 'unlimited']),
    ),
    machines: hosts.running(),
  };
}
