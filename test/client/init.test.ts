// init: the draft in YAML and in JSON, never over a file; and the questions of --guided on a terminal.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { likelyUser } from '../../client/guided-specification.ts';
import { PortalError } from '../../protocol/errors.ts';
import { readLocatedYaml } from '../../protocol/located-yaml.ts';
import { draft } from '../protocol/original-document.ts';
import { problemsOf, specificationOf } from '../protocol/parsing.ts';
import { temporaryFolder } from '../rpc/rpc-fixture.ts';
import { answering } from './answering.ts';
import { clientFixture, startPortalctl } from './client-fixture.ts';

suite('portalctl init', () => {
  test('writes the draft, letter for letter in JSON, key for key in YAML; both are refused unedited', async (context) => {
    const folder = temporaryFolder(context);
    const run = (...argv: string[]): ReturnType<typeof startPortalctl>['finished'] =>
      startPortalctl(context, ['init', ...argv], { HOME: folder }, folder).finished;
    const json = await run('one', '--json');
    assert.deepEqual([json.exit, JSON.parse(json.stdout)], [0, { file: join(folder, 'one.json') }]);
    assert.equal(readFileSync(join(folder, 'one.json'), 'utf8'), draft);

    assert.equal((await run('two')).exit, 0);
    const yaml = readFileSync(join(folder, 'two.yaml'), 'utf8');
    const read = readLocatedYaml(yaml);
    assert.ok('value' in read);
    assert.equal(
      JSON.stringify(read.value),
      JSON.stringify(JSON.parse(draft)),
      'the same keys in the same order',
    );
    for (const line of yaml.split('\n').filter((one) => one !== '')) assert.match(line, /^#|  # \S/);
    assert.equal(problemsOf(yaml).length, problemsOf(draft).length);
    assert.equal(problemsOf(yaml).length, 21, 'each placeholder is named');
  });

  test('never overwrites, and refuses what would be a second file of the portal', async (context) => {
    const folder = temporaryFolder(context);
    const run = (...argv: string[]): ReturnType<typeof startPortalctl>['finished'] =>
      startPortalctl(context, ['init', ...argv], { HOME: folder }, folder).finished;
    writeFileSync(join(folder, 'gpu.yml'), 'mine');
    for (const argv of [['gpu'], ['gpu', '--json'], ['gpu.yml'], ['gpu.json']]) {
      const { exit, stdout, stderr } = await run(...argv);
      assert.equal(exit, 1);
      assert.match(stdout + stderr, /gpu\.yml is there already; nothing was written/);
    }
    assert.deepEqual(readdirSync(folder), ['gpu.yml']);
    assert.equal((await run('nowhere/x')).exit, 1);
    for (const argv of [['-x'], ['a b'], ['x.yaml', '--json'], ['x', '--guided'], ['x', 'y'], []])
      assert.equal((await run(...argv)).exit, 2, argv.join(' '));
    assert.deepEqual(readdirSync(folder), ['gpu.yml']);
  });

  test('the user of an image by its name', () => {
    assert.equal(
      likelyUser('Deep Learning OSS Nvidia Driver AMI GPU PyTorch 2.7 (Ubuntu 22.04) 20250602'),
      'ubuntu',
    );
    assert.equal(likelyUser('Deep Learning Base AMI (Amazon Linux 2023)'), 'ec2-user');
    assert.equal(likelyUser('al2023-ami-2023.7'), 'ec2-user');
    assert.equal(likelyUser('debian-12-amd64-20250316'), 'admin');
    assert.equal(likelyUser(''), 'ubuntu');
  });
});

suite('portalctl init --guided', () => {
  const options = { skip: spawnSync('script', ['--version']).status !== 0 && 'no script(1) here' };
  const offers = {
    account: '210987654321',
    region: 'eu-west-1',
    zones: [
      { name: 'eu-west-1b', dollarsPerHour: 0.31 },
      { name: 'eu-west-1a', dollarsPerHour: 0.42 },
    ],
    keyPairs: ['desk', 'laptop'],
    securityGroups: [{ id: 'sg-1', name: 'ssh' }],
    subnets: [{ id: 'subnet-1', zone: 'eu-west-1a', isDefault: true, givesPublicAddress: true }],
    volumes: [{ id: 'vol-1', name: 'data\u001b[2J', sizeGiB: 100, zone: 'eu-west-1a' }],
    images: [{ id: 'ami-1', name: 'Deep Learning AMI (Amazon Linux 2023)', createdAt: '2026-11-01' }],
  };

  test('offers what the account has, and writes what can be opened', options, async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.offers = offers;
    mkdirSync(join(fixture.folder, '.ssh'));
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\n';
    for (const name of ['id_ed25519', 'laptop.pem', 'known_hosts'])
      writeFileSync(join(fixture.folder, '.ssh', name), key, { mode: 0o600 });
    writeFileSync(join(fixture.folder, 'notes'), 'x');
    const shown = await answering(fixture, 'init new --guided', [
      ['instance type [g5.xlarge]', 'nonsense'],
      ['instance type [g5.xlarge]', ''],
      ['availability zone', '9'],
      ['availability zone', 'b'],
      ['availability zone', '2'],
      ['image', 'ami-zz'],
      ['image', ''],
      ['key pair', 'laptop'],
      ['file of its private key', 'missing'],
      ['file of its private key', 'notes'],
      ['file of its private key', ''],
      ['security group', '../world.yaml'],
      ['security group', '1'],
      ['user of the image [ec2-user]', ''],
      ['Python packages', 'numpy --foo'],
      ['Python packages', 'a;b'],
      ['Python packages', 'numpy torch==2.9'],
      ['virtual environment', ''],
      ['fleet role', ''],
      ['volume [1]', ''],
      ['mounted on [/home/ec2-user/workspace]', '1'],
      ['mounted on [/home/ec2-user/workspace]', '/'],
      ['mounted on [/home/ec2-user/workspace]', '/home/ec2-user'],
      ['mounted on [/home/ec2-user/workspace]', ''],
      ['is it new and blank?', 'yes'],
      ['volume [1]', ''],
      ['go to the machine', 'code'],
      ['gets results', ''],
    ]);
    assert.match(shown, /eu-west-1a {2}\$0\.4200 an hour just now, 1 free volume/);
    assert.ok(!shown.includes('\u001b[2J'), 'names from AWS are made visible');
    assert.match(shown, /there is no zone b in this Region/);
    assert.match(shown, /an id: ami- and hexadecimal digits/);
    assert.match(shown, /missing does not exist/);
    assert.match(shown, /notes is no private key/);
    assert.match(shown, /is the root of the whole system/);
    assert.match(shown, /is the home folder of ec2-user/);
    assert.match(shown, /wrote new\.yaml/);
    assert.deepEqual(specificationOf(readFileSync(join(fixture.folder, 'new.yaml'), 'utf8')), {
      spot_instance: {
        instance_type: 'g5.xlarge',
        image_id: 'ami-1',
        key_pair_name: 'laptop',
        identity_file: '~/.ssh/laptop.pem',
        security_group_id: 'sg-1',
        availability_zone: 'eu-west-1a',
        remote_group: 'ec2-user',
        remote_user: 'ec2-user',
        python_virtual_env: '/home/ec2-user/venv',
        extra_python_packages: ['numpy', 'torch==2.9'],
      },
      spot_fleet: { iam_fleet_role: 'arn:aws:iam::210987654321:role/aws-ec2-spot-fleet-tagging-role' },
      persistent_volumes: [
        {
          volume_id: 'vol-1',
          device: '/dev/sdf',
          mount_point: '/home/ec2-user/workspace',
          format: true,
        },
      ],
      channels: [
        {
          direction: 'out',
          local_path: 'code/',
          remote_path: '/home/ec2-user/workspace/code/',
          recursive: true,
        },
      ],
    });
  });

  test(
    'asks again for a type that AWS does not have, and for a value where nothing is offered',
    options,
    async (context) => {
      const fixture = await clientFixture(context);
      fixture.daemon.service.offers = (type) =>
        type === 'g5.xlarge'
          ? Promise.reject(new PortalError('configuration', 'there is no g5.xlarge here'))
          : Promise.resolve({ ...offers, keyPairs: [] });
      const shown = await answering(fixture, 'init new --guided', [
        ['instance type [g5.xlarge]', ''],
        ['instance type [g5.xlarge]', 'm5.large'],
        ['availability zone', ''],
        ['image', ''],
        ['key pair', ''],
        ['key pair', '\u0004'],
      ]);
      assert.match(shown, /there is no g5\.xlarge here\r\n/);
      assert.match(shown, /nothing to choose from: type it\S*\r\n/);
      assert.doesNotMatch(shown, /from 1 to 0/);
    },
  );

  test('Ctrl-C writes nothing', options, async (context) => {
    const fixture = await clientFixture(context);
    fixture.daemon.offers = offers;
    const shown = await answering(fixture, 'init new --guided', [['instance type', '\u0003']]);
    assert.match(shown, /\r\n[^\n]*nothing was written/);
    assert.ok(!readdirSync(fixture.folder).includes('new.yaml'));
  });
});
