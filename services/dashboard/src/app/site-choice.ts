import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

/** The chosen site lives in the URL (?site=), so that a link shows a colleague the same screen; null is all sites. */
export function useSiteId(): string | null {
  const [search] = useSearchParams();
  return search.get('site');
}

/** Makes an address of this page that keeps the chosen site. */
export function useTo(): (path: string) => string {
  const siteId = useSiteId();
  return useCallback((path: string) => (siteId === null ? path : `${path}${path.includes('?') ? '&' : '?'}site=${siteId}`), [siteId]);
}

/** One filter of a list, kept in the URL; null when it is not set. */
export function useFilter(name: string): [string | null, (value: string | null) => void] {
  const [search, setSearch] = useSearchParams();
  const set = useCallback((value: string | null) => {
    setSearch((before) => {
      const after = new URLSearchParams(before);
      if (value === null || value === '') after.delete(name);
      else after.set(name, value);
      return after;
    }, { replace: true });
  }, [name, setSearch]);
  return [search.get(name), set];
}
