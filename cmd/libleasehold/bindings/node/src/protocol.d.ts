// Written by scripts/types.js from agent/protocol/schema.json. Instants are RFC 3339 texts; new Date(text) reads them.

/** Links are pages of the vendor's. {license}, {device}, {app} and {version} in them are replaced. */
export interface Links {
  buy: string
  renew: string
  manage: string
  support: string
  download: string
}

/** Opened is an agent that was opened. */
export interface Opened {
  /** to be passed with each call that is about it */
  agent: number
  status: Status
}

/** Status is the status object. */
export interface Status {
  state: State
  cause: Cause
  causes: Array<Cause>
  code: number
  /** a sentence */
  remedy: string
  /** its token, such as go_online */
  remedy_id: Remedy
  since: string | null
  until: string | null
  next: Next | null
  device_id: string
  store: string
  license: License | null
  /** with --at: the instant that was judged */
  at?: string | null
  session?: Session | null
  /** with what was kept; of a status, and where a call has not cured it */
  problem?: string
  error?: Error | null
}

export type State = "active" | "grace" | "read_only" | "locked"

export type Cause = "" | "suspended" | "inactive" | "expired" | "not_yet_valid" | "version_not_covered" | "user_inactive" | "user_limit" | "not_activated" | "device_mismatch" | "connection_limit" | "session_limit" | "session_missing" | "clock_rolled_back" | "signature_invalid" | "unauthorized" | "unreachable"

export type Remedy = "" | "enter_key" | "check_key" | "import_activation" | "activate_again" | "renew" | "update" | "go_online" | "close_window" | "free_seat" | "free_device" | "deactivate_there" | "add_user" | "remove_user" | "wait_for_start" | "wait_for_reset" | "correct_clock" | "correct_input" | "contact_vendor" | "vendor_access" | "check_network" | "vendor_configuration" | "vendor_back_office" | "fix_application"

/** Next is the state that follows when time passes. */
export interface Next {
  state: State
  at: string | null
}

/** License shows a licence. */
export interface License {
  name: string
  /** masked */
  key: string
  product: string
  product_id: string
  edition: string
  customer: string
  /** named or floating */
  provisioning_mode: string
  /** null: never */
  expires: string | null
  temporary: boolean
  release_limit: string
  freeride_days: number | null
  /** server time */
  proven_at: string | null
  features: Array<Feature>
}

/** Feature is a feature of a licence. */
export interface Feature {
  id: string
  name: string
  active: boolean
  /** null: as long as the licence */
  expires: string | null
}

/** Session is the floating seat as it is known here. */
export interface Session {
  id: string
  /** the licence is floating; any other needs no session */
  needed: boolean
  held: boolean
  valid_until: string | null
}

/** Error is an error as JSON shows it. */
export interface Error {
  op: string
  kind: string
  code: number
  message: string
  /** what to do, a sentence */
  hint: string
  /** its token, empty where there is none */
  remedy_id: Remedy
  retry_after_s: number
}

/** Version tells what answers. */
export interface Version {
  protocol: number
  /** of Leasehold */
  version: string
  /** such as linux/amd64 */
  platform: string
}

/** Message is what to tell the user. All texts are plain, in one language, and short enough for a banner; none is empty but where it says so. */
export interface Message {
  /** Language is the BCP 47 tag of the texts, such as "pt-BR". */
  language: string
  /** State and Cause are those of the decision. */
  state: State
  cause: Cause
  /** StateName is the state as people say it, such as "Read-only". */
  state_name: string
  /** Title says in a few words what is the matter. */
  title: string
  /** Text says in a sentence or two what happened, and what still works. */
  text: string
  /** Deadline says how much time is left and what comes then, such as "3 days left, then read-only"; empty when there is no deadline. */
  deadline: string
  /** Help says what can be done and by whom; empty when nothing needs to be. */
  help: string
  /** Who can do it. */
  who: Actor
  /** Action is what the first button does; of kind None when there is nothing to press. */
  action: Action
  /** Others are what further buttons could do, the most useful first. */
  other_actions: Array<Action>
}

export type Actor = "" | "user" | "administrator" | "vendor" | "developer"

/** Action is what a button does. */
export interface Action {
  kind: string
  /** Label is the button's text; empty for None. */
  label: string
  /** URL is where OpenURL, Update and Contact lead. It may be empty for Update, which the application's own updater then does, and for Contact. */
  url: string
}

