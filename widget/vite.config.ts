import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { lean } from './build/lean.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const webChatApi = 'node_modules/botframework-webchat-api/src';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^botframework-webchat-api$/u, replacement: here(`${webChatApi}/index.ts`) },
      { find: /^botframework-webchat-api\/internal$/u, replacement: here(`${webChatApi}/internal.ts`) },
      { find: /^botframework-webchat-api\/decorator$/u, replacement: here(`${webChatApi}/decorator/index.ts`) },
    ],
  },
  plugins: [lean(), {name:'s',generateBundle(_, b){for(const c of Object.values(b)){if(c.type!=='chunk')continue;const m={};for(const[k,v]of Object.entries(c.modules)){const p=k.split('node_modules/').pop().split('/').slice(0,k.split('node_modules/').pop().startsWith('@')?2:1).join('/')+(k.includes('Globalize')?'G':'');m[p]=(m[p]||0)+v.renderedLength}console.log(Object.entries(m).sort((a,b)=>b[1]-a[1]).slice(0,45).map(x=>x.join(' ')).join('\n'))}}}],
  build: {
    target: 'es2022', modulePreload: false, outDir: '/tmp/w/fe/out',emptyOutDir:true,
    rolldownOptions: { input: '/work/main/widget/src/frame/e.js', shimMissingExports: true, moduleTypes: { '.js': 'jsx' }, output: { codeSplitting: false, entryFileNames: 'o.js' } },
  },
});
