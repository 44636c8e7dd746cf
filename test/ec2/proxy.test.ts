// Calls to AWS through a proxy and with another authority, by the variables that `aws` reads: real servers, the real client.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Aws, createAws } from '../../daemon/ec2/aws.ts';
import { createAwsClock } from '../../daemon/ec2/aws-clock.ts';
import { sortAwsError } from '../../daemon/ec2/aws-errors.ts';
import { checkWay } from '../../daemon/ec2/check-way.ts';
import { proxiesOf, proxyFor, proxyVariables, shownProxy } from '../../daemon/ec2/proxy.ts';
import type { PortalError } from '../../protocol/errors.ts';
import { type ProgramsFixture, startProgramsFixture } from '../fixture/programs-fixture.ts';
import { certificate, certificateKey } from './certificate.ts';
import { type ProxyServer, startProxyServer } from './proxy-server.ts';

let fixture: ProgramsFixture;
let bundle: string;
/** Carries what comes by TLS to the sandbox. */
const tls = createServer({ cert: certificate, key: certificateKey }, (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const further = request(`${fixture.sandbox.endpoint}${url}`, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(further);
});

before(async () => {
  fixture = await startProgramsFixture('portald-proxy-');
  const { AWS_ENDPOINT_URL_EC2: _, ...environment } = fixture.environment;
  Object.assign(process.env, environment);
  delete process.env['AWS_ENDPOINT_URL_EC2'];
  bundle = join(fixture.folder, 'authorities.pem');
  writeFileSync(bundle, certificate);
  tls.listen(0, '127.0.0.1');
  await once(tls, 'listening');
});
after(async () => {
  tls.closeAllConnections();
  tls.close();
  await fixture?.end();
});

const aws = (environment: Record<string, string>, profile?: string): Aws =>
  createAws({
    region: 'eu-central-1',
    ...(profile !== undefined && { profile }),
    environment,
    clock: createAwsClock(Date.now, () => performance.now()),
  });

async function ask(environment: Record<string, string>, profile?: string): Promise<unknown> {
  const one = aws(environment, profile);
  try {
    return await (await one.client()).describeVolumes({});
  } finally {
    one.close();
  }
}

const told = (environment: Record<string, string>): Promise<PortalError> =>
  ask(environment).then(
    () => assert.fail('it was answered'),
    (error: unknown) => sortAwsError(error, 'asking'),
  );

const startProxy = (): Promise<ProxyServer> => startProxyServer((tls.address() as AddressInfo).port);

test('EC2 by TLS through HTTPS_PROXY, with the authority of AWS_CA_BUNDLE; in small letters, too', async (t) => {
  const proxy = await startProxy();
  t.after(() => proxy.end());
  for (const variable of ['HTTPS_PROXY', 'https_proxy'])
    assert.ok(await ask({ [variable]: proxy.url.replace('http://', ''), AWS_CA_BUNDLE: bundle }));
  assert.deepEqual(proxy.asked, Array(2).fill('ec2.eu-central-1.amazonaws.com:443'));
  const { kind, hint } = await told({ HTTPS_PROXY: proxy.url });
  assert.equal(kind, 'endpoint');
  assert.match(hint ?? '', /AWS_CA_BUNDLE/);
});

test('an address without TLS goes through HTTP_PROXY, unless NO_PROXY names it', async (t) => {
  const proxy = await startProxyServer(undefined);
  t.after(() => proxy.end());
  process.env['AWS_ENDPOINT_URL_EC2'] = fixture.sandbox.endpoint;
  t.after(() => delete process.env['AWS_ENDPOINT_URL_EC2']);
  await ask({ HTTP_PROXY: proxy.url });
  assert.deepEqual(proxy.asked, ['127.0.0.1']);
  await ask({ HTTP_PROXY: proxy.url, no_proxy: '127.0.0.1' });
  await ask({ HTTPS_PROXY: proxy.url });
  assert.deepEqual(proxy.asked, ['127.0.0.1']);
});

test('SSO is asked through it, too', async (t) => {
  const proxy = await startProxyServer(undefined);
  t.after(() => proxy.end());
  const start = 'https://portald.awsapps.com/start';
  const [cache, configuration] = [
    join(fixture.folder, 'home/.aws/sso/cache'),
    join(fixture.folder, 'sso-config'),
  ];
  mkdirSync(cache, { recursive: true });
  writeFileSync(
    join(cache, `${createHash('sha1').update(start).digest('hex')}.json`),
    JSON.stringify({
      accessToken: 'token',
      expiresAt: '2999-01-01T00:00:00Z',
      region: 'eu-central-1',
      startUrl: start,
    }),
  );
  writeFileSync(
    configuration,
    `[profile sso]\nsso_start_url = ${start}\nsso_region = eu-central-1\nsso_account_id = 111111111111\nsso_role_name = role\n`,
  );
  const before = process.env['AWS_CONFIG_FILE'];
  process.env['AWS_CONFIG_FILE'] = configuration;
  t.after(() => {
    if (before === undefined) delete process.env['AWS_CONFIG_FILE'];
    else process.env['AWS_CONFIG_FILE'] = before;
  });
  await assert.rejects(ask({ HTTPS_PROXY: proxy.url }, 'sso'), /AWS profile "sso"/);
  assert.equal(proxy.asked[0], 'portal.sso.eu-central-1.amazonaws.com:443');
});

test('a proxy that refuses, is not there or is of another kind is told as that', async (t) => {
  for (const [refusal, hint] of [
    ['407 Proxy Authentication Required', /wants a user and a password/],
    ['403 Forbidden', /does not let AWS through/],
  ] as const) {
    const proxy = await startProxyServer(undefined, refusal);
    t.after(() => proxy.end());
    const error = await told({ HTTPS_PROXY: proxy.url });
    assert.equal(error.kind, 'endpoint');
    assert.match(error.hint ?? '', hint);
  }
  const gone = await told({ HTTPS_PROXY: 'http://127.0.0.1:1' });
  assert.match(`${gone.message} ${gone.hint}`, /ECONNREFUSED 127\.0\.0\.1:1.*HTTPS_PROXY/);
  const socks = await told({ https_proxy: 'socks5://127.0.0.1:1' });
  assert.deepEqual(
    [socks.kind, /^https_proxy names .* kind socks5/.test(socks.message)],
    ['configuration', true],
  );
  for (const value of ['http://', '::'])
    assert.match((await told({ HTTPS_PROXY: value })).message, /^HTTPS_PROXY is not the address of a proxy/);
});

test('a file of authorities that is none is told, and taken once it is there', async () => {
  const missing = join(fixture.folder, 'missing.pem');
  assert.match(
    (await told({ AWS_CA_BUNDLE: missing })).message,
    /AWS_CA_BUNDLE, .*cannot be read \(ENOENT\)/,
  );
  const one = aws({ AWS_CA_BUNDLE: missing });
  await assert.rejects(one.client(), /cannot be read/);
  assert.deepEqual(await one.identity(), { region: 'eu-central-1' }, 'it never rejects');
  writeFileSync(missing, 'nothing');
  await assert.rejects(one.client(), /holds no certificate/);
  writeFileSync(missing, certificate);
  await one.client();
  one.close();
});

test('doctor shows the proxy without its password, the authorities, and what is wrong with them', async () => {
  const lines = async (
    environment: Record<string, string>,
    endpoint = 'https://ec2.eu-central-1.amazonaws.com',
  ) =>
    (await checkWay(environment, endpoint)).map(
      ({ topic, level, message }) => `${topic} ${level} ${message}`,
    );
  assert.deepEqual(await lines({}), []);
  const HTTPS_PROXY = 'http://user:secret@proxy.corp:3128';
  const host = 'ec2.eu-central-1.amazonaws.com';
  assert.deepEqual(await lines({ HTTPS_PROXY, AWS_CA_BUNDLE: bundle }), [
    `proxy fine calls to ${host} go through http://…@proxy.corp:3128 (HTTPS_PROXY)`,
    `certificates fine AWS is believed by the certificates of ${bundle} alone (AWS_CA_BUNDLE)`,
  ]);
  assert.deepEqual(await lines({ HTTPS_PROXY, NO_PROXY: 'amazonaws.com' }), [
    `proxy fine calls to ${host} go through none, by NO_PROXY or the scheme of the address`,
  ]);
  assert.match((await lines({ HTTPS_PROXY: 'socks4://x' })).join(), /^proxy problem HTTPS_PROXY names/);
  assert.match(
    (await lines({ AWS_CA_BUNDLE: '/nowhere' })).join(),
    /^proxy problem AWS_CA_BUNDLE, \/nowhere/,
  );
});

test('what NO_PROXY names is what a name means to aws, and what Node does', async (t) => {
  const proxy = await startProxyServer(undefined);
  t.after(() => proxy.end());
  const host = 'ec2.invalid';
  for (const [list, isExcepted] of [
    ['', false],
    ['*', true],
    ['invalid', true],
    ['.invalid', true],
    ['*.invalid', true],
    ['ec2.invalid', true],
    ['EC2.invalid', true],
    ['c2.invalid', false],
    ['other, invalid', true],
    ['10.0.0.0/8 invalid', true],
    ['ec2.invalid:80', true],
    ['ec2', false],
  ] as const) {
    const proxies = proxiesOf({ HTTP_PROXY: proxy.url, NO_PROXY: list });
    assert.equal(proxyFor(new URL(`http://${host}:80/`), proxies) === undefined, isExcepted, list);
    const agent = new Agent({ proxyEnv: proxyVariables(proxies) });
    const before = proxy.asked.length;
    const asking = get({ agent, host, port: 80 }, (answer) => answer.resume());
    await Promise.race([once(asking, 'close'), once(asking, 'error')]).catch(() => {});
    assert.equal(proxy.asked.length === before, isExcepted, `Node: ${list}`);
    agent.destroy();
  }
});

test('a proxy is shown without control characters', () => {
  assert.equal(shownProxy({ url: 'https://p.x:1', variable: 'HTTPS_PROXY' }), 'https://p.x:1 (HTTPS_PROXY)');
});
