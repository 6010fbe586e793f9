import { Drawer, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconSearch } from '@tabler/icons-react';
import type { Me } from '@csms/contracts/http/index';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, useLocation, useNavigate, useSearchParams } from 'react-router';
import { sitesQuery } from '../api/queries.ts';
import { useLive } from '../live/live-context.tsx';
import { useSiteId, useTo } from '../site-choice.ts';
import { useCan, useFormats, useSiteFormats } from '../use-formats.tsx';
import { AccountMenu } from './account-menu.tsx';
import { ActingBanner } from './acting-banner.tsx';
import { Brand } from './brand.tsx';
import { LiveBanner, LivePill, useStale } from './live-status.tsx';
import { pages } from './pages.ts';
import { ShortcutHelp, useShortcuts } from './shortcuts.tsx';

/** Lists use the whole width; everything else stays readable at 1,280 px. */
const fullWidth = /^\/(stations|sessions|cards|tariffs)\/?$/;

export function Frame({ me, children }: { me: Me; children: ReactNode }) {
  const { t } = useTranslation();
  const to = useTo();
  const can = useCan();
  const stale = useStale();
  const { pathname } = useLocation();
  const [help, helpActions] = useDisclosure(false);
  const [more, moreActions] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const labVisible = me.mode === 'lab' && can('operator');
  const navigate = useNavigate();
  const onSearch = useCallback(() => {
    // On a phone the field is on the list of stations.
    if (search.current && search.current.offsetParent !== null) search.current.focus();
    else void navigate(to('/stations?find=1'));
  }, [navigate, to]);
  useShortcuts({ labVisible, onHelp: helpActions.open, onSearch });

  // A new screen starts at its head, for the eye and for a screen reader.
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    moreActions.close();
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname, moreActions]);

  const visible = pages.filter((page) => page.name !== 'lab' || labVisible);
  return (
    <div className={me.mode === 'lab' ? 'has-lab' : undefined}>
      <a className="skip" href="#main">{t('app.skip')}</a>
      {me.mode === 'lab' && <div className="lab-stripe" role="note" aria-label={t('app.lab')} title={t('app.lab')} />}
      <div className="frame">
        <nav className="rail" aria-label={t('nav.main')}>
          <NavLink className="brand" to={to('/')} aria-label={t('app.name')}><Brand /></NavLink>
          {visible.map((page) => <NavLink key={page.name} className="item" to={to(page.path)} end={page.path === '/'} title={t(`nav.${page.name}`)}><page.icon size={20} stroke={1.6} aria-hidden="true" /><span className="label">{t(`nav.${page.name}`)}</span></NavLink>)}
          {me.mode === 'lab' && <p className="foot">{t('app.lab')}</p>}
        </nav>
        <div className="column">
          <header className="top">
            <SiteChoice />
            <StationSearch ref={search} />
            <LivePill />
            <AccountMenu me={me} onHelp={helpActions.open} />
          </header>
          <ActingBanner me={me} />
          <LiveBanner />
          <main id="main" ref={main} tabIndex={-1} data-stale={stale} className={fullWidth.test(pathname) ? 'full' : undefined}>
            {stale && <StaleNote />}
            {children}
          </main>
        </div>
      </div>
      <nav className="bottom-bar" aria-label={t('nav.main')}>
        {visible.slice(0, 4).map((page) => <NavLink key={page.name} to={to(page.path)} end={page.path === '/'}><page.icon size={22} stroke={1.6} aria-hidden="true" />{t(`nav.${page.name}`)}</NavLink>)}
        <button type="button" onClick={moreActions.open} aria-haspopup="dialog" aria-expanded={more}><IconDots size={22} aria-hidden="true" />{t('nav.more')}</button>
      </nav>
      <Drawer opened={more} onClose={moreActions.close} position="bottom" size="auto" title={t('nav.more')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        <div className="more-list">
          {visible.slice(4).map((page) => <NavLink key={page.name} to={to(page.path)} onClick={moreActions.close}><page.icon size={20} stroke={1.6} aria-hidden="true" />{t(`nav.${page.name}`)}</NavLink>)}
        </div>
      </Drawer>
      <ShortcutHelp opened={help} onClose={helpActions.close} labVisible={labVisible} />
    </div>
  );
}

/** Said aloud and written at the head of the greyed figures. */
function StaleNote() {
  const { t } = useTranslation();
  const f = useFormats();
  const live = useLive();
  return <p className="stale-note" role="status">{t('live.stale', { age: f.timeWithZone(live.lastHeardAtMs ?? Date.now()) })}</p>;
}

function SiteChoice() {
  const { t } = useTranslation();
  const sites = useQuery(sitesQuery);
  const siteId = useSiteId();
  const [, setSearch] = useSearchParams();
  const items = sites.data?.items ?? [];
  return (
    <Select
      className="site" aria-label={t('top.site')} allowDeselect={false} searchable={items.length > 8} comboboxProps={{ shadow: 'sm' }}
      data={[{ value: '', label: t('top.allSites') }, ...items.map((site) => ({ value: site.id, label: site.displayName }))]} value={siteId ?? ''}
      onChange={(value) => setSearch((before) => { const after = new URLSearchParams(before); if (value) after.set('site', value); else after.delete('site'); return after; })}
    />
  );
}

function StationSearch({ ref }: { ref: React.RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation();
  const to = useTo();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  return (
    <form className="search" role="search" onSubmit={(event) => { event.preventDefault(); void navigate(to(`/stations${text.trim() === '' ? '' : `?search=${encodeURIComponent(text.trim())}`}`)); ref.current?.blur(); }}>
      <TextInput
        ref={ref} type="search" aria-label={t('top.search')} placeholder={t('top.searchHint')} leftSection={<IconSearch size={16} aria-hidden="true" />} value={text} onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => { if (event.key === 'Escape') { setText(''); event.currentTarget.blur(); } }}
      />
    </form>
  );
}

/** The zone that the times of this screen are in, named once; or that each time names its own. */
export function ZoneNote({ siteId }: { siteId?: string | null }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const { mixed } = useSiteFormats();
  return <>{mixed && (siteId ?? null) === null ? t('common.zoneMixed') : t('common.zone', { zone: f.zone(Date.now()) })}</>;
}
