import type { ConfigurationTemplate, ConfiguredKey, DifferingStation } from '@csms/contracts/http/configuration';
import { differencesOf, mergeTemplates, type KnownValue } from '@csms/domain/station-configuration/differences';
import { standardKey } from '@csms/domain/station-configuration/standard-keys';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { z } from 'zod';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';
import { audit, type Actor } from '../register.ts';

interface ValueRow { station_id: string; key: string; value: string | null; pending_value: string | null; is_known: boolean; is_readonly: boolean; source: 'read' | 'changed'; at: Date; command_id: string }

/** What a station told of its configuration, by key. */
export async function listConfiguredKeys(db: Queryable, stationId: string, request: PageRequest): Promise<PageRead<ConfiguredKey>> {
  const where = new Where().add('station_id = ?', stationId);
  if (request.after) where.add('key > ?', ...request.after);
  const { rows } = await db.query<ValueRow>(`SELECT * FROM configuration_value ${where.sql} ORDER BY key LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key], (row) => {
    const known = standardKey(row.key);
    return { key: row.key, value: row.value, pendingValue: row.pending_value, isKnown: row.is_known, isReadonly: row.is_readonly, type: known?.type ?? null, unit: known?.unit ?? null, source: row.source, at: iso(row.at), commandId: row.command_id };
  });
}

/** Sets the one template of the tenant or of a site. Resolves with its id. */
export async function setTemplate(client: pg.ClientBase, template: { siteId: string | null; wanted: Record<string, string> }, actor: Actor): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO configuration_template (tenant_id, id, site_id, wanted, updated_by, updated_at) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, site_id) DO UPDATE SET wanted = excluded.wanted, updated_by = excluded.updated_by, updated_at = excluded.updated_at RETURNING id`,
    [uuidv7(), template.siteId, JSON.stringify(template.wanted), actor.name, actor.now]);
  await audit(client, actor, 'configuration-template.set', rows[0]!.id, template);
  return rows[0]!.id;
}

export async function deleteTemplate(client: pg.ClientBase, id: string, actor: Actor): Promise<true | null> {
  const { rowCount } = await client.query('DELETE FROM configuration_template WHERE id = $1', [id]);
  if (rowCount === 0) return null;
  await audit(client, actor, 'configuration-template.delete', id, null);
  return true;
}

interface TemplateRow { id: string; site_id: string | null; wanted: unknown; updated_by: string; updated_at: Date }
const Wanted = z.record(z.string(), z.string());

export async function listTemplates(db: Queryable, request: PageRequest): Promise<PageRead<ConfigurationTemplate>> {
  const where = new Where();
  if (request.after) where.add('id > ?', ...request.after);
  const { rows } = await db.query<TemplateRow>(`SELECT * FROM configuration_template ${where.sql} ORDER BY id LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.id], shownTemplate);
}

export async function readTemplate(db: Queryable, id: string): Promise<ConfigurationTemplate | null> {
  const { rows } = await db.query<TemplateRow>('SELECT * FROM configuration_template WHERE id = $1', [id]);
  return rows[0] ? shownTemplate(rows[0]) : null;
}

function shownTemplate(row: TemplateRow): ConfigurationTemplate {
  return { id: row.id, siteId: row.site_id, wanted: Wanted.parse(row.wanted), updatedBy: row.updated_by, updatedAt: iso(row.updated_at) };
}

/** Stations that are not what their templates want, by identity. As many stations as `limit` are looked at for a page, so it may have fewer. */
export async function listDifferences(db: Queryable, request: PageRequest, filter: { siteId?: string | undefined; stationId?: string | undefined }): Promise<PageRead<DifferingStation>> {
  const { rows: templates } = await db.query<TemplateRow>('SELECT * FROM configuration_template');
  const bySite = new Map(templates.map((row) => [row.site_id, Wanted.parse(row.wanted)]));
  if (bySite.size === 0) return { items: [], next: null };
  const where = new Where();
  if (filter.siteId) where.add('s.site_id = ?', filter.siteId);
  if (filter.stationId) where.add('s.id = ?', filter.stationId);
  if (request.after) where.add('(s.identity, s.id) > (?, ?)', ...request.after);
  const { rows } = await db.query<{ id: string; identity: string; site_id: string; online: boolean }>(
    `SELECT s.id, s.identity, s.site_id, s.online FROM station s JOIN site si ON si.tenant_id = s.tenant_id AND si.id = s.site_id AND si.state = 'active' ${where.sql} ORDER BY s.identity, s.id LIMIT ${where.value(limitOf(request))}`, where.values);
  const values = await db.query<ValueRow>('SELECT * FROM configuration_value WHERE station_id = ANY ($1::uuid[])', [rows.map((row) => row.id)]);
  const known = new Map<string, { readAt: Date; values: Map<string, KnownValue> }>();
  for (const row of values.rows) {
    const of = known.get(row.station_id) ?? { readAt: row.at, values: new Map<string, KnownValue>() };
    if (row.at > of.readAt) of.readAt = row.at;
    of.values.set(row.key.toLowerCase(), { value: row.value, isKnown: row.is_known, pendingValue: row.pending_value });
    known.set(row.station_id, of);
  }
  const page = cutPage(rows, request, (row) => [row.identity, row.id], (row): DifferingStation => ({
    stationId: row.id, stationIdentity: row.identity, siteId: row.site_id, online: row.online, readAt: isoOrNull(known.get(row.id)?.readAt ?? null),
    differences: differencesOf(mergeTemplates(bySite.get(null) ?? null, bySite.get(row.site_id) ?? null), known.get(row.id)?.values ?? new Map()),
  }));
  return { ...page, items: page.items.filter((station) => station.differences.length > 0) };
}
