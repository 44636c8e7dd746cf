// A program that boots an instance with a mounted volume, says where, and waits to be killed.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { startInstance } from './instance.ts';

const instance = await startInstance();
const image = join(instance.folder, 'image');
execFileSync('truncate', ['-s', '20M', image]);
await instance.attach(image, 'nvme1n1', 'vol0123456789abcdef0');
await instance.asRoot('mkfs.ext4 -q /dev/nvme1n1 && mount /dev/nvme1n1 /mnt');
process.stdout.write(`${instance.folder} ${instance.target.address}\n`);
setInterval(() => {}, 60_000);
