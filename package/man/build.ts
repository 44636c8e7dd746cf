// Writes the manual to dist/man, or to the folder given: `npm run man`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageVersion } from '../../client/version.ts';
import { manualPages } from './pages.ts';

const folder = process.argv[2] ?? join(import.meta.dirname, '../../dist/man');
mkdirSync(folder, { recursive: true });
for (const { file, roff } of await manualPages(packageVersion())) writeFileSync(join(folder, file), roff);
