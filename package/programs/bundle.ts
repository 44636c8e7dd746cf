// Each program as two files: `bin.cjs`, and what it loads. One file is read and compiled much sooner than hundreds, and as
// CommonJS it loads no more of Node than it uses. What is not ours stays outside.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { configurationSchema } from '../../daemon/configuration.ts';
import { methodParameters } from '../../protocol/methods.ts';
import type { ObjectSchema } from '../../protocol/schema.ts';
import { specificationSchema } from '../../protocol/specification/schema.ts';
import { awsClientsApart, bundleAwsClients } from './aws-clients.ts';
import { compiledChecks } from './compiled-checks.ts';

/** bin.ts says first that Node is too old, and where compiled code is kept, and loads the rest then. */
const mainApart: Plugin = {
  name: 'main-apart',
  setup(builder) {
    builder.onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: './main.cjs', external: true }));
  },
};

/** The schemas that each program checks by. */
const schemas: Readonly<Record<string, Readonly<Record<string, ObjectSchema>>>> = {
  client: { specification: specificationSchema },
  daemon: { specification: specificationSchema, configuration: configurationSchema, ...methodParameters },
  sandbox: {},
};

function checksCompiled(clone: string, program: string): Plugin {
  return {
    name: 'checks-compiled',
    setup(builder) {
      const namespace = 'checks';
      builder.onResolve({ filter: /\/compile-schema\.ts$/ }, () => ({
        path: 'compiled-checks.cjs',
        namespace,
      }));
      builder.onLoad({ filter: /./, namespace }, () => ({
        contents: compiledChecks(schemas[program] ?? {}),
        resolveDir: clone,
      }));
    },
  };
}

/** Writes the programs of the project in `clone` to `folder`. */
export async function bundlePrograms(clone: string, folder: string): Promise<void> {
  const options = {
    absWorkingDir: clone,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22.22',
    format: 'cjs',
    // Loaded as CommonJS, too: `import()` would start the other loader of Node for it.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'fileUrl', 'import.meta.filename': '__filename' },
    banner: { js: "const fileUrl = require('node:url').pathToFileURL(__filename).href;" },
    logLevel: 'warning',
  } satisfies BuildOptions;
  const programs = ['client', 'daemon', 'sandbox'].map(async (program) => {
    const to = join(folder, program);
    await build({
      ...options,
      entryPoints: [`${program}/bin.ts`, `${program}/main.ts`],
      outdir: to,
      packages: 'external',
      plugins: [mainApart, awsClientsApart, checksCompiled(clone, program)],
    });
    chmodSync(join(to, 'bin.cjs'), 0o755);
  });
  await Promise.all([...programs, bundleAwsClients(join(folder, 'daemon'), options)]);
  // Services that were installed before programs were two files name this one.
  writeFileSync(join(folder, 'daemon/bin.js'), "import './bin.cjs';\n");
}
