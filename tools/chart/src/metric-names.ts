import { createMetrics } from '@csms/kit';
import { gatewayMetrics } from '@csms/ocpp-gateway/metrics';
import { controllerMetrics } from '@csms/operator/metrics';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A metric of one of our processes and the labels that its series have. */
export interface KnownMetric { name: string; type: string; labels: string[] }

const declared = /new (Counter|Gauge|Histogram)\(\{\s*name: '([a-z_0-9]+)', help: '(?:[^'\\]|\\.)*'(?:, labelNames: \[([^\]]*)\])?/g;

/**
 * What the processes really register: those of gateway, operator and Node from their registries, those that need a running API or a database from where
 * they are declared.
 */
export async function knownMetrics(root: string): Promise<KnownMetric[]> {
  const registry = createMetrics('any');
  controllerMetrics(registry);
  const live = [...(await registry.getMetricsAsJSON()), ...(await gatewayMetrics().registry.getMetricsAsJSON())].map(({ name, type }) => ({ name, type: String(type), labels: [] as string[] }));
  const written = sourcesOf(root).flatMap((file) => [...readFileSync(file, 'utf8').matchAll(declared)].map(([, type, name, labels]) => ({
    name: name!, type: type!.toLowerCase(), labels: [...(labels ?? '').matchAll(/'([a-z_]+)'/g)].map(([, label]) => label!),
  })));
  const byName = new Map([...live, ...written].map((metric) => [metric.name, metric]));
  return [...byName.values()];
}

function sourcesOf(root: string): string[] {
  return ['services/api/src', 'services/ocpp-gateway/src', 'services/mirror/src', 'operator/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).map((file) => join(root, folder, file)));
}

/** The metrics that an expression names, a histogram by its own name, with the labels that its selectors use. */
export function usedMetrics(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:csms|controller_runtime|workqueue|rest_client|nodejs|process)_[a-z_0-9]+)(?:\{([^}]*)\})?/g)].map(([, name, selector]) => ({
    name: name!.replace(/_(bucket|count|sum)$/, ''), labels: [...(selector ?? '').matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
  }));
}
