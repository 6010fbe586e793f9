/** English; id.ts is the original. */
export const en = {
  app: { name: 'Charge-IT', lab: 'Lab mode: simulated stations, connections without TLS', skip: 'Skip to content' },
  nav: { overview: 'Overview', stations: 'Stations', sessions: 'Sessions', cards: 'Cards', tariffs: 'Tariffs', models: 'Forecast models', lab: 'Lab', more: 'More', main: 'Main menu' },
  top: {
    allSites: 'All sites', site: 'Site', search: 'Search stations', searchHint: 'Search stations (/)', account: 'Account', language: 'Language', theme: 'Appearance', themeLight: 'Light', themeDark: 'Dark', themeAuto: 'As the device',
    signOut: 'Sign out', signOutEverywhere: 'Sign out everywhere', shortcuts: 'Keyboard shortcuts', role: { viewer: 'Viewer', operator: 'Operator', admin: 'Admin', platform: 'Platform staff' }, tenant: 'Tenant {{tenant}}',
  },
  live: {
    live: 'Live', connecting: 'Connecting', lost: 'Lost', lastChange: 'Last change {{age}}', noChange: 'No change yet',
    bannerTitle: 'The live connection is lost', banner: 'Data as of {{age}}. Charging goes on; this page reconnects by itself.', stale: 'The data may have changed: last heard {{age}}.',
  },
  acting: {
    title: 'Act for a tenant', lead: '{{name}}, you are platform staff and have no books of your own.', tenant: 'Tenant', role: 'As', reason: 'Reason', reasonHint: 'The tenant reads it in its audit.', begin: 'Open its books for 30 minutes',
    banner: '{{staff}} acts for {{tenant}}', bannerDetail: '{{reason}}, until {{until}}', end: 'End this',
  },
  keys: { title: 'Keyboard shortcuts', search: 'Search stations', go: 'Open {{page}}', help: 'Show shortcuts', close: 'Close', then: 'then' },
  signIn: {
    title: 'Sign in to Charge-IT', lead: 'Watch the stations, sessions and revenue of your charging sites.', button: 'Sign in', hint: 'You will be taken to the sign-in page of your organisation.',
    unavailable: 'The sign-in service does not answer.', unavailableDetail: 'Charging is not affected: stations stay connected. Try again in a moment.',
    expired: 'The time to sign in has passed.', expiredDetail: 'Press Sign in to start again.', refused: 'The sign-in service refused this request.', refusedDetail: 'Try again; if it happens again, ask your admin.', retry: 'Try again',
  },
  status: {
    available: 'Available', preparing: 'Preparing', charging: 'Charging', 'suspended-ev': 'Paused by vehicle', 'suspended-evse': 'Paused by station', finishing: 'Finished, still plugged in',
    reserved: 'Reserved', unavailable: 'Unavailable', faulted: 'Faulted', offline: 'Offline', unknown: 'Unknown',
  },
  statusBeside: {
    price: '{{price}} per kWh', preparing: 'Waiting for a card or the vehicle', suspendedEv: 'The vehicle asks for no power', suspendedEvse: 'The station holds power back', finishing: 'The cable is still in',
    reserved: 'Reserved at the station', unavailable: 'Switched off by an operator or the station', offline: 'Last heard {{age}}', offlineNever: 'Never connected', offlineWas: 'Before that: {{status}}',
    unknown: 'The station has not reported a status', since: 'since {{time}}', sinceFor: '{{duration}}, since {{time}}', 
  },
  fault: {
    ConnectorLockFailure: 'Connector lock is stuck', EVCommunicationError: 'No communication with the vehicle', GroundFailure: 'Ground fault', HighTemperature: 'Too hot', InternalError: 'Error inside the station',
    LocalListConflict: 'Card list on the station does not match', NoError: 'No error code', OtherError: 'Other error', OverCurrentFailure: 'Over-current', OverVoltage: 'Voltage too high', PowerMeterFailure: 'Energy meter failed',
    PowerSwitchFailure: 'Power switch failed', ReaderFailure: 'Card reader failed', ResetFailure: 'Restart failed', UnderVoltage: 'Voltage too low', WeakSignal: 'Weak signal', other: 'Code {{code}}',
  },
  faultStep: {
    ConnectorLockFailure: 'Unplug and plug the cable again, then unlock.', EVCommunicationError: 'Ask the driver to unplug and plug in again.', GroundFailure: 'Do not use it. Call an electrician.', HighTemperature: 'Let it cool, check the ventilation.',
    other: 'Restart the station; if it comes back, call a technician.',
  },
  common: {
    unknown: 'Not known yet', yes: 'Yes', no: 'No', cancel: 'Cancel', close: 'Close', retry: 'Try again', copy: 'Copy', copied: 'Copied', more: 'Load more', loading: 'Loading', zoneMixed: 'Times are local to each site', zone: 'Times in {{zone}}',
    trace: 'Trace id', asTable: 'Show as table', asChart: 'Show as chart', connector: 'Connector {{number}}', station: 'Station', yesterday: 'yesterday {{value}}', details: 'Details', clearFilters: 'Clear filters', offlineAction: 'Waiting for the live connection',
    needsOperator: 'Needs the operator role', needsAdmin: 'Needs the admin role', 
  },
  state: {
    errorTitle: 'The data could not be loaded', noPermission: 'Your account may not see this', noPermissionDetail: 'An admin of your tenant can grant the role.', noMatch: 'Nothing matches', noMatchDetail: 'Loosen a filter: {{filters}}.',
    notFound: 'Not found', notFoundDetail: 'This address points to nothing in your tenant.',
  },
  problem: {
    'no-connection': 'The server cannot be reached from this browser. Check the network, then try again.', 'api-unreachable': 'The dashboard runs, but the API does not answer. Charging goes on, because stations talk to the gateways.',
    'books-unavailable': 'The database does not answer. Stations keep their messages and send them again; nothing is lost.', 'lab-unreachable': 'The lab server does not answer. Check with npx csmsctl doctor.', 'session-not-active': 'This session has ended, so there is nothing to stop.', 'already-registered': 'This name or number is registered already.', 'too-many-requests': 'Too many requests. Wait a moment, then try again.',
    'identity-unavailable': 'Your session could not be renewed because the sign-in service does not answer. Try again in a moment.', 'unexpected-answer': 'The answer of the API could not be read. Reload the page; there may be a new version.', other: 'The API answered: {{detail}}',
  },
  overview: {
    title: 'Overview', now: 'Now', charging: 'Charging', free: 'Available', otherStates: 'Other states', otherMore: '{{number}} more', faulted: 'Faulted', offline: 'Offline', ofConnectors_one: 'of {{count}} connector', ofConnectors_other: 'of {{count}} connectors', ofStations_one: 'of {{count}} station', ofStations_other: 'of {{count}} stations', longest: 'longest {{duration}}', drawing: 'delivering {{power}}', ended: 'ended', running: '{{number}} running', dayOf: 'Today at {{site}} ({{zone}})', dayOfZone: 'Today in {{zone}}',
    attention: 'Needs attention', attentionNone: 'Nothing needs you.', attentionMore_one: 'and {{count}} more', attentionMore_other: 'and {{count}} more', today: 'Today', energy: 'Energy', revenue: 'Revenue', sessions: 'Sessions', stations: 'Stations', 
    allStations: 'All stations', firstTitle: 'No site yet', firstDetail: 'Create the first site from a YAML file; gateway, dashboard and model trainer follow by themselves.', hourly: 'Energy by hour today',
  },
  attention: {
    'station-offline': 'Station offline', 'station-faulted': 'Station faulted', 'connector-faulted': 'Connector {{connector}} faulted', 'station-knocking': 'An unregistered station tries to connect', 'orphan-stop': 'A stop without a known session', 'session-flagged': 'A session to check',
  },
  forecast: {
    title: 'Load forecast, 24 hours', site: 'Forecast for', median: 'Forecast', band: '80% range', usual: 'Usual', actual: 'Measured', now: 'now', hour: 'Hour', none: 'No forecast yet.', noneDetail: 'The trainer runs every day; the first forecast appears after that.',
    learning: 'Learning, {{count}} days of data', learningDetail: 'A forecast is issued once there is enough history to test it on.', failed: 'The forecast failed', degraded: 'The forecast has degraded', reasonIs: 'Reason:', issued: 'Issued {{time}} by model {{model}}',
    last7: 'Last 7 days: off by {{mae}} an hour on average, {{coverage}} of the hours fell inside the 80% range.', last7Bias: 'Last 7 days: off by {{mae}} an hour on average.', last7None: 'No hour of the last 7 days can be scored yet.', axis: 'kWh an hour', past: 'past', choose: 'Choose a site to see its forecast.',
  },
  stations: {
    title: 'Stations', count_one: '{{count}} station', count_other: '{{count}} stations', identity: 'Station', status: 'Status', connectors: 'Connectors', site: 'Site', version: 'OCPP', power: 'Power', lastSeen: 'Last heard', filterStatus: 'Status', filterAll: 'Any status', search: 'Station name',
    firstTitle: 'No station yet', firstDetail: 'Register a station, then point it to the OCPP address with the password that you are given. The address is shown by:', knocking: 'Trying to connect', knockingDetail: 'These stations are not registered, or use a wrong password. Register them if they are yours.', attempts_one: '{{count}} time', attempts_other: '{{count}} times', tries: 'Tries', register: 'Register station', registerTitle: 'New station', identityHint: 'The OCPP identity, as the station uses it in its address', passwordOnce: '{{station}} is registered. This password is shown only once; set it at the station before you close this.', address: 'OCPP address', username: 'User name', password: 'Password', knockingReason: 'Reason', knockingLast: 'Last',
    filterNameSearch: 'name "{{value}}"', filterNameStatus: 'status "{{value}}"', filterNameSite: 'site',
  },
  station: {
    connectors: 'Connectors', noSession: 'No session is running.', info: 'Station data', vendor: 'Vendor', model: 'Model', serial: 'Serial number', firmware: 'Firmware', version: 'OCPP version', booted: 'Last boot', lastSeen: 'Last heard', online: 'Connected', sinceWord: 'since',
    commands: 'Commands', recentCommands: 'Recent commands', noCommands: 'No command yet.', sessions: 'Recent sessions', noSessions: 'No session at this station yet.', whatToDo: 'First step: {{step}}', open: 'Open session', offlineCommands: 'The station is offline; a command waits until its deadline, then lapses.',
  },
  command: {
    'remote-stop': 'Stop charging', 'remote-start': 'Start charging', reset: 'Restart', unlock: 'Unlock connector', 'change-availability': 'Change availability', trigger: 'Ask for a status report', 'clear-cache': 'Clear the card cache', 'change-configuration': 'Change a setting', 'get-configuration': 'Read settings', 'data-transfer': 'Send data',
    resetTarget: 'Restart {{station}}', disable: 'Take {{station}} out of service', enable: 'Put {{station}} back in service', unlockTarget: 'Unlock connector {{connector}}', stopTarget: 'Stop charging at connector {{connector}}', startTarget: 'Start charging at {{station}}', triggerTarget: 'Ask {{station}} for a report',
    confirmStop: 'The session at {{station}} connector {{connector}} ends. The driver pays for {{energy}} so far.', confirmReset_one: '{{count}} session at {{station}} will stop; the driver pays for {{energy}}.', confirmReset_other: '{{count}} sessions at {{station}} will stop; drivers pay for {{energy}}.', confirmResetIdle: '{{station}} is offline for about a minute. No session is stopped.',
    confirmDisable_one: 'No new car can charge at {{station}}. {{count}} running session may finish first.', confirmDisable_other: 'No new car can charge at {{station}}. {{count}} running sessions may finish first.', confirmEnable: 'All drivers can use {{station}} again.', confirmUnlock: 'The cable at connector {{connector}} is released. The session that runs there will stop.', confirmUnlockIdle: 'The cable at connector {{connector}} can be pulled out.',
    confirmStart: '{{station}} is asked to start charging on this card. The vehicle must be plugged in.', confirmTrigger: 'The station sends the status of all its connectors again. No session is disturbed.', startCard: 'Card to charge to', startCardHint: 'Card number or app id', startConnector: 'Connector', startAny: 'The station chooses',
    stageAsked: 'Asked {{time}}', stageSent: 'sent {{time}}', stageAnswered: { accepted: 'station accepted {{time}}', rejected: 'station refused {{time}}', failed: 'failed at the station {{time}}' }, stageSeen: { 'remote-stop': 'session ended {{time}}', 'remote-start': 'session started {{time}}', reset: 'station booted {{time}}', availability: 'seen at the station {{time}}' },
    waitSent: 'waiting to be sent', waitAnswer: 'waiting for the station to answer', waitSeen: 'waiting for it to happen', state: { queued: 'Queued', sent: 'Sent', accepted: 'Accepted', rejected: 'Refused', failed: 'Failed', unknown: 'Unknown', expired: 'Lapsed', 'not-connected': 'Not connected' },
    outcome: { unknown: 'Sent, but no answer ever came. Look at the station before you repeat it.', expired: 'The deadline passed before it was sent. Nothing happened.', 'not-connected': 'The station is not connected. Nothing was sent.' }, refused: 'The command was not taken', by: 'by {{who}}',
  },
  sessions: {
    importedNoBill: 'Imported sessions are kept without a bill', title: 'Sessions', started: 'Started', station: 'Station', driver: 'Driver', duration: 'Duration', energy: 'Energy', power: 'Power', total: 'Bill', state: 'State', filterState: 'State', stateName: { active: 'Running', ended: 'Ended', 'lost-stop': 'End lost' }, range: 'Range', ranges: { '24h': '24 hours', '7d': '7 days', all: 'All' },
    firstTitle: 'No session yet', firstDetail: 'A session appears as soon as a vehicle starts to charge. To start one from afar:', provisional: 'provisional', filterNameState: 'state "{{value}}"', filterNameRange: 'range {{value}}', noBill: 'The bill is made when the session ends', noPower: 'The station has sent no power yet', noDriver: 'Card without a name', noEnergy: 'No meter reading yet',
  },
  session: {
    title: 'Session at {{station}}', curve: 'Power and energy', power: 'Power', energy: 'Energy', soc: 'Battery', price: 'Price', total: 'Total', lineEnergy: 'Energy', lineIdle: 'Idle after full', lineFee: 'Session fee', provisional: 'Provisional: the end of the session has not arrived. Final when it comes, or after 48 hours.', noBill: 'The bill is made when the session ends.', tariff: '{{name}}: {{price}} per kWh', facts: 'Session facts',
    driver: 'Driver', card: 'Card', started: 'Started', ended: 'Ended', reason: 'Why it ended', meterStart: 'Meter at start', meterStop: 'Meter at end', reference: 'Transaction number', source: 'Origin', sourceOcpp: 'Station ({{version}})', sourceImport: 'Imported history', receivedLate: 'received {{time}}', running: 'still running', noSoc: 'The vehicle does not send it', 
    flags: 'Notes', explanation: 'Explanation', explanationDetail: 'Every message that made this session, and what was done with it.', message: 'Message', eventAt: 'Station clock', receivedAt: 'Received', verdict: 'Verdict', readings_one: '{{count}} meter reading kept', readings_other: '{{count}} meter readings kept', noPoints: 'No meter reading yet.', noMessages: 'No messages: this session was imported.', delay: '{{duration}} late',
    unitPrice: '{{quantity}} × {{price}}', noReason: 'The station gave no reason', 
  },
  authorization: { Accepted: 'Accepted', Blocked: 'Blocked', Expired: 'Expired', Invalid: 'Not known', ConcurrentTx: 'Charging elsewhere' },
  detail: {
    begun: 'session begun', card: 'card {{status}}', startAgain: 'this start is in the books already as transaction {{ref}}', stopBefore: 'its end had come before it: {{said}}', stopLost: 'its end never came: a new start on this connector closed it with the last meter reading that is known', lateStop: 'a late end settled the session: {{energy}}',
    endedWith: 'ended: {{energy}}', stopAgain: 'this end is in the books already', secondStop: 'a second end says meter {{energy}} at {{time}}', firstStandsAt: 'the first one stands at {{energy}}', firstStands: 'the first one stands', secondEnd: 'a second end at {{time}}', seqAgain: 'message number {{number}} is in the books already',
    readingLate: 'the reading of {{time}} came after the session was closed', afterEnd: 'came after the end of the transaction', energyUnchanged: 'energy unchanged', billFinal: 'the bill is final, so nothing changes', readingStored: 'reading stored', readingAgain: 'this reading is in the books already',
    started: 'start', updated: 'progress', ended: 'end', numbersAnew: 'numbers began anew after a reboot', filledGap: 'filled a gap of the closed session: {{energy}}', startMissing: 'its start has not come', numbersMissing: 'numbers are missing', offline: 'was kept at the station while offline',
  },
  modelReason: {
    takesOver: '{{own}} takes over from {{other}}: {{said}}', refused: '{{own}} was refused: {{said}}', compared: 'RMSE {{own}} against {{other}} of {{kind}} over {{days}} days', betterBy: '{{compared}}, {{gain}} better', onlyBetterBy: '{{compared}}, only {{gain}} better', worseBy: '{{compared}}, {{loss}} worse', gainAsked: 'at least {{share}} better is asked',
    certain: 'better in {{share}} of resampled months', uncertain: 'better in only {{share}} of resampled months', asked: '{{share}} is asked', askedRange: '{{from}} to {{until}} is asked', tooHigh: 'its forecasts were {{share}} too high on the whole', tooLow: 'its forecasts were {{share}} too low on the whole', allowed: 'at most {{share}} is allowed',
    coverage: '{{share}} of the hours fell within its 80% range', noBias: 'nothing was charged on the judged days, so its bias cannot be said', noInterval: 'it has no range yet', noDays: 'there are no days to judge it on', noError: '{{kind}} made no error in {{days}} days, so nothing can be better',
    lostGround: '{{own}} lost its ground: over the last {{days}} issued days its RMSE was {{ownRmse}}, of {{other}} {{otherRmse}}', servesUntil: '{{kind}} serves until something earns its place again', first: '{{kind}} is the first model of this site, made from {{days}} days', refitted: '{{kind}} was fitted anew on {{days}} days', secondBest: '{{own}} would have been promoted, but {{other}} was better still', beaten: '{{own}} was beaten by {{other}}',
    learning: 'learning, {{days}} days: a forecast needs {{asked}} whole days of history', noneLeft: 'no day is left to judge on beyond the {{days}} that made the model', notJudged: '{{own}} was not judged: {{other}} has no days to be compared on',
  },
  verdict: { applied: 'Applied', duplicate: 'Duplicate, recognised', late: 'Late, kept', orphan: 'Without a session, kept', conflict: 'Contradicts, kept' },
  stopReason: { Local: 'Stopped at the station', Remote: 'Stopped remotely', EVDisconnected: 'Cable unplugged', DeAuthorized: 'Card refused', EmergencyStop: 'Emergency button', HardReset: 'Forced restart', SoftReset: 'Restart', PowerLoss: 'Power cut', Reboot: 'Station rebooted', UnlockCommand: 'Unlocked remotely', LostStop: 'The end did not arrive', Timeout: 'No activity', EnergyLimitReached: 'Energy limit reached', TimeLimitReached: 'Time limit reached', StoppedByEV: 'Stopped by the vehicle', Other: 'Other reason' },
  flag: {
    'negative-energy': 'The meter ran backwards; energy counts as nothing', 'offline-start': 'Started while the station was offline', 'offline-events': 'Part of it happened while the station was offline', 'unknown-token': 'The card is not known', 'token-not-accepted': 'The card was not allowed', 'lost-stop': 'The end of the session never arrived', 'late-stop': 'The end of the session arrived late', 'conflicting-stop': 'Two different ends; the first one stands', 'stop-before-start': 'The end arrived before the start', 'seq-gap': 'A message has not arrived yet', 'seq-restart': 'The station restarted its numbering', 'start-missing': 'The start of the session never arrived', 'time-reversed': 'By the station clock it ended before it started', 'no-tariff': 'No tariff was in force, so it is not billed', 'no-register': 'There is no meter reading', 'clock-wrong': 'The station clock is wrong; the time of receipt counts', 'unreadable-register': 'A meter reading cannot be right and is not counted', 'unpriceable': 'No amount can be made of it; someone must look at it', 'unreadable-bill': 'Its bill cannot be read; someone must look at it', 'offline-authorized': 'The card was accepted from memory while the books could not be reached',
  },
  cards: {
    uid: 'Number', driver: 'Driver', kind: 'Kind', kindName: { rfid: 'RFID card', app: 'App', vehicle: 'Vehicle', central: 'Central' }, status: 'Status', active: 'Active', blocked: 'Blocked', created: 'Created', add: 'Add a card', addTitle: 'New card', uidHint: 'As the station reads it, for instance 04A1B2C3', driverHint: 'May be empty',
    block: 'Block card', unblock: 'Unblock', confirmBlock: 'Card {{uid}} ({{driver}}) is refused from its next tap. A running session is not stopped.', confirmUnblock: 'Card {{uid}} ({{driver}}) is accepted again from its next tap.', firstTitle: 'No card yet', firstDetail: 'Without a registered card every tap is refused. Add the first card here. To start a session without a card at hand, use its number on the command line:', noName: 'no name', validUntil: 'Valid until', forever: 'no limit', blockedDriver: 'Driver blocked', blockedGroup: 'Group blocked',
    enrol: 'Read a card', enrolTitle: 'Read a card at a station', enrolStation: 'Station', enrolNone: 'No station is connected.', enrolStart: 'Wait for a card', enrolWait: 'Hold the card to station {{station}} within a minute.', enrolSeen: 'Card {{uid}} was held to the station. Whose is it?', enrolOver: 'No unknown card was held to the station.',
  },
  tariffs: {
    name: 'Name', site: 'Site', allSites: 'All sites', energy: 'Per kWh', fee: 'Per session', idle: 'Idle per minute', grace: 'Free idle time', graceMinutes_one: '{{count}} minute', graceMinutes_other: '{{count}} minutes', validFrom: 'Valid from', add: 'Add a tariff', addTitle: 'New tariff', addDetail: 'Applies to sessions that start from that time on. Existing bills do not change.', save: 'Apply tariff',
    firstTitle: 'No tariff yet', firstDetail: 'Without a tariff sessions are recorded but not billed. Add the first tariff here.', current: 'in force', ended: 'ended {{time}}', planned: 'starts {{time}}', graceField: 'Free minutes before the idle fee',
  },
  models: {
    title: 'Forecast models', lead: 'Which model is in use, which one challenges it, and why it was decided so.', choose: 'Choose a site above.', champion: 'In use', challenger: 'Challenger', retired: 'Retired', decision: 'Decision', reason: 'Reason', trained: 'Trained', data: 'Data', dataDays_one: '{{count}} day', dataDays_other: '{{count}} days', dataSessions_one: '{{count}} session', dataSessions_other: '{{count}} sessions', error: 'Average error', errorShort: 'MAE', rmse: 'RMSE', skill: 'Skill over seasonal', runs: 'Trainings', runKind: { daily: 'Daily', deep: 'Deep' }, started: 'Started', took: 'Took', outcome: { running: 'Running', promoted: 'New model in use', kept: 'Old model kept', learning: 'Not enough data', failed: 'Failed' },
    decisionName: { first: 'First model', promoted: 'Promoted', refitted: 'Fitted anew', fallback: 'Fell back', refused: 'Refused' }, coverage: '80% range held', firstTitle: 'No model yet', firstDetail: 'The trainer runs on the schedule of the site (spec.training.schedule of the ChargingSite); the first model appears after the first training.', result: 'Result', noRuns: 'No training yet.', noChampion: 'No model has passed its tests yet; no forecast is issued.', unit: 'kWh an hour', otherModels: 'Challengers and old models', issuedTitle: 'Issued forecasts', kind: { blend: 'blend', profile: 'weekly profile', ridge: 'ridge regression', naive24: 'same as yesterday', naive168: 'same as last week' },
  },
  lab: {
    title: 'Lab', lead: 'Break what you like, then see on this page that nothing was lost.', proof: 'Proof: nothing was lost', proofOk: 'Every acknowledged transaction is in the books, exactly once.', proofBad_one: '{{count}} problem found', proofBad_other: '{{count}} problems found', proofWaiting_one: '{{count}} message still waits at a station; it arrives once connected.', proofWaiting_other: '{{count}} messages still wait at stations; they arrive once connected.', checked: 'checked {{age}}',
    byChargers: 'By the stations', acknowledged: 'Acknowledged', inBooks: 'In the books', lost: 'Lost', doubled: 'Doubled', transactions: 'Transactions', energy: 'Energy', bills: 'Bills', difference: 'Difference', ended: 'Sessions ended', billedOnce: 'Billed once', unbilled: 'Not billed yet', billedTwice: 'Billed twice',
    stations: 'Simulated stations', plug: 'Plug a car in', unplug: 'Unplug', tapKnown: 'Tap a known card', tapBlocked: 'Tap a blocked card', tapUnknown: 'Tap an unknown card', tap: 'Tap a card', cut: 'Cut the network cable', restore: 'Reconnect', fault: 'Cause a fault', clear: 'Clear the fault', connected: 'Connected', cutNow: 'Cable cut', disconnected: 'Not connected', queuedMessages_one: '{{count}} message waits', queuedMessages_other: '{{count}} messages wait', empty: 'Empty',
    processes: 'Processes', name: 'Process', ready: 'Ready', notReady: 'Not ready', restarts: 'Restarts', connections: 'Connections', kill: 'Kill', killConfirm: 'Process {{name}} is killed (kill -9). The launcher starts it again; stations reconnect.', bus: 'Message bus', busRunning: 'Running', busStopped: 'Stopped', stopBus: 'Stop the bus', startBus: 'Start the bus', busDetail: 'Without the bus commands to stations wait; facts still reach the books.', only: 'This page exists only in lab mode, for operators.', firstTitle: 'No simulated stations', firstDetail: 'The platform runs without the demo fleet. Stop it, then start it again without --no-demo:', card: { accepted: 'Card accepted', refused: 'Card refused: {{reason}}', refusedPlain: 'Card refused', busy: 'Connector busy: the card was not read' }, cardReason: { Blocked: 'blocked', Expired: 'expired', Invalid: 'not known', ConcurrentTx: 'charging at another station' },
    done: { plug: '{{target}}: car plugged in.', unplug: '{{target}}: cable pulled out.', tap: '{{target}}: card tapped.', cut: '{{target}}: network cable cut.', restore: '{{target}}: connected again.', fault: '{{target}}: fault caused.', clear: '{{target}}: fault cleared.', 'kill-process': 'Process {{target}} killed.', 'stop-bus': 'Message bus stopped.', 'start-bus': 'Message bus started.' }, stopBusConfirm: 'The message bus stops until it is started again. Commands to stations wait and screens are not updated live; facts still reach the books.',
  },
} as const;
