/**
 * What Web Chat's parts make their style sheets with. One of them, `react-scroll-to-bottom`, is not given the nonce;
 * `build/lean.ts` puts this in place of `@emotion/css/create-instance` for all of them.
 */
import createEmotion, { type Options } from '@emotion/css/create-instance';
import { nonce } from './nonce.ts';

export default function createEmotionWithNonce(options: Options) {
  return createEmotion({ ...options, nonce });
}
