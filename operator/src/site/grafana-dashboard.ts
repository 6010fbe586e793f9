interface Panel {
  title: string;
  description: string;
  unit: string;
  targets: { expr: string; legendFormat: string }[];
}

/** The panels of a namespace's page, in reading order. Each answers one question of somebody who looks after chargers. */
function panelsOf(namespace: string): Panel[] {
  const here = `namespace="${namespace}"`;
  const series = (expr: string, legendFormat: string): { expr: string; legendFormat: string } => ({ expr, legendFormat });
  return [
    { title: 'Connected chargers', description: 'Open sockets with an authenticated station, by gateway.', unit: 'short', targets: [series(`sum by (pod) (csms_gateway_connections{${here}})`, '{{pod}}')] },
    { title: 'By OCPP version', description: 'Which dialects are spoken now.', unit: 'short', targets: [series(`sum by (ocpp_version) (csms_gateway_connections{${here}})`, '{{ocpp_version}}')] },
    { title: 'Handshakes', description: 'Upgrade requests a second by what came of them.', unit: 'reqps', targets: [series(`sum by (result) (rate(csms_gateway_handshakes_total{${here}}[$__rate_interval]))`, '{{result}}')] },
    { title: 'Sockets that ended', description: 'Closed sockets a second by why.', unit: 'reqps', targets: [series(`sum by (reason) (rate(csms_gateway_closes_total{${here}}[$__rate_interval]))`, '{{reason}}')] },
    { title: 'OCPP calls', description: 'Calls a second by action and direction.', unit: 'reqps', targets: [series(`sum by (direction, action) (rate(csms_ocpp_calls_total{${here}}[$__rate_interval]))`, '{{direction}} {{action}}')] },
    { title: 'Commands', description: 'Commands a second that ended, by outcome.', unit: 'reqps', targets: [series(`sum by (outcome) (rate(csms_commands_total{${here}}[$__rate_interval]))`, '{{outcome}}')] },
    { title: 'Deviations from the standard', description: 'What stations do differently, by kind.', unit: 'reqps', targets: [series(`sum by (kind) (rate(csms_ocpp_deviations_total{${here}}[$__rate_interval]))`, '{{kind}}')] },
    { title: 'Bus and draining', description: '1 where a gateway reaches the bus, and where one is draining.', unit: 'short', targets: [series(`csms_bus_up{${here}}`, 'bus {{pod}}'), series(`csms_gateway_draining{${here}}`, 'draining {{pod}}')] },
  ];
}

/** A page of Grafana about the gateways of one namespace, as the object that its provisioning reads. */
export function gatewayDashboard(namespace: string): Record<string, unknown> {
  const datasource = { type: 'prometheus', uid: '${datasource}' };
  const [width, height] = [12, 8];
  return {
    uid: `csms-${namespace}`.slice(0, 40),
    title: `Charging sites of ${namespace}`,
    tags: ['csms'],
    editable: false,
    timezone: 'browser',
    time: { from: 'now-6h', to: 'now' },
    refresh: '1m',
    schemaVersion: 39,
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' }] },
    panels: panelsOf(namespace).map(({ title, description, unit, targets }, index) => ({
      id: index + 1,
      type: 'timeseries',
      title,
      description,
      datasource,
      gridPos: { x: (index % 2) * width, y: Math.floor(index / 2) * height, w: width, h: height },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      targets: targets.map((target, place) => ({ refId: String.fromCharCode(65 + place), datasource, ...target })),
    })),
  };
}
