/**
 * Whether a request to the proxied API comes from our own page. Reading may also be a typed address (Sec-Fetch-Site: none); changing needs
 * proof: our own Origin, or Sec-Fetch-Site: same-origin (Fetch Metadata), which no other site can send.
 */
export function isOwnRequest(method: string, headers: { origin?: string | undefined; 'sec-fetch-site'?: string | string[] | undefined }, ownOrigin: string): boolean {
  const { origin } = headers;
  const fetchSite = headers['sec-fetch-site'];
  if (origin !== undefined && origin !== ownOrigin) return false;
  if (method === 'GET' || method === 'HEAD') return fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none';
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false;
  return origin === ownOrigin || fetchSite === 'same-origin';
}

/** A path of our own page to return to; anything else becomes the first screen (no open redirect). */
export function ownPath(value: string | undefined): string {
  return value !== undefined && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) && !value.startsWith('/sign-') ? value : '/';
}
