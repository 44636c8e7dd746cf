// A program that stands for rsync on an instance that does as it likes: it runs the real one and replaces bytes of what
// that sends. What to replace by what, of the same length, is in the file `replace` of the login folder, in hexadecimal;
// that something was replaced is told by the file `replaced`.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const pairs = (JSON.parse(readFileSync('replace', 'utf8')) as [string, string][]).map(
  (pair) => pair.map((text) => Buffer.from(text, 'hex').toString('latin1')) as [string, string],
);
const child = spawn('rsync', process.argv.slice(2), { stdio: ['inherit', 'pipe', 'inherit'] });
child.stdout.on('data', (bytes: Buffer) => {
  let text = bytes.toString('latin1');
  for (const [from, to] of pairs) {
    if (text.includes(from)) writeFileSync('replaced', '');
    text = text.replaceAll(from, () => to);
  }
  process.stdout.write(Buffer.from(text, 'latin1'));
});
child.on('close', (code) => {
  process.exitCode = code ?? 1;
});
