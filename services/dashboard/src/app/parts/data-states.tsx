import { Button, CopyButton, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../api/client.ts';

/** A command to copy: the next step where there is nothing yet. */
export function CopyLine({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div className="copy-line">
      <code>{text}</code>
      <CopyButton value={text}>{({ copied, copy }) => <Button size="compact-xs" variant="subtle" onClick={copy}>{copied ? t('common.copied') : t('common.copy')}</Button>}</CopyButton>
    </div>
  );
}

/** First use: what is missing, what it means, and the next step. */
export function FirstUse({ title, detail, command, children }: { title: string; detail: string; command?: string; children?: ReactNode }) {
  return <div className="message"><p className="title">{title}</p><p className="detail">{detail}</p>{command !== undefined && <CopyLine text={command} />}{children}</div>;
}

/** Filters that leave nothing: which one to drop. */
export function NoMatch({ filters, onClear }: { filters: string[]; onClear: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="message">
      <p className="title">{t('state.noMatch')}</p>
      <p className="detail">{t('state.noMatchDetail', { filters: filters.join(', ') })}</p>
      <Button variant="default" size="sm" onClick={onClear}>{t('common.clearFilters')}</Button>
    </div>
  );
}

const explained = ['no-connection', 'api-unreachable', 'identity-unavailable', 'unexpected-answer', 'books-unavailable', 'lab-unreachable', 'session-not-active', 'already-registered', 'too-many-requests'] as const;

/** What went wrong in words, what to do, and the trace id for whoever looks into it. */
export function ProblemMessage({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const problem = error instanceof ProblemError ? error.problem : null;
  if (problem?.status === 403) return <div className="message" role="alert"><p className="title">{t('state.noPermission')}</p><p className="detail">{t('state.noPermissionDetail')}</p></div>;
  if (problem?.status === 404) return <div className="message" role="alert"><p className="title">{t('state.notFound')}</p><p className="detail">{t('state.notFoundDetail')}</p></div>;
  const code = explained.find((each) => each === problem?.code);
  return (
    <div className="message" role="alert">
      <p className="title">{t('state.errorTitle')}</p>
      <p className="detail">{code ? t(`problem.${code}`) : t('problem.other', { detail: problem ? [problem.title, problem.detail].filter(Boolean).join('. ') : error.message })}</p>
      {problem?.traceId !== undefined && <TraceId id={problem.traceId} />}
      {onRetry && <Button variant="default" size="sm" onClick={onRetry}>{t('common.retry')}</Button>}
    </div>
  );
}

function TraceId({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <p className="trace">{t('common.trace')} <code>{id}</code>
      <CopyButton value={id}>{({ copied, copy }) => <Button className="inline-button" size="compact-xs" variant="subtle" onClick={copy}>{copied ? t('common.copied') : t('common.copy')}</Button>}</CopyButton>
    </p>
  );
}

/** Rows of the height of real ones, so that nothing jumps when they come. */
export function SkeletonRows({ rows = 6, height = 20 }: { rows?: number; height?: number }) {
  const { t } = useTranslation();
  return (
    <div className="body" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, index) => <Skeleton key={index} height={height} my={12} radius={4} width={`${92 - (index % 3) * 9}%`} />)}
    </div>
  );
}

/** A question's three endings: still loading (the skeleton), a problem (with retry), or the data. Data that is there stays while it is asked again. */
export function Answer<T>({ query, skeleton, children }: { query: UseQueryResult<T>; skeleton?: ReactNode; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ProblemMessage error={query.error} onRetry={() => void query.refetch()} />;
  return <>{skeleton ?? <SkeletonRows rows={3} />}</>;
}
