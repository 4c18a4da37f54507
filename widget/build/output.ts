/** What the server relies on in the built files. */
import type { Plugin } from 'vite';

/** The server puts the launcher's configuration in place of this string. */
const PLACEHOLDER = '"__LAUNCHER__"';

/** Write `manifest.json`: the names of the window's files. */
export function writeManifest(): Plugin {
  return {
    name: 'write-manifest',
    generateBundle(_, bundle) {
      const names = Object.keys(bundle);
      const scripts = names.filter(name => name.endsWith('.js'));
      if (scripts.length !== 1) {
        this.error(`the window must be one script, for its policy lets in no other; got ${scripts.join(', ')}`);
      }
      const manifest = { 'frame.js': scripts[0], 'frame.css': names.filter(name => name.endsWith('.css')) };
      this.emitFile({ type: 'asset', fileName: 'manifest.json', source: `${JSON.stringify(manifest, null, 2)}\n` });
    },
  };
}

/** See that the placeholder stands in the script once, in double quotes, whatever quotes minifying prefers. */
export function keepPlaceholder(): Plugin {
  return {
    name: 'keep-placeholder',
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') {
          const parts = output.code.split(/[`'"]__LAUNCHER__[`'"]/u);
          if (parts.length !== 2) {
            this.error(`${output.fileName} has the placeholder ${parts.length - 1} times instead of once`);
          }
          output.code = parts.join(PLACEHOLDER);
        }
      }
    },
  };
}
