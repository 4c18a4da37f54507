/** The page's policy lets in style sheets that carry the nonce of its script. */
export const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