/** Forecast is the forecast as JSON shows it. */
export interface Forecast {
  now: string | null
  current: Transition
  transitions: Array<Transition>
}

/** Transition is a decision that comes by itself. */
export interface Transition {
  at: string | null
  state: State
  cause: Cause
  causes: Array<Cause>
  code: number
  remedy: string
  remedy_id: Remedy
  /** every cause with the state that it alone leads to */
  findings: Array<Finding>
}

/** Finding is one of the causes that a decision rests on. */
export interface Finding {
  cause: Cause
  state: State
  code: number
}

/** Access says whether a feature may be used now, and if not why. */
export interface Access {
  feature: string
  id: string
  allowed: boolean
  known: boolean
  /** empty when allowed */
  reason: string
  expires: string | null
  state: State
}

/** Features is what the licence says of features. */
export interface Features {
  state: State
  features: Array<Access>
}

/** Limits is what the licence says of amounts. */
export interface Limits {
  limits: Array<Limit>
}

/** Limit is an amount that the licence grants. Amounts are decimal numbers, as text. */
export interface Limit {
  id: string
  name: string
  /** null: unlimited */
  value: string | null
  /** null when not told */
  remaining: string | null
  /** when consumption starts anew; null when never, or not known */
  next_reset: string | null
}

/** Variables are the values that the licence carries for the application. */
export interface Variables {
  variables: Array<Variable>
}

/** Variable is one of them. */
export interface Variable {
  id: string
  name: string
  /** one, but for a choice from a list of the vendor's */
  values: Array<string>
}

/** Device is who this installation is to the server. */
export interface Device {
  /** ID is what the server is told as client_id: 64 hexadecimal digits for SourceMachine, a UUID for SourceInstallation, free text for SourceApplication. Compare IDs without regard to case. */
  device_id: string
  /** Source says where ID comes from. */
  source: string
  /** Quality says how far ID can be relied upon. */
  quality: string
  /** Warnings explain what was found amiss, in the order of discovery. They are for a log or a help desk; none of them stops the application. */
  warnings: Array<Warning>
  client_id: string
  /** when it differs: the ID that the licence was activated under */
  kept_device_id?: string
}

/** Warning is one weak point of the device ID or of what it is derived from. */
export interface Warning {
  /** Code is stable, for programs. */
  code: string
  /** Text is a sentence or two for people: what was found, and what helps. It holds no machine ID. The wording may change. */
  text: string
}

/** DiagnosisReport is a [Diagnosis] as JSON. Every member is always there: what is not known is null or empty. It holds no key and no token, so that it can be pasted into a mail. */
export interface DiagnosisReport {
  /** of Leasehold */
  version: string
  go: string
  platform: string
  /** name and version */
  app: string
  /** host only */
  server: string
  product_id: string
  /** where the settings come from */
  settings_from: string
  /** of single settings, as far as they are told apart */
  setting_origins: Array<ReportedOrigin>
  /** how answers are signed: rsa, hmac or none */
  signature: string
  /** a preset, or configured */
  policy: string
  /** trusted */
  time: string | null
  /** the computer's */
  wall_clock: string | null
  state: State
  cause: Cause
  causes: Array<Cause>
  code: number
  remedy: string
  remedy_id: Remedy
  /** can help */
  who: Actor
  findings: Array<ReportedFinding>
  since: string | null
  until: string | null
  /** the changes of state, if nothing more is heard */
  coming: Array<ReportedChange>
  /** with what was kept; empty when nothing was */
  problem: string
  /** null when none is held */
  license: ReportedLicense | null
  /** activation, heartbeat or licence_file */
  license_source: string
  license_proven_at: string | null
  /** when the next answer is overdue; the check before it comes by itself */
  next_check_due: string | null
  device_id: string
  device_source: string
  device_quality: string
  device_warnings: Array<Warning>
  /** the ID that the licence was activated under, where it differs */
  kept_device_id: string
  store: string
  /** why it is not the keyring */
  store_reason: string
  state_dir: string
  /** null when calls go out directly */
  proxy: ReportedProxy | null
  /** trusted beside the system's */
  root_cas: Array<string>
  /** what an administrator laid down on the machine */
  preseed: Array<ReportedPreseed>
  /** what of it cannot be used */
  preseed_problems: Array<string>
  /** of the heartbeats */
  schedule: string
  answered_at: string | null
  failures: number
  failing_since: string | null
  /** network, unauthorized or signature */
  silence: string
  last_error: ReportedFailure | null
  clock_rolled_back_since: string | null
  queued_reports: number
  unsaved: number
  /** empty unless they were made */
  checks: Array<ReportedCheck>
  /** what could be done, by every cause */
  suggestions: Array<string>
  likely_cause: string
}

