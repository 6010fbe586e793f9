import { describe, expect, it } from 'vitest';
import { httpRouteKind, networkPolicyKind, serviceMonitorKind, tlsRouteKind } from './kind.ts';
import { OfferedKinds } from './offered-kinds.ts';

describe('which kinds a cluster offers', () => {
  it('O-31 follows what it says, kind by kind, and asks once a group version', async () => {
    const served: Record<string, string[]> = { 'networking.k8s.io/v1': ['networkpolicies', 'ingresses'], 'gateway.networking.k8s.io/v1': ['httproutes', 'httproutes/status'] };
    const asked: string[] = [];
    const kinds = new OfferedKinds({ resources: async (version) => (asked.push(version), served[version] ?? []) }, [networkPolicyKind, httpRouteKind, tlsRouteKind, serviceMonitorKind]);
    expect(await kinds.refresh()).toEqual({ appeared: [networkPolicyKind, httpRouteKind], gone: [], failed: [], asked: 3 });
    expect(asked).toHaveLength(3);
    expect([networkPolicyKind, httpRouteKind, tlsRouteKind, serviceMonitorKind].map((kind) => kinds.has(kind))).toEqual([true, true, false, false]);
    served['monitoring.coreos.com/v1'] = ['servicemonitors'];
    served['gateway.networking.k8s.io/v1'] = [];
    expect(await kinds.refresh()).toMatchObject({ appeared: [serviceMonitorKind], gone: [httpRouteKind] });
    expect(await kinds.refresh()).toMatchObject({ appeared: [], gone: [] });
  });

  it('O-31 takes a group that gives no answer for what it was before', async () => {
    let away = false;
    const kinds = new OfferedKinds({ resources: async () => (away ? Promise.reject(new Error('503')) : ['networkpolicies']) }, [networkPolicyKind]);
    await kinds.refresh();
    away = true;
    expect(await kinds.refresh()).toEqual({ appeared: [], gone: [], failed: ['networking.k8s.io/v1'], asked: 1 });
    expect(kinds.has(networkPolicyKind)).toBe(true);
  });
});
