import { useMemo } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { meQuery, sitesQuery } from './api/queries.ts';
import { createFormats, type Formats, type Language } from './formats.ts';
import { useSiteId } from './site-choice.ts';

const indonesia = 'Asia/Jakarta';

/** The formats of the chosen language in a site's zone: the given site's, else the chosen one's, else the tenant's first. */
export function useFormats(siteId?: string | null): Formats {
  const { i18n } = useTranslation();
  const chosen = useSiteId();
  const sites = useQuery(sitesQuery);
  const wanted = siteId ?? chosen;
  const site = sites.data?.items.find((each) => each.id === wanted) ?? sites.data?.items[0];
  const timeZone = site?.timeZone ?? indonesia;
  const language: Language = i18n.language === 'en' ? 'en' : 'id';
  return useMemo(() => createFormats(language, timeZone), [language, timeZone]);
}

/** The smallest role that counts, e.g. `can('operator')`; a tenant's roles rise viewer, operator, admin. */
export function useCan(): (role: 'operator' | 'admin') => boolean {
  const me = useQuery(meQuery);
  const roles = me.data?.roles ?? [];
  return (role) => roles.includes('admin') || roles.includes(role);
}
