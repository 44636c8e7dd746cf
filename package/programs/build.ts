// Writes the programs to dist/: `npm run build`.
import { join } from 'node:path';
import { bundlePrograms } from './bundle.ts';

const clone = join(import.meta.dirname, '../..');
await bundlePrograms(clone, join(clone, 'dist'));
