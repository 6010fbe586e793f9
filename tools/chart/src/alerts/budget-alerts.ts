import { burn } from './alert.ts';
import type { Alert, Series } from './alert.ts';

const calls = 'csms_ocpp_calls_total{direction="from-station"}';
const badCalls = 'csms_ocpp_calls_total{direction="from-station",result=~"failed|books-unavailable"}';
const requests = 'csms_api_request_duration_seconds_count';
const badRequests = 'csms_api_request_duration_seconds_count{status=~"5.."}';
/** O1 and O3 of the service levels: 99.9 %. */
const BUDGET = 0.001;

const callSeries = (good: string, bad: string): Series[] => [
  { series: 'csms_ocpp_calls_total{direction="from-station",action="MeterValues",result="answered"}', values: good },
  { series: 'csms_ocpp_calls_total{direction="from-station",action="MeterValues",result="failed"}', values: bad },
];
const requestSeries = (good: string, bad: string): Series[] => [
  { series: 'csms_api_request_duration_seconds_count{method="GET",route="/stations",status="200"}', values: good },
  { series: 'csms_api_request_duration_seconds_count{method="GET",route="/stations",status="500"}', values: bad },
];

const callRunbook: Alert['runbook'] = {
  means: 'Of the messages of stations, more end in an internal error than the yearly budget of 0.1 % allows at this pace. Stations keep transaction messages and send them again, so nothing is lost yet.',
  impact: 'Drivers wait at stations; live views are late; a station whose queue is full begins to drop meter values.',
  first: [
    "kubectl get pods --all-namespaces -l app.kubernetes.io/component=ocpp-gateway",
    "kubectl logs --namespace SITE_NAMESPACE -l app.kubernetes.io/component=ocpp-gateway --since=15m | grep -E '\"level\":(50|60)' | tail -n 50",
    "kubectl --namespace csms-system get pods -l 'app.kubernetes.io/component in (postgres, redis)'",
  ],
  then: ['`books-unavailable` among the results: PostgreSQL is away or full; see CsmsDatabaseConnectionsWaited and its disk.', '`failed` of one action alone: a fault of ours in that handler; roll back the last release of the gateway image.', 'All gateways restart: look at their memory and at the last change of the platform values.'],
};
const apiRunbook: Alert['runbook'] = {
  means: 'Answers 5xx of the API eat the budget of 0.1 %.',
  impact: 'Dashboards show errors, commands cannot be sent; stations charge on.',
  first: ['kubectl --namespace csms-system get pods -l app.kubernetes.io/component=api', "kubectl --namespace csms-system logs -l app.kubernetes.io/component=api --since=15m | grep -E '\"level\":(50|60)' | tail -n 50", 'kubectl --namespace csms-system get events --sort-by=.lastTimestamp | tail -n 30'],
  then: ['503 only: PostgreSQL or the issuer is away; the problem document names which.', '500 on one route: a fault of ours; the log line with the same trace id has the stack. Roll back the API image.', 'Restarts: memory limit reached; raise api.resources.limits.memory and look for one huge export.'],
};

/** Burn of the error budgets: fast pages, slow tickets. */
export const budgetAlerts: Alert[] = [
  {
    name: 'CsmsOcppErrorBudgetBurnFast', severity: 'page', for: '2m', expr: burn(badCalls, calls, BUDGET, 14.4, '1h', '5m'),
    summary: 'Messages of stations fail', description: '{{ $value | humanizePercentage }} of the messages of stations ended in an internal error in the last hour (budget 0.1 %).', runbook: callRunbook,
    fires: { series: callSeries('0+1000x120', '0+30x120'), atMinute: 90, labels: {} }, silent: { series: callSeries('0+1000x120', '0+1x120'), atMinute: 90 },
  },
  {
    name: 'CsmsOcppErrorBudgetBurnSlow', severity: 'page', for: '15m', expr: burn(badCalls, calls, BUDGET, 6, '6h', '30m'),
    summary: 'Messages of stations fail for hours', description: '{{ $value | humanizePercentage }} of the messages of stations ended in an internal error in the last six hours.', runbook: callRunbook,
    fires: { series: callSeries('0+1000x500', '0+8x500'), atMinute: 480, labels: {} }, silent: { series: callSeries('0+1000x500', '0+3x500'), atMinute: 480 },
  },
  {
    name: 'CsmsOcppErrorBudgetBurnTicket', severity: 'ticket', for: '1h', expr: burn(badCalls, calls, BUDGET, 3, '1d', '2h'),
    summary: 'Messages of stations fail a little, all day', description: '{{ $value | humanizePercentage }} of the messages of stations ended in an internal error in the last day.', runbook: callRunbook,
    fires: { series: callSeries('0+1000x1700', '0+5x1700'), atMinute: 1_600, labels: {} }, silent: { series: callSeries('0+1000x1700', '0+2x1700'), atMinute: 1_600 },
  },
  {
    name: 'CsmsApiErrorBudgetBurn', severity: 'page', for: '2m', expr: burn(badRequests, requests, BUDGET, 14.4, '1h', '5m'),
    summary: 'The API fails', description: '{{ $value | humanizePercentage }} of the answers of the API were 5xx in the last hour (budget 0.1 %).', runbook: apiRunbook,
    fires: { series: requestSeries('0+1000x120', '0+30x120'), atMinute: 90, labels: {} }, silent: { series: requestSeries('0+1000x120', '0+1x120'), atMinute: 90 },
  },
  {
    name: 'CsmsApiLatencyBudgetBurn', severity: 'ticket', for: '15m',
    expr: '1 - sum(rate(csms_api_request_duration_seconds_bucket{le="0.1",route!="/api/v1/events"}[1h])) / sum(rate(csms_api_request_duration_seconds_count{route!="/api/v1/events"}[1h])) > 0.05',
    summary: 'The API is slow', description: '{{ $value | humanizePercentage }} of the requests took longer than 100 ms in the last hour (asked: 5 % at most).',
    runbook: {
      means: 'More than one request in twenty takes longer than 100 ms.', impact: 'Dashboards feel slow; nothing is lost.',
      first: ['kubectl --namespace csms-system top pods', "kubectl --namespace csms-system logs -l app.kubernetes.io/component=postgres --since=1h | grep duration: | tail -n 20", 'kubectl --namespace csms-system get pods -l app.kubernetes.io/component=api -o wide'],
      then: ['A statement of more than a second in the log of PostgreSQL: look at its plan; autovacuum may be behind.', 'Connections are waited for: see CsmsDatabaseConnectionsWaited.', 'CPU of the API at its node’s end: raise api.replicas (needs api.files.s3).'],
    },
    fires: { series: [{ series: 'csms_api_request_duration_seconds_bucket{route="/stations",le="0.1"}', values: '0+80x120' }, { series: 'csms_api_request_duration_seconds_count{route="/stations"}', values: '0+100x120' }], atMinute: 100, labels: {} },
    silent: { series: [{ series: 'csms_api_request_duration_seconds_bucket{route="/stations",le="0.1"}', values: '0+99x120' }, { series: 'csms_api_request_duration_seconds_count{route="/stations"}', values: '0+100x120' }], atMinute: 100 },
  },
];
