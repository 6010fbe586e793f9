import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes, useLocation } from 'react-router';
import { ProblemError } from './api/client.ts';
import { meQuery } from './api/queries.ts';
import { Frame } from './frame/frame.tsx';
import { pages } from './frame/pages.ts';
import { LiveProvider } from './live/live-context.tsx';
import { Overview } from './overview/overview.tsx';
import { BrokenScreen } from './parts/broken-screen.tsx';
import { FirstUse, ProblemMessage, SkeletonRows } from './parts/data-states.tsx';
import { Landing } from './sign-in/landing.tsx';
import { Stations } from './stations/stations.tsx';

// What an attendant opens first comes with the page; the rest when it is asked for.
const Sessions = lazy(() => import('./sessions/sessions.tsx').then((module) => ({ default: module.Sessions })));
const StationPage = lazy(() => import('./station/station-page.tsx').then((module) => ({ default: module.StationPage })));
const SessionPage = lazy(() => import('./session/session-page.tsx').then((module) => ({ default: module.SessionPage })));
const Cards = lazy(() => import('./cards/cards.tsx').then((module) => ({ default: module.Cards })));
const Tariffs = lazy(() => import('./tariffs/tariffs.tsx').then((module) => ({ default: module.Tariffs })));
const Models = lazy(() => import('./models/models.tsx').then((module) => ({ default: module.Models })));
const StaffLanding = lazy(() => import('./sign-in/staff-landing.tsx').then((module) => ({ default: module.StaffLanding })));
const Lab = lazy(() => import('./lab/lab.tsx').then((module) => ({ default: module.Lab })));

export function App() {
  const me = useQuery(meQuery);
  const { pathname } = useLocation();
  useTitle();
  if (me.data && me.data.tenant === null) return <Suspense fallback={<SkeletonRows rows={3} />}><StaffLanding me={me.data} /></Suspense>;
  if (me.data) {
    return (
      <LiveProvider>
        <Frame me={me.data}>
          <BrokenScreen key={pathname}><Suspense fallback={<SkeletonRows rows={8} />}>
            <Routes>
              <Route path="/" element={<Overview />} />
              <Route path="/stations" element={<Stations />} />
              <Route path="/stations/:id" element={<StationPage />} />
              <Route path="/sessions" element={<Sessions />} />
              <Route path="/sessions/:id" element={<SessionPage />} />
              <Route path="/cards" element={<Cards />} />
              <Route path="/tariffs" element={<Tariffs />} />
              <Route path="/models" element={<Models />} />
              <Route path="/lab" element={<Lab />} />
              <Route path="*" element={<NotFound />} />
            </Routes>
          </Suspense></BrokenScreen>
        </Frame>
      </LiveProvider>
    );
  }
  if (me.error instanceof ProblemError && me.error.problem.status === 401) return <Landing />;
  if (me.error) return <main className="landing"><div className="box"><ProblemMessage error={me.error} onRetry={() => void me.refetch()} /></div></main>;
  return <main className="landing"><div className="box"><SkeletonRows rows={3} /></div></main>;
}

function NotFound() {
  const { t } = useTranslation();
  return <FirstUse title={t('state.notFound')} detail={t('state.notFoundDetail')} />;
}

/** The tab says which screen it is. */
function useTitle(): void {
  const { t, i18n } = useTranslation();
  const { pathname } = useLocation();
  useEffect(() => {
    const page = pages.find((each) => (each.path === '/' ? pathname === '/' : pathname.startsWith(each.path)));
    document.title = page ? `${t(`nav.${page.name}`)} · ${t('app.name')}` : t('app.name');
  }, [pathname, t, i18n.language]);
}