/** ReportedOrigin says where a setting comes from. */
export interface ReportedOrigin {
  /** in the configuration file */
  name: string
  /** a file, a variable or a registry key */
  from: string
}

/** ReportedFinding is one of the causes that a state is due to. */
export interface ReportedFinding {
  cause: Cause
  code: number
  /** to which it alone leads */
  state: State
  remedy_id: Remedy
  since: string | null
  until: string | null
  /** null when it stays as it is */
  then: State | null
}

/** ReportedChange is a change of state that comes by itself. */
export interface ReportedChange {
  at: string | null
  state: State
  cause: Cause
  causes: Array<Cause>
  code: number
  remedy: string
  remedy_id: Remedy
  /** can help */
  who: Actor
  findings: Array<ReportedFinding>
}

/** ReportedLicense is the licence that is held. */
export interface ReportedLicense {
  name: string
  /** its last four characters */
  key: string
  customer: string
  product: string
  edition: string
  /** named or floating */
  provisioning_mode: string
  /** null: never */
  expires: string | null
  temporary: boolean
  release_limit: string
  freeride_days: number | null
  /** of a floating licence; a named one has its seat with the activation */
  seat_held: boolean
  seat_valid_until: string | null
  features: Array<ReportedFeature>
}

/** ReportedFeature is a feature of the licence. */
export interface ReportedFeature {
  name: string
  /** now */
  allowed: boolean
}

/** ReportedProxy is what calls go through, and who says so. */
export interface ReportedProxy {
  /** without user and password; empty: none */
  address: string
  from: string
  /** address of a PAC script, which is not run */
  script: string
  problem: string
}

/** ReportedPreseed is a setting that an administrator laid down on the machine. */
export interface ReportedPreseed {
  name: string
  /** the file, or the registry key */
  from: string
  /** false: the application sets its own, or it is wrong */
  used: boolean
}

/** ReportedFailure is what the last call that failed met. */
export interface ReportedFailure {
  op: string
  kind: string
  code: number
  /** in full */
  message: string
  at: string | null
}

/** ReportedCheck is one of the things that [Agent.Check] tried. */
export interface ReportedCheck {
  check: string
  /** passed, failed or skipped */
  result: string
  detail: string
  took_ms: number
  /** what to do; empty unless it failed */
  advice: string
}

/** Events is what happened since a caller last asked. */
export interface Events {
  events: Array<Event>
  /** to be passed as after with the next call */
  last: number
  /** how many were dropped because the caller was too far behind; ask for the status then */
  missed: number
}

/** Event is something that happened to the licence. Seq, At and Type are always there, the others where the type has them. */
export interface Event {
  /** 1 is an agent's first; a gap means that older ones were dropped */
  seq: number
  /** trusted time */
  at: string | null
  /** such as state_changed; ignore one that you do not know */
  type: string
  /** state_changed: what counted before */
  from?: Decision | null
  /** state_changed: what counts now; grace_warning: whose deadline draws near */
  to?: Decision | null
  /** grace_warning: seconds until the deadline */
  left_s?: number
  /** heartbeat_recovered: seconds since the first call without an answer */
  silent_s?: number
  /** clock_suspect: when it was found */
  since?: string | null
  /** seat_gained: when the seat lapses without renewal */
  valid_until?: string | null
  /** store_chosen: keyring, file or memory */
  store?: string
  /** store_chosen: why not the keyring; device_changed: how the ID changed */
  reason?: string
  /** update_available */
  version?: string
  /** update_available: where it can be had */
  link?: string
  /** update_available: whether the licence covers it */
  covered?: boolean | null
  /** report_rejected: usage, measure or consumption */
  report?: string
  /** report_rejected: of the feature, or the ID of the field or limitation */
  name?: string
  /** heartbeat_failed, store_failed, seat_lost, seat_refused, report_rejected, call_ended: why */
  error?: Failure | null
  /** license_changed: absent when none is held any more */
  license?: License | null
  /** call_ended: its number, as begin returned it */
  call?: number
  /** call_ended: what was called */
  method?: string
  /** call_ended: the method's result; absent when the call failed */
  result?: Record<string, unknown>
}

