import type { Dashboard, Panel } from './dashboard.ts';

const rate = (series: string): string => `rate(${series}[$__rate_interval])`;
const quantile = (q: number, metric: string, by: string, where = ''): string => `histogram_quantile(${q}, sum by (le${by === '' ? '' : `, ${by}`}) (${rate(`${metric}_bucket${where}`)}))`;
const latency = (title: string, description: string, metric: string, limit: number, where = ''): Panel => ({
  title, description, unit: 's', limit, queries: [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, metric, '', where), legend: `p${q * 100}` })),
});

const fromStation = '{direction="from-station"}';
const failed = 'csms_ocpp_calls_total{direction="from-station",result=~"failed|books-unavailable"}';

/** What Grafana is provisioned with: a page a question, a row a smaller one. Every expression names metrics that our processes have. */
export const dashboards: Dashboard[] = [
  {
    uid: 'csms-fleet', title: 'Fleet and service levels', description: 'Is the platform well, and does it keep its promises?',
    rows: [
      { question: 'Do we keep what we promised?', panels: [
        { title: 'Messages answered', description: 'Share of the messages of stations that got an answer without an internal error in the last 24 hours; promised 99.9 %.', unit: 'percentunit', kind: 'stat', queries: [{ expr: `1 - (sum(rate(${failed}[24h])) or vector(0)) / sum(rate(csms_ocpp_calls_total${fromStation}[24h]))`, legend: 'answered' }] },
        { title: 'API answered', description: 'Share of API answers that were not 5xx in the last 24 hours; promised 99.9 %.', unit: 'percentunit', kind: 'stat', queries: [{ expr: '1 - (sum(rate(csms_api_request_duration_seconds_count{status=~"5.."}[24h])) or vector(0)) / sum(rate(csms_api_request_duration_seconds_count[24h]))', legend: 'answered' }] },
        { title: 'Stations connected', description: 'Open sockets of stations that proved who they are.', unit: 'short', kind: 'stat', queries: [{ expr: 'sum(csms_gateway_connections)', legend: 'connected' }] },
      ] },
      { question: 'Who is connected?', panels: [
        { title: 'Stations by tenant', description: 'Connected stations of each tenant. A step down is a site or a network that went away.', unit: 'short', queries: [{ expr: 'sum by (tenant) (csms_gateway_connections)', legend: '{{tenant}}' }] },
        { title: 'Stations by OCPP version', description: 'Which versions the fleet speaks.', unit: 'short', queries: [{ expr: 'sum by (ocpp_version) (csms_gateway_connections)', legend: '{{ocpp_version}}' }] },
        { title: 'Stations by security profile', description: 'In production nobody is below profile 2.', unit: 'short', queries: [{ expr: 'sum by (security_profile) (csms_gateway_connections)', legend: 'profile {{security_profile}}' }] },
      ] },
    ],
  },
  {
    uid: 'csms-gateway', title: 'Gateways and OCPP', description: 'What stations ask, how fast they are answered, and what goes wrong on the way.',
    rows: [
      { question: 'What do stations ask, and are they answered?', panels: [
        { title: 'Messages of stations', description: 'Messages a second by action.', unit: 'reqps', queries: [{ expr: `sum by (action) (${rate(`csms_ocpp_calls_total${fromStation}`)})`, legend: '{{action}}' }] },
        { title: 'Messages that were not answered well', description: 'By result: invalid and refused are the station’s doing, failed and books-unavailable are ours.', unit: 'reqps', queries: [{ expr: `sum by (result) (${rate('csms_ocpp_calls_total{direction="from-station",result!="answered"}')})`, legend: '{{result}}' }] },
        latency('Time to answer', 'From a message to its answer, commit included; promised 250 ms for 99 %.', 'csms_ocpp_call_duration_seconds', 0.25, fromStation),
      ] },
      { question: 'Who comes and goes?', panels: [
        { title: 'Handshakes', description: 'Upgrade requests by what came of them.', unit: 'reqps', queries: [{ expr: `sum by (result) (${rate('csms_gateway_handshakes_total')})`, legend: '{{result}}' }] },
        { title: 'Sockets that ended', description: 'Sockets that were closed, by the reason.', unit: 'reqps', queries: [{ expr: `sum by (reason) (${rate('csms_gateway_closes_total')})`, legend: '{{reason}}' }] },
        { title: 'Sockets of the same station', description: 'Takeovers: a station that came anew, or two devices with one identity.', unit: 'reqps', queries: [{ expr: `sum by (outcome) (${rate('csms_gateway_duplicate_connections_total')})`, legend: '{{outcome}}' }] },
        { title: 'Held back by a limit', description: 'Attempts and messages by whose limit it was.', unit: 'reqps', queries: [{ expr: `sum by (scope) (${rate('csms_ocpp_rate_limited_total')})`, legend: '{{scope}}' }] },
        { title: 'Draining gateways', description: 'Processes that let nobody in and close their sockets.', unit: 'short', queries: [{ expr: 'sum(csms_gateway_draining)', legend: 'draining' }] },
        { title: 'How long sockets lived', description: 'Median life of the sockets that ended.', unit: 's', queries: [{ expr: quantile(0.5, 'csms_gateway_connection_duration_seconds', ''), legend: 'median' }] },
      ] },
      { question: 'Do commands arrive?', panels: [
        { title: 'Commands by end', description: 'Commands that ended, by outcome.', unit: 'reqps', queries: [{ expr: `sum by (outcome) (${rate('csms_commands_total')})`, legend: '{{outcome}}' }] },
        latency('Time of commands', 'From its entry in the ledger to its end.', 'csms_command_duration_seconds', 5),
        { title: 'Messages that could not be read', description: 'Or were not valid, by kind of fault.', unit: 'reqps', queries: [{ expr: `sum by (kind) (${rate('csms_ocpp_invalid_messages_total')})`, legend: '{{kind}}' }] },
      ] },
    ],
  },
  {
    uid: 'csms-api', title: 'API and books', description: 'Requests, their time, and the connections to PostgreSQL and the bus.',
    rows: [
      { question: 'Does the API answer?', panels: [
        { title: 'Requests', description: 'Requests a second by route.', unit: 'reqps', queries: [{ expr: `sum by (method, route) (${rate('csms_api_request_duration_seconds_count')})`, legend: '{{method}} {{route}}' }] },
        { title: 'Refusals and errors', description: 'Answers of 400 and more by status.', unit: 'reqps', queries: [{ expr: `sum by (status) (${rate('csms_api_request_duration_seconds_count{status=~"[45].."}')})`, legend: '{{status}}' }] },
        latency('Time to answer', 'Promised: 100 ms for 95 % of the requests.', 'csms_api_request_duration_seconds', 0.1),
      ] },
      { question: 'Are the stores there?', panels: [
        { title: 'Connections to the books', description: 'Of the API’s processes; waited_for is how many requests wait for one.', unit: 'short', queries: [{ expr: 'sum by (state) (csms_api_books_connections)', legend: '{{state}}' }] },
        { title: 'Bus', description: '1 while every gateway reaches Redis.', unit: 'short', queries: [{ expr: 'min(csms_bus_up)', legend: 'up' }] },
        { title: 'Cards decided without the books', description: 'Anything above zero means that PostgreSQL was away for a gateway.', unit: 'reqps', queries: [{ expr: `sum by (outcome) (${rate('csms_authorizations_without_books_total')})`, legend: '{{outcome}}' }] },
      ] },
    ],
  },
  {
    uid: 'csms-operator', title: 'Operator and security', description: 'Whether sites become what they ask for, and what security events say.',
    rows: [
      { question: 'Does the operator keep up?', panels: [
        { title: 'Runs by result', description: 'Runs of the reconcilers.', unit: 'ops', queries: [{ expr: `sum by (controller, result) (${rate('controller_runtime_reconcile_total')})`, legend: '{{controller}} {{result}}' }] },
        latency('Time of a run', 'From a key taken off the queue to its end.', 'controller_runtime_reconcile_time_seconds', 1),
        { title: 'Keys waiting', description: 'How many objects wait to be looked at, by queue.', unit: 'short', queries: [{ expr: 'sum by (name) (workqueue_depth)', legend: '{{name}}' }] },
        { title: 'Requests to the cluster', description: 'By method and code. In a steady state there are next to none.', unit: 'reqps', queries: [{ expr: `sum by (method, code) (${rate('rest_client_requests_total')})`, legend: '{{method}} {{code}}' }] },
        { title: 'Watches begun again', description: 'Watches that ended in an error, by kind.', unit: 'reqps', queries: [{ expr: `sum by (kind) (${rate('csms_operator_watch_failures_total')})`, legend: '{{kind}}' }] },
        { title: 'Runs under way', description: 'Reconcile runs in progress, by controller.', unit: 'short', queries: [{ expr: 'sum by (controller) (controller_runtime_active_workers)', legend: '{{controller}}' }] },
      ] },
      { question: 'Is somebody at the door who should not be?', panels: [
        { title: 'Security events', description: 'Security events of stations and of ours, by type.', unit: 'reqps', queries: [{ expr: `sum by (type, severity) (${rate('csms_security_events_total')})`, legend: '{{type}} ({{severity}})' }] },
        { title: 'Days until a certificate ends', description: 'The earliest of each kind.', unit: 'd', queries: [{ expr: '(min by (kind) (csms_certificate_expiry_timestamp_seconds) - time()) / 86400', legend: '{{kind}}' }] },
        { title: 'Ports without TLS', description: 'Not zero: a gateway runs in lab mode.', unit: 'short', queries: [{ expr: 'sum(csms_insecure_listener)', legend: 'open' }] },
      ] },
    ],
  },
  {
    uid: 'csms-processes', title: 'Processes', description: 'CPU, memory and event loops of everything of ours.',
    rows: [{ question: 'Has a process too much to do?', panels: [
      { title: 'Event loop', description: 'How late it is, 99th percentile, by process.', unit: 's', limit: 0.2, queries: [{ expr: 'max by (service, pod) (nodejs_eventloop_lag_p99_seconds)', legend: '{{service}} {{pod}}' }] },
      { title: 'CPU', description: 'Cores in use.', unit: 'short', queries: [{ expr: `sum by (service, pod) (${rate('process_cpu_seconds_total')})`, legend: '{{service}} {{pod}}' }] },
      { title: 'Memory', description: 'Resident memory.', unit: 'bytes', queries: [{ expr: 'sum by (service, pod) (process_resident_memory_bytes)', legend: '{{service}} {{pod}}' }] },
      { title: 'Processes that answer', description: 'By component, as Prometheus sees them.', unit: 'short', queries: [{ expr: 'sum by (component) (up{job="csms"})', legend: '{{component}}' }] },
      { title: 'Open file descriptors', description: 'A line that only rises is a leak.', unit: 'short', queries: [{ expr: 'sum by (service, pod) (process_open_fds)', legend: '{{service}} {{pod}}' }] },
      { title: 'Heap in use', description: 'Of the JavaScript heap.', unit: 'bytes', queries: [{ expr: 'sum by (service, pod) (nodejs_heap_size_used_bytes)', legend: '{{service}} {{pod}}' }] },
    ] }],
  },
];
