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

/** How a list over several sites writes times: each in its own site's zone, which is named beside it when the sites do not share one. */
export function useSiteFormats(): { of: (siteId: string) => Formats; moment: (siteId: string, at: string, nowMs: number) => string; mixed: boolean } {
  const { i18n } = useTranslation();
  const chosen = useSiteId();
  const sites = useQuery(sitesQuery);
  const language: Language = i18n.language === 'en' ? 'en' : 'id';
  return useMemo(() => {
    const zones = new Map(sites.data?.items.map((site) => [site.id, site.timeZone]));
    const byZone = new Map<string, Formats>();
    const of = (siteId: string): Formats => {
      const zone = zones.get(siteId) ?? sites.data?.items[0]?.timeZone ?? indonesia;
      let formats = byZone.get(zone);
      if (!formats) byZone.set(zone, (formats = createFormats(language, zone)));
      return formats;
    };
    const mixed = chosen === null && new Set(zones.values()).size > 1;
    const moment = (siteId: string, at: string, nowMs: number): string => { const f = of(siteId); return mixed ? `${f.moment(at, nowMs)}\u00a0${f.zone(at)}` : f.moment(at, nowMs); };
    return { of, moment, mixed };
  }, [chosen, language, sites.data]);
}

/** The smallest role that counts, e.g. `can('operator')`; a tenant's roles rise viewer, operator, admin. */
export function useCan(): (role: 'operator' | 'admin') => boolean {
  const me = useQuery(meQuery);
  const roles = me.data?.roles ?? [];
  return (role) => roles.includes('admin') || roles.includes(role);
}
