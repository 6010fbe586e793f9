/** The dialects whose frames we speak; names as in Sec-WebSocket-Protocol. */
export type OcppVersion = 'ocpp1.6' | 'ocpp2.0.1';
export const ocppVersions = ['ocpp1.6', 'ocpp2.0.1'] as const satisfies readonly OcppVersion[];

/** What went wrong, in our words; each dialect spells it in its own. */
export type FaultKind =
  | 'unknown-action' | 'unsupported-action' | 'internal' | 'protocol' | 'security'
  | 'malformed' | 'property' | 'occurrence' | 'type' | 'generic' | 'message-type' | 'framework';

/**
 * Error codes by version (G-29). 1.6 (OCPP-J 1.6, 4.2.3) has two spellings of its own, `FormationViolation` and `OccurenceConstraintViolation`,
 * which its errata keep; 2.0.1 (part 4, 4.3) writes `FormatViolation` and `OccurrenceConstraintViolation`. `RpcFrameworkError` and
 * `MessageTypeNotSupported` do not exist in 1.6.
 */
export const errorCodes = {
  'ocpp1.6': {
    'unknown-action': 'NotImplemented', 'unsupported-action': 'NotSupported', internal: 'InternalError', protocol: 'ProtocolError',
    security: 'SecurityError', malformed: 'FormationViolation', property: 'PropertyConstraintViolation',
    occurrence: 'OccurenceConstraintViolation', type: 'TypeConstraintViolation', generic: 'GenericError',
    'message-type': 'ProtocolError', framework: 'FormationViolation',
  },
  'ocpp2.0.1': {
    'unknown-action': 'NotImplemented', 'unsupported-action': 'NotSupported', internal: 'InternalError', protocol: 'ProtocolError',
    security: 'SecurityError', malformed: 'FormatViolation', property: 'PropertyConstraintViolation',
    occurrence: 'OccurrenceConstraintViolation', type: 'TypeConstraintViolation', generic: 'GenericError',
    'message-type': 'MessageTypeNotSupported', framework: 'RpcFrameworkError',
  },
} as const satisfies Record<OcppVersion, Record<FaultKind, string>>;

/**
 * Which fault a schema keyword stands for. A missing property is `malformed` on 1.6, because a widely used client refuses that version's own
 * spelling of the occurrence code and then stalls for half a minute, while every client knows FormationViolation.
 */
const faultOfKeyword: Record<OcppVersion, Record<string, FaultKind>> = {
  'ocpp1.6': { required: 'malformed', additionalProperties: 'malformed', type: 'type', minItems: 'property', maxItems: 'property' },
  'ocpp2.0.1': { required: 'occurrence', additionalProperties: 'malformed', type: 'type', minItems: 'occurrence', maxItems: 'occurrence' },
};

/** The CALLERROR code for a schema keyword that refused a payload; the rest (enum, maxLength, format, minimum ...) constrain a property's value. */
export function codeOfKeyword(version: OcppVersion, keyword: string): string {
  return errorCodes[version][faultOfKeyword[version][keyword] ?? 'property'];
}