/** Decision is what counts at one moment, in short. */
export interface Decision {
  state: State
  /** empty when none */
  cause: Cause
  /** the conflict's ID, 0 when none */
  code: number
  remedy: string
  /** null when nothing will change by itself */
  until: string | null
}

/** Failure is why a call failed. It belongs to its call: there is no last error. It never holds a key or token. */
export interface Failure {
  /** the method */
  op: string
  /** what sort of failure */
  kind: Kind
  /** the conflict's ID; 0 unless kind is conflict */
  code: number
  /** what happened, for a log or a help desk */
  message: string
  /** what to do about it; may be empty */
  hint: string
  /** what would help, as a token; empty when nothing known would */
  remedy_id: Remedy
  /** how many seconds the server asked to be left alone; 0 when it did not */
  retry_after_s: number
  /** Status is how the licence is after a call that asks the server about it. */
  status?: Status | null
}

export type Kind = "usage" | "conflict" | "silence" | "integrity" | "no_agent" | "timeout" | "canceled" | "forked" | "no_method" | "internal"

/** Begun is a call that was begun. */
export interface Begun {
  /** its number, which call_ended names; 1 is an agent's first */
  call: number
}

/** Report is what became of something that was reported or consumed. */
export interface Report {
  state: State
  feature?: string
  limitation?: string
  amount: string
  accepted: boolean
  /** the server has it; else it is queued or refused */
  delivered: boolean
  transaction_id?: string
  /** null when not told */
  remaining: string | null
  next_reset: string | null
  error?: Error | null
}

/** Queue is how many reports wait for their delivery. */
export interface Queue {
  /** as far as this process knows */
  queued: number
}

/** Consumed is an amount that was taken. */
export interface Consumed {
  limitation_id: string
  amount: string
  /** for rollback; empty when booked */
  transaction_id: string
  /** the server could not be asked; it will be told later */
  booked: boolean
  /** null when not told */
  remaining: string | null
  /** null when not told */
  next_reset: string | null
}

/** Account is what the server says is left of a limitation. */
export interface Account {
  limitation_id: string
  /** a decimal number, as text; null when not told, as for a limitation without limit */
  remaining: string | null
  /** null when not told */
  next_reset: string | null
}

/** Imported is how the licence is after a file was taken over. */
export interface Imported {
  status: Status
  /** the file is taken over and counts once its activation file is imported too */
  awaits_activation: boolean
  /** of the licence that waits, for license.request; else empty */
  key: string
}

/** File is what became of one file. */
export interface File {
  file: string
  kind: string
  ok: boolean
  /** empty when OK */
  failed_check: string
  /** empty when OK */
  message: string
  issued: string | null
  /** masked */
  key: string
  name: string
  product_id: string
  product: string
  customer: string
  client_id: string
  expires: string | null
  release_limit: string
  checks: Array<Check>
  /** NeedsActivation: the file is in order, but cannot be used without the activation file that binds it to a device. */
  needs_activation: boolean
}

/** Check is one of the checks that a file has to pass. */
export interface Check {
  check: string
  /** passed, failed or skipped */
  result: string
  message?: string
}

/** Requested tells how to get an activation file. */
export interface Requested {
  url: string
  client_id: string
  /** with qr: the picture of the QR code, in base64 */
  png?: string
}

/** Coverage says whether a licence covers a release of the application. */
export interface Coverage {
  version: string
  covered: boolean
  /** the highest release covered, such as 24 or 24.1; empty for every release */
  release_limit: string
  /** false: no licence is held, so none is covered */
  held: boolean
}

/** Found are licences to choose from. */
export interface Found {
  licenses: Array<UserLicense>
}

/** UserLicense is a licence that a user may activate. */
export interface UserLicense {
  /** for activate */
  key: string
  name: string
  description: string
}

/** Code is a conflict and what the policy makes of it. */
export interface Code {
  code: number
  name: string
  summary: string
  scope: Scope
  cause: Cause
  remedy: string
  remedy_id: Remedy
  who: Actor
  known: boolean
  /** at once, when nothing else is wrong */
  state: State
  /** empty: the state never changes */
  ladder: string
  endpoints: Array<string>
  /** waiting alone can cure it */
  transient: boolean
}

export type Scope = "call" | "licence" | "seat" | "device" | "vendor"

/** Codes is the catalogue of conflicts. */
export interface Codes {
  codes: Array<Code>
}

