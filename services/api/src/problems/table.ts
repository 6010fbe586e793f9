/**
 * Every error that the API answers, once: `code` is stable and what a program looks at, the sentence is for a person. docs/reference/errors.md is
 * printed from here.
 */
export const problemTable = {
  'invalid-request': { status: 400, title: 'The request is not valid', when: 'A field, parameter or header is missing, unknown or out of its bounds; `errors` names each.' },
  'invalid-cursor': { status: 400, title: 'The cursor is not one of this list', when: '`cursor` must be the `nextCursor` of the same list.' },
  'unreadable-body': { status: 400, title: 'The body is not JSON', when: 'The body cannot be parsed.' },
  'token-missing': { status: 401, title: 'An access token is needed', when: 'There is no `Authorization: Bearer` header.' },
  'token-invalid': { status: 401, title: 'The access token is not valid', when: 'Signature, issuer, audience, time or kind of the token is wrong. An ID token is not an access token.' },
  'role-missing': { status: 403, title: 'Your role does not allow this', when: 'The route asks for a role that the token does not carry.' },
  'origin-refused': { status: 403, title: 'This page may not listen here', when: 'The `Origin` of an event stream is not on the list of allowed origins.' },
  'not-found': { status: 404, title: 'There is no such thing', when: 'The path or the id does not exist, or is not yours: the two are not told apart.' },
  'already-registered': { status: 409, title: 'This is registered already', when: 'A station identity or a card number is taken.' },
  'reference-missing': { status: 409, title: 'What this refers to is not on the books', when: 'The request names something that does not exist, for instance a tenant without a site.' },
  'idempotency-key-reused': { status: 409, title: 'This idempotency key was used for another request', when: 'The key names a command with other content. Take a new key.' },
  'session-not-active': { status: 409, title: 'The session is over', when: 'A session that has ended cannot be stopped.' },
  'security-profile-not-higher': { status: 409, title: 'A security profile is only ever raised', when: 'The station has this profile or a higher one, or is asked for a higher one already.' },
  'security-profile-refused': { status: 409, title: 'Production takes no security profile 0 or 1', when: 'A station without TLS is for lab mode.' },
  'credential-on-its-way': { status: 409, title: 'A new password is on its way to this station', when: 'A pushed password may be on the station already; another one would lock it out. Push again, or say `replace=true`.' },
  'key-has-own-route': { status: 409, title: 'This key is changed by a route of its own', when: 'A password is pushed with `POST /stations/:id/credential/push`, a security profile is raised with `PUT /stations/:id/security-profile`.' },
  'card-not-accepted': { status: 409, title: 'The card may not charge', when: 'The card is unknown, blocked or over; `detail` says which.' },
  'reservation-not-open': { status: 409, title: 'The reservation is over', when: 'A reservation that was taken, refused or cancelled, or whose time has passed, cannot be cancelled.' },
  'wrong-state': { status: 409, title: 'This is not in a state that allows it', when: '`detail` says what state it is in, or would have to be.' },
  'firmware-not-approved': { status: 409, title: 'This firmware is not approved', when: 'Nothing goes to a station before a second person, or a signature that is trusted already, approved it.' },
  'firmware-does-not-fit': { status: 409, title: 'This firmware is for other stations', when: 'Vendor and model of the firmware are not those that the station told at its boot.' },
  'second-person-needed': { status: 403, title: 'A second person has to approve this', when: 'Who entered firmware or brought its file cannot approve it.' },
  'signature-wrong': { status: 400, title: 'The signature does not hold', when: 'It is not a signature of this file by the key of that certificate, or the certificate is not valid now.' },
  'file-missing': { status: 400, title: 'There is no file in the body', when: 'The body is empty, or says nothing of its length.' },
  'file-incomplete': { status: 400, title: 'The file did not come whole', when: 'The connection ended before the file did. Nothing was kept.' },
  'file-too-large': { status: 413, title: 'The file is too large', when: 'A file may have 64 MiB.' },
  'address-over': { status: 410, title: 'This address is over', when: 'It took its file already, takes one now, or its hour is over.' },
  'files-unavailable': { status: 503, title: 'Files cannot be reached', when: 'The folder or the bucket of files does not answer. Nothing was kept.' },
  'body-too-large': { status: 413, title: 'The body is too large', when: 'A body may have 1 MiB.' },
  'media-type-unsupported': { status: 415, title: 'The body is not of a kind that is read here', when: 'Bodies are `application/json`.' },
  'too-many-requests': { status: 429, title: 'Too many requests', when: 'Wait for the seconds that `Retry-After` names.' },
  'internal-error': { status: 500, title: 'Something went wrong here', when: 'The `traceId` finds it in the log.' },
  'model-missing': { status: 501, title: 'There is no model for this yet', when: 'The answer would need a trained model that does not exist; `detail` names it. Nothing else is answered in its place.' },
  'lab-unreachable': { status: 502, title: 'The lab does not answer', when: 'The control server of the simulated fleet cannot be reached.' },
  'books-unavailable': { status: 503, title: 'The books cannot be reached', when: 'PostgreSQL does not answer. Nothing was changed unless the request is found in the books later.' },
  'issuer-unavailable': { status: 503, title: 'Sign-in cannot be checked now', when: 'The keys of the OIDC issuer cannot be read and none are kept.' },
} as const satisfies Record<string, { status: number; title: string; when: string }>;

export type ProblemCode = keyof typeof problemTable;
