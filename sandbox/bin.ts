#!/usr/bin/env node
// The program `portal-sandbox`: hands over to main.ts.
const { main } = await import('./main.ts');
await main(process.argv.slice(2));