/** What sort of failure. */
export type FailureKind = "usage" | "conflict" | "silence" | "integrity" | "no_agent" | "timeout" | "canceled" | "forked" | "no_method" | "internal"

/** What happened. */
export type EventType = "state_changed" | "grace_warning" | "license_changed" | "heartbeat_failed" | "heartbeat_recovered" | "store_chosen" | "store_failed" | "clock_suspect" | "clock_trusted" | "device_changed" | "seat_gained" | "seat_lost" | "seat_refused" | "update_available" | "report_rejected" | "call_ended"

/** The methods, with what they take and what they answer. */
export interface Methods {
  /** Open an agent: read what is kept on this machine, decide from that, and begin heartbeats in the background. The network is not waited for. */
  "open": {
    params: {
      /** the configuration, an object as in the command line's file; this or config_file */
      config?: Record<string, unknown>
      /** the path of a file that holds it */
      config_file?: string
      /** the folder that relative paths in config start from; default: the process's */
      base?: string
      /** the folder for files; default: leasehold in the user's configuration folder */
      state_dir?: string
      /** where the licence is kept: auto (the default), keyring or file */
      store?: string
      /** begin heartbeats in the background; default true */
      start?: boolean | null
      /** floating seats are the application's business; by default one is taken and renewed by itself */
      manual_sessions?: boolean
      /** each process takes a floating seat of its own; by default all on this machine share one */
      seat_per_process?: boolean
      /** take what was last known to remain when the server cannot be asked */
      consume_offline?: boolean
      /** the vendor's pages that a user can be sent to; they become actions of messages */
      links?: Links
      /** the user's, the most wanted first, as BCP 47 tags or locales; default: the system's */
      languages?: Array<string>
    }
    result: Opened
  }
  /** Close an agent: give a floating seat back, unless it is checked out, and keep what was observed. Calls for it that are under way are canceled. */
  "close": {
    params: Record<string, never>
    result: Record<string, unknown>
  }
  /** Tell the versions of the protocol and of Leasehold. */
  "version": {
    params: Record<string, never>
    result: Version
  }
  /** Tell what the user may do now, or would at another instant if nothing more were learned, and why. Nobody is asked. */
  "status": {
    params: {
      /** an instant (RFC 3339) to judge; default: now. What has passed cannot be undone: an instant before now is taken as now. */
      at?: string
    }
    result: Status
  }
  /** Word the state for the user: a title, a sentence, a deadline, who can help, and what a button could do. */
  "message": {
    params: {
      /** as for open; default: those of open */
      languages?: Array<string>
    }
    result: Message
  }
  /** List every coming change of the state and its causes if nothing more is heard from the server. */
  "forecast": {
    params: Record<string, never>
    result: Forecast
  }
  /** Tell whether a feature may be used now, and if not why. */
  "feature": {
    params: {
      /** the feature's name or ID */
      name?: string
    }
    result: Access
  }
  /** List the licence's features and whether each may be used now. */
  "features": {
    params: Record<string, never>
    result: Features
  }
  /** List the licence's limitations and what is left of each. */
  "limits": {
    params: Record<string, never>
    result: Limits
  }
  /** List the values that the licence carries for the application. */
  "variables": {
    params: Record<string, never>
    result: Variables
  }
  /** Tell who this installation is to the server. */
  "device": {
    params: Record<string, never>
    result: Device
  }
  /** The report for a help desk. It holds no key and no token. */
  "diagnosis": {
    params: Record<string, never>
    result: DiagnosisReport
  }
  /** Try, step by step, everything that the licence needs from this computer and its network, and return the help desk's report with what was found. Nothing about the licence changes. When the deadline comes, the steps that are left fail. */
  "check": {
    params: Record<string, never>
    result: DiagnosisReport
  }
  /** Return the events after a number; without any, wait for one for as long as wait_ms says. The C library has leasehold_next_event beside it. */
  "events": {
    params: {
      /** the last number that was seen; 0: from the first that is kept */
      after?: number
      /** how long to wait for one, within the call's deadline; 0: not at all */
      wait_ms?: number
    }
    result: Events
  }
  /** Begin another call for this agent and return at once; its answer comes as the event call_ended. It is for a program that waits for events in its main loop and has no thread to spare. Closing the agent cancels the call, and then no event comes. */
  "begin": {
    params: {
      /** what to call, such as activate */
      method?: string
      /** its parameters */
      params?: Record<string, unknown>
      /** the deadline of the call that is begun; 0: the default */
      timeout_ms?: number
    }
    result: Begun
  }
  /** Take a seat of the licence with this key. */
  "activate": {
    params: {
      /** a licence key, a token key, or one of the vendor's former system */
      key?: string
    }
    result: Status
  }
  /** Ask the server how the licence is, for a person who waits. Heartbeats come by themselves. */
  "heartbeat": {
    params: Record<string, never>
    result: Status
  }
  /** Give the seat back and forget the licence. */
  "deactivate": {
    params: {
      /** forget the licence without asking the server; its seat stays taken */
      abandon?: boolean
    }
    result: Status
  }
  /** Remove everything that is kept on this machine, as an uninstaller does. The server is not told: deactivate first. Close the agent afterwards. */
  "erase": {
    params: Record<string, never>
    result: Record<string, unknown>
  }
  /** Take a floating seat, or renew the one that is held. Only with manual_sessions is that the application's business. */
  "session.open": {
    params: {
      /** how many seconds to hold the seat without renewal, for work off line; 0: the licence's session period */
      checkout_s?: number
    }
    result: Status
  }
  /** Hold the floating seat for another period. */
  "session.renew": {
    params: Record<string, never>
    result: Status
  }
  /** Give the floating seat back at once. */
  "session.close": {
    params: Record<string, never>
    result: Status
  }
  /** Tell whether a floating seat is held, as far as it is known here. */
  "session.status": {
    params: Record<string, never>
    result: Status
  }
  /** Count a use of a feature for the vendor's statistics. It is kept durably and delivered later. */
  "usage": {
    params: {
      /** the vendor's usage feature, by name */
      feature?: string
      /** a decimal number above zero, as text; default 1 */
      amount?: string
    }
    result: Report
  }
  /** Report the value of one of the vendor's analytical fields. It is kept durably and delivered later. */
  "measure": {
    params: {
      /** the field's ID */
      field?: string
      /** a number, a text, or true or false, as the field wants it; as text */
      value?: string
    }
    result: Queue
  }
  /** Deliver what is queued now. It comes by itself with heartbeats. */
  "flush": {
    params: Record<string, never>
    result: Queue
  }
  /** Take an amount of a limitation of the licence. */
  "consume": {
    params: {
      /** its name or ID */
      limitation?: string
      /** a decimal number above zero, as text */
      amount?: string
    }
    result: Consumed
  }
  /** Ask the server what is left of a limitation, without taking anything. limits tells what is known without asking. */
  "consumption": {
    params: {
      /** its name or ID */
      limitation?: string
    }
    result: Account
  }
  /** Give back what a transaction of consume has taken. */
  "rollback": {
    params: {
      /** as consume returned it */
      limitation_id?: string
      /** as consume returned it */
      transaction_id?: string
    }
    result: Record<string, unknown>
  }
  /** Take over a licence file, or the activation file that completes it. */
  "license.import": {
    params: {
      /** the file's path; this or data */
      file?: string
      /** what the file holds */
      data?: string
    }
    result: Imported
  }
  /** Tell what a file is, for whom, until when, and which checks it passes, without touching any state. */
  "license.verify": {
    params: {
      /** the file's path; this or data */
      file?: string
      /** what the file holds */
      data?: string
    }
    result: File
  }
  /** Return the address that gives an activation file, to be opened on a device that is on line. It holds the licence key. */
  "license.request": {
    params: {
      /** the licence key */
      key?: string
      /** return a QR code of the address as well */
      qr?: boolean
    }
    result: Requested
  }
  /** Tell whether the licence covers a release of the application, before an update is installed. Nobody is asked. */
  "license.covers": {
    params: {
      /** a release of the application, such as 2.0.1 */
      version?: string
    }
    result: Coverage
  }
  /** List the licences that the named user (user_id) may activate. */
  "license.find": {
    params: {
      /** the application's bearer token for the user, without the word Bearer; it is sent and not kept */
      token?: string
    }
    result: Found
  }
  /** Tell what a conflict of the server means and what the policy makes of it: the agent's, or the standard one. */
  "explain": {
    params: {
      /** the conflict's ID, such as 1001 */
      code?: number
    }
    result: Code
  }
  /** List all conflicts of the server and what the policy makes of each. */
  "codes": {
    params: Record<string, never>
    result: Codes
  }
}
