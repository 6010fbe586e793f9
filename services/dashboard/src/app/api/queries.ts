import { Command, CommandPage, type StationCommandRequest } from '@csms/contracts/http/commands';
import { Me, Tariff, TariffPage, Token, TokenPage } from '@csms/contracts/http/commerce';
import { Enrolment } from '@csms/contracts/http/drivers';
import { ModelList, SiteForecast } from '@csms/contracts/http/forecasts';
import { LabActionResult, LabProof, LabState, type LabAction } from '@csms/contracts/http/lab';
import { Session, SessionCurve, SessionExplanation, SessionPage } from '@csms/contracts/http/sessions';
import { Overview, SitePage } from '@csms/contracts/http/sites';
import { KnockingPage, Station, StationCreated, StationPage } from '@csms/contracts/http/stations';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { callApi, queryString } from './client.ts';

/*
 * Every question that a screen asks, with its key. The live stream patches and invalidates by these keys (live/apply-changes.ts).
 */
const get = <T>(schema: z.ZodType<T>, path: string) => ({ signal }: { signal: AbortSignal }): Promise<T> => callApi(schema, path, { signal });

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: get(Me, '/me'), staleTime: 300_000 });
export const sitesQuery = queryOptions({ queryKey: ['sites'], queryFn: get(SitePage, '/sites?limit=500') });
export const overviewQuery = (siteId: string | null) => queryOptions({ queryKey: ['overview', siteId], queryFn: get(Overview, `/overview${queryString({ siteId })}`) });
export const stationQuery = (id: string) => queryOptions({ queryKey: ['station', id], queryFn: get(Station, `/stations/${id}`) });
export const knockingQuery = queryOptions({ queryKey: ['knocking'], queryFn: get(KnockingPage, '/stations/knocking') });
export const sessionQuery = (id: string) => queryOptions({ queryKey: ['session', id], queryFn: get(Session, `/sessions/${id}`) });
export const curveQuery = (id: string) => queryOptions({ queryKey: ['curve', id], queryFn: get(SessionCurve, `/sessions/${id}/curve`) });
export const explanationQuery = (id: string) => queryOptions({ queryKey: ['explanation', id], queryFn: get(SessionExplanation, `/sessions/${id}/explanation`) });
export const commandsQuery = (stationId: string) => queryOptions({ queryKey: ['commands', stationId], queryFn: get(CommandPage, `/commands${queryString({ stationId, limit: 10 })}`) });
export const tariffsQuery = queryOptions({ queryKey: ['tariffs'], queryFn: get(TariffPage, '/tariffs?limit=200') });
export const forecastQuery = (siteId: string) => queryOptions({ queryKey: ['forecast', siteId], queryFn: get(SiteForecast, `/forecasts/${siteId}`) });
export const modelsQuery = (siteId: string) => queryOptions({ queryKey: ['models', siteId], queryFn: get(ModelList, `/models/${siteId}`) });
/** The lab's facts live outside the books, so the stream says nothing of them: asked again and again while the page is open. */
export const labStateQuery = queryOptions({ queryKey: ['lab-state'], queryFn: get(LabState, '/lab/state'), refetchInterval: 1_000 });
export const labProofQuery = queryOptions({ queryKey: ['lab-proof'], queryFn: get(LabProof, '/lab/proof'), refetchInterval: 2_000 });

const pageSize = 100;
export const stationsQuery = (filter: { siteId: string | null; status?: string | null; search?: string | null }) =>
  infiniteQueryOptions({
    queryKey: ['stations', filter], initialPageParam: null as string | null, getNextPageParam: (page: z.infer<typeof StationPage>) => page.nextCursor,
    queryFn: ({ pageParam, signal }) => callApi(StationPage, `/stations${queryString({ ...filter, limit: pageSize, cursor: pageParam })}`, { signal }),
  });
export const sessionsQuery = (filter: { siteId?: string | null; stationId?: string; state?: string | null; from?: string | null }, limit = 50) =>
  infiniteQueryOptions({
    queryKey: ['sessions', filter, limit], initialPageParam: null as string | null, getNextPageParam: (page: z.infer<typeof SessionPage>) => page.nextCursor,
    queryFn: ({ pageParam, signal }) => callApi(SessionPage, `/sessions${queryString({ ...filter, limit, cursor: pageParam })}`, { signal }),
  });
export const tokensQuery = infiniteQueryOptions({
  queryKey: ['tokens'], initialPageParam: null as string | null, getNextPageParam: (page: z.infer<typeof TokenPage>) => page.nextCursor,
  queryFn: ({ pageParam, signal }) => callApi(TokenPage, `/tokens${queryString({ limit: pageSize, cursor: pageParam })}`, { signal }),
});

/** Asks a station to do something; the key makes a repeated press the same command (idempotent at the API). */
export function sendCommand(stationId: string, command: StationCommandRequest, idempotencyKey: string): Promise<Command> {
  return callApi(Command, `/stations/${stationId}/commands`, { method: 'POST', body: { command }, headers: { 'idempotency-key': idempotencyKey } });
}
export function createStation(body: { siteId: string; identity: string }): Promise<z.infer<typeof StationCreated>> {
  return callApi(StationCreated, '/stations', { method: 'POST', body });
}
export function createToken(body: { uid: string; kind: string; driverName: string | null }): Promise<z.infer<typeof Token>> {
  return callApi(Token, '/tokens', { method: 'POST', body });
}
export const enrolmentQuery = (id: string) => queryOptions({ queryKey: ['enrolment', id], queryFn: get(Enrolment, `/enrolments/${id}`) });
export function openEnrolment(stationId: string): Promise<Enrolment> {
  return callApi(Enrolment, `/stations/${stationId}/enrolments`, { method: 'POST', body: {} });
}
export function acceptEnrolment(id: string, body: { driverName: string | null }): Promise<z.infer<typeof Token>> {
  return callApi(Token, `/enrolments/${id}/acceptance`, { method: 'POST', body });
}
export function closeEnrolment(id: string): Promise<Enrolment> {
  return callApi(Enrolment, `/enrolments/${id}`, { method: 'DELETE' });
}
export function setTokenStatus(id: string, status: 'active' | 'blocked'): Promise<z.infer<typeof Token>> {
  return callApi(Token, `/tokens/${id}`, { method: 'PATCH', body: { status } });
}
export function createTariff(body: Omit<Tariff, 'id'>): Promise<Tariff> {
  return callApi(Tariff, '/tariffs', { method: 'POST', body });
}
export function labAction(body: LabAction): Promise<z.infer<typeof LabActionResult>> {
  return callApi(LabActionResult, '/lab/actions', { method: 'POST', body });
}
