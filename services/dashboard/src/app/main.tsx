import './zod-settings.ts';
import '@mantine/core/styles.css';
import 'uplot/dist/uPlot.min.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import { MantineProvider } from '@mantine/core';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ProblemError } from './api/client.ts';
import { meQuery } from './api/queries.ts';
import { App } from './app.tsx';
import { startI18n } from './i18n/i18n.ts';
import { cssVariables, theme } from './theme.ts';

const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
// The scroll lock of dialogs (get-nonce) looks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that ended shows in whichever question was asked first; who is signed in is then asked anew.
    onError: (error, query) => { if (error instanceof ProblemError && error.problem.status === 401 && query.queryKey[0] !== 'me') void client.resetQueries({ queryKey: meQuery.queryKey }); },
  }),
  defaultOptions: { queries: { staleTime: 30_000, retry: (count, error) => count < 1 && error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 500), retryDelay: 800, refetchOnWindowFocus: true } },
});

startI18n();
const root = document.getElementById('root');
if (!root) throw new Error('the page has no root element');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={client}><BrowserRouter><App /></BrowserRouter></QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
