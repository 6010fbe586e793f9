import { routes, type RouteEntry } from '@csms/contracts/http/routes';
import { prototypeRoutes } from '@csms/contracts/http/legacy';
import { z } from 'zod';

type Known = (typeof routes)[number] | (typeof prototypeRoutes)[number];
type Method = Known['method'];
type PathOf<M extends Method> = Extract<Known, { method: M }>['path'];
const table: readonly RouteEntry[] = [...routes, ...prototypeRoutes];

/** Method, path and role of a route as the contracts' table has it: a route that is not in the table does not compile. */
export function at<M extends Method, P extends PathOf<M>>(method: M, path: P): { method: M; url: P; config: { role: RouteEntry['role']; staffToo: boolean; isCritical: boolean; isForPeople: boolean } } {
  const entry = table.find((route) => route.method === method && route.path === path);
  if (!entry) throw new Error(`${method} ${path} is not in the table of routes`);
  return { method, url: path, config: { role: entry.role, staffToo: entry.staffToo ?? false, isCritical: entry.isCritical ?? false, isForPeople: entry.isForPeople ?? false } };
}

/** For routes that take no query: an unknown parameter is refused, as everywhere. */
export const NoQuery = z.object({}).strict();
