import type { Access, Account, Consumed, DiagnosisReport, Event, FailureKind, Limit, Message, Methods, Remedy, State, Status } from './protocol.js'

export type * from './protocol.js'

/** How an agent is reached. */
export interface Transport {
  open(params: Methods['open']['params'], timeoutMs: number): Promise<Methods['open']['result']>
  call(agent: number, method: string, params: object, timeoutMs: number): Promise<any>
  nextEvent(agent: number, timeoutMs: number): Promise<Event | null>
  allows(agent: number, feature: string): boolean
  state(agent: number): State
  close(agent: number, timeoutMs: number): Promise<void>
  shutdown(): Promise<void>
}

/** The C library in this process. It stays loaded, and serves all agents of the process. */
export class Native implements Transport {
  /** @param path the library's absolute path; by default the one in the package */
  constructor(path?: string)
  open(params: Methods['open']['params'], timeoutMs: number): Promise<Methods['open']['result']>
  call(agent: number, method: string, params: object, timeoutMs: number): Promise<any>
  nextEvent(agent: number, timeoutMs: number): Promise<Event | null>
  allows(agent: number, feature: string): boolean
  state(agent: number): State
  close(agent: number, timeoutMs: number): Promise<void>
  /** Does nothing: the library stays. */
  shutdown(): Promise<void>
}

/** A child process that serves all agents opened with it. It ends when this process does. */
export class Stdio implements Transport {
  /** @param command begins with the program's absolute path: ['/opt/sketch/leasehold', 'serve', '--stdio'] */
  constructor(command: readonly string[])
  readonly pid: number | undefined
  open(params: Methods['open']['params'], timeoutMs: number): Promise<Methods['open']['result']>
  call(agent: number, method: string, params: object, timeoutMs: number): Promise<any>
  nextEvent(agent: number, timeoutMs: number): Promise<Event | null>
  /** Throws: a child process cannot be asked without waiting. */
  allows(): never
  /** Throws: a child process cannot be asked without waiting. */
  state(): never
  close(agent: number, timeoutMs: number): Promise<void>
  /** Ends the child process; seats are given back. */
  shutdown(): Promise<void>
}

/** A call failed. kind and code are for programs, message and hint for people. */
export class LeaseholdError extends Error {
  readonly op: string
  readonly kind: FailureKind
  /** The conflict's ID; 0 unless kind is conflict. */
  readonly code: number
  /** What to do, a sentence. */
  readonly hint: string
  readonly remedy_id: Remedy
  readonly retry_after_s: number
  /** How the licence is after a call that asked the server about it. */
  readonly status: Status | null
}

/** Enforces the licence of one application. Close it when the application ends. */
export class Agent {
  private constructor()
  /**
   * Opens an agent: reads what is kept and decides from that, without waiting for the network.
   * Throws a LeaseholdError (usage) where the configuration is wrong.
   * @param params those of the method open, such as { config_file: 'vendor.json' }
   */
  static open(params: Methods['open']['params'], options?: { transport?: Transport; timeoutMs?: number }): Promise<Agent>
  /** Calls any method of the protocol. timeoutMs is at most 600000; 0, the default, means 30000. */
  call<M extends keyof Methods>(method: M, params?: Methods[M]['params'], timeoutMs?: number): Promise<Methods[M]['result']>
  /** Gives a floating seat back, unless it is checked out, and ends the background work. timeoutMs bounds the wait for the server; default 5000. */
  close(timeoutMs?: number): Promise<void>

  /**
   * Tells whether the user may use a feature now, by its name or ID, without waiting; false once the agent is closed.
   * Over Stdio it throws: use allowsAsync there.
   */
  allows(feature: string): boolean
  /** What the application may do now, without waiting. Throws once the agent is closed, and over Stdio: use stateAsync there. */
  readonly state: State
  /** As allows, over any transport. */
  allowsAsync(feature: string): Promise<boolean>
  /** As state, over any transport. */
  stateAsync(): Promise<State>

  /** What the user may do now, or would at another instant, and why. */
  status(at?: Date): Promise<Status>
  /** The state worded for the user. */
  message(languages?: string[]): Promise<Message>
  /** Whether a feature may be used now, and if not why. */
  feature(name: string): Promise<Access>
  /** All features of the licence. */
  features(): Promise<Access[]>
  /** All amounts that the licence grants. */
  limits(): Promise<Limit[]>
  /** The report for a help desk. It holds no key and no token. */
  diagnosis(): Promise<DiagnosisReport>

  /** Tries, step by step, what the licence needs of this computer and its network: the report for a help desk, with its checks. */
  check(timeoutMs?: number): Promise<DiagnosisReport>
  /** Takes a seat of the licence with this key. */
  activate(key: string, timeoutMs?: number): Promise<Status>
  /** Asks the server how the licence is. Heartbeats come by themselves as well. */
  heartbeat(timeoutMs?: number): Promise<Status>
  /** Gives the seat back and forgets the licence. */
  deactivate(timeoutMs?: number): Promise<Status>
  /** Takes over a licence file, or the activation file that completes it. */
  importLicense(data: string): Promise<Status>
  /** Takes a floating seat, with manual_sessions. */
  openSession(checkoutS?: number): Promise<Status>
  /** Gives the floating seat back. */
  closeSession(): Promise<Status>
  /** Counts a use of a feature for the vendor's statistics; it is delivered later. amount is a decimal number, as text. */
  use(feature: string, amount?: string): Promise<void>
  /** Takes an amount of a limitation; a decimal number, as text. */
  consume(limitation: string, amount: string): Promise<Consumed>
  /** Asks the server what is left of a limitation, without taking anything. */
  consumption(limitation: string): Promise<Account>
  /** Gives back what was consumed. */
  rollback(consumed: Consumed): Promise<void>

  /** Takes the next event; null when there is none in time. */
  nextEvent(timeoutMs?: number): Promise<Event | null>
  /** Yields events until the agent is closed. */
  events(): AsyncGenerator<Event, void, void>
}
