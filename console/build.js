/**
 * Copies what browsers get of the console into bot/helpdesk/built/: each file under a name that changes with its content,
 * `manifest.json` with these names, and `licences.md` with the licences of what is not ours.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = path => fileURLToPath(new URL(path, import.meta.url));
const built = here('../bot/helpdesk/built');

const FILES = {
  'htmx.js': 'node_modules/htmx.org/dist/htmx.min.js',
  'sse.js': 'node_modules/htmx-ext-sse/dist/sse.min.js',
  'pico.css': 'node_modules/@picocss/pico/css/pico.min.css',
  'console.js': 'src/console.js',
  'console.css': 'src/console.css',
  'icon.svg': 'src/icon.svg',
};
const PACKAGES = { 'htmx.org': 'LICENSE', 'htmx-ext-sse': 'LICENSE', '@picocss/pico': 'LICENSE.md' };

rmSync(built, { recursive: true, force: true });
mkdirSync(`${built}/assets`, { recursive: true });

const manifest = {};
for (const [name, path] of Object.entries(FILES)) {
  const content = readFileSync(here(path));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const [stem, kind] = name.split('.');
  manifest[name] = `${stem}.${hash}.${kind}`;
  writeFileSync(`${built}/assets/${manifest[name]}`, content);
}

const licences = Object.entries(PACKAGES).map(([name, file]) => {
  const text = readFileSync(here(`node_modules/${name}/${file}`), 'utf-8').trim();
  const about = JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), 'utf-8'));
  return `## ${name} - ${about.version} (${about.license ?? text.split('\n')[0]})\n\n${text}\n`;
});
writeFileSync(`${built}/licences.md`, licences.join('\n'));
writeFileSync(`${built}/manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
