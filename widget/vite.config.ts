import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vite';
import { lean } from './build/lean.ts';
import { keepPlaceholder, writeManifest } from './build/output.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const webChatApi = here('./node_modules/botframework-webchat-api/src');

/** The chat window: one script and one style sheet, named by their content. */
const frame: UserConfig = {
  resolve: {
    // From its sources, so that `lean` can leave parts of it out: its bundle is one file.
    alias: [
      { find: /^botframework-webchat-api$/u, replacement: `${webChatApi}/index.ts` },
      { find: /^botframework-webchat-api\/internal$/u, replacement: `${webChatApi}/internal.ts` },
      { find: /^botframework-webchat-api\/decorator$/u, replacement: `${webChatApi}/decorator/index.ts` },
    ],
  },
  plugins: [lean(), writeManifest()],
  build: {
    emptyOutDir: true,
    modulePreload: false,
    license: { fileName: 'licences.md' }, // of the packages in the script
    chunkSizeWarningLimit: 700, // kB; more than that means that something came in that should not
    rolldownOptions: {
      input: { frame: here('./src/frame/main.tsx') },
      moduleTypes: { '.js': 'jsx' }, // Web Chat's sources
      shimMissingExports: true, // they also export types as if these were values
      onLog: (level, log, handle) => (log.code === 'SHIMMED_EXPORT' ? undefined : handle(level, log)),
      output: { codeSplitting: false },
    },
  },
};

/** The script for host pages: one classic script, under a name that stays. */
const launcher: UserConfig = {
  plugins: [keepPlaceholder()],
  build: {
    emptyOutDir: false,
    rolldownOptions: {
      input: { widget: here('./src/launcher/main.ts') },
      output: { format: 'iife', entryFileNames: '[name].js' },
    },
  },
};

export default defineConfig(({ mode }) => {
  const { build, ...config } = mode === 'launcher' ? launcher : frame;
  return {
    ...config,
    publicDir: false,
    build: {
      ...build,
      outDir: here('../bot/channels/widget/built'),
      assetsDir: 'assets',
      target: ['chrome111', 'edge111', 'firefox114', 'safari16.4'],
      assetsInlineLimit: 0,
    },
    test: { include: ['test/**/*.test.ts'] },
  };
});
