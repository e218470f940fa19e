// The same calls over a child process: leasehold serve --stdio.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { LeaseholdError } from './error.js'

const defaultTimeoutMs = 30000
const longestTimeoutMs = 600000

export class Stdio {
  #child
  #ended
  #gone = false
  #number = 0
  #waiting = new Map()
  #seen = new Map()
  #backlog = new Map()

  constructor(command) {
    this.#child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true })
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#gone = true
        for (const waiting of this.#waiting.values()) waiting.reject(gone())
        this.#waiting.clear()
        resolve()
      }
      this.#child.once('close', end)
      this.#child.once('error', end)
    })
    // A child that has ended shows in the calls that wait for it.
    this.#child.stdin.on('error', () => {})
    createInterface({ input: this.#child.stdout, crlfDelay: Infinity }).on('line', (line) => this.#read(line))
    this.#idle()
  }

  /** The process ID of the child. */
  get pid() {
    return this.#child.pid
  }

  #read(line) {
    let answer
    try {
      answer = JSON.parse(line)
    } catch {
      this.#child.kill('SIGKILL') // what is no answer ends it: nothing that follows could be believed
      return
    }
    const waiting = this.#waiting.get(answer?.id)
    if (!waiting) return
    this.#waiting.delete(answer.id)
    this.#idle()
    if (answer.error) waiting.reject(new LeaseholdError(answer.error.data ?? { op: waiting.method, kind: 'usage', message: answer.error.message }))
    else waiting.resolve(answer.result)
  }

  // Only a call that waits keeps Node's event loop running, not the child itself.
  #idle() {
    const keep = this.#waiting.size > 0 ? 'ref' : 'unref'
    this.#child[keep]()
    this.#child.stdin[keep]?.()
    this.#child.stdout[keep]?.()
  }

  #ask(method, params, timeoutMs) {
    if (this.#gone) return Promise.reject(gone())
    return new Promise((resolve, reject) => {
      const id = ++this.#number
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        this.#idle()
        reject(new LeaseholdError({ op: method, kind: 'timeout', message: 'the child process does not answer' }))
      }, Math.max(0, Math.min(timeoutMs || defaultTimeoutMs, longestTimeoutMs)) + 10000) // a timer that is too long would end at once
      const done = (f) => (value) => {
        clearTimeout(timer)
        f(value)
      }
      this.#waiting.set(id, { method, resolve: done(resolve), reject: done(reject) })
      this.#idle()
      const full = timeoutMs ? { ...params, timeout_ms: timeoutMs } : params
      this.#child.stdin.write(JSON.stringify({ jsonrpc: '2.0', id, method, params: full }) + '\n')
    })
  }

  open(params, timeoutMs) {
    return this.#ask('open', params, timeoutMs)
  }

  call(agent, method, params, timeoutMs) {
    return this.#ask(method, agent ? { ...params, agent } : params, timeoutMs)
  }

  async nextEvent(agent, timeoutMs) {
    if (!(timeoutMs >= 0)) throw new LeaseholdError({ op: 'next_event', kind: 'usage', message: 'timeoutMs is below zero' })
    const end = performance.now() + timeoutMs
    for (;;) {
      const event = this.#backlog.get(agent)?.shift()
      if (event) return event
      const left = Math.max(0, Math.ceil(end - performance.now()))
      const wait = Math.min(left, longestTimeoutMs - 10000)
      const found = await this.#ask('events', { agent, after: this.#seen.get(agent) ?? 0, wait_ms: wait }, wait + 5000)
      // Who else has asked meanwhile got the same ones.
      const seen = this.#seen.get(agent) ?? 0
      const backlog = this.#backlog.get(agent) ?? []
      backlog.push(...found.events.filter((e) => e.seq > seen))
      this.#backlog.set(agent, backlog)
      this.#seen.set(agent, Math.max(seen, found.last))
      if (left <= 0) return backlog.shift() ?? null
    }
  }

  allows() {
    throw new LeaseholdError({ op: 'allows', kind: 'usage', message: 'a child process cannot be asked without waiting', hint: 'Write await agent.allowsAsync(feature).' })
  }

  state() {
    throw new LeaseholdError({ op: 'state', kind: 'usage', message: 'a child process cannot be asked without waiting', hint: 'Write await agent.stateAsync().' })
  }

  async close(agent, timeoutMs) {
    this.#backlog.delete(agent)
    this.#seen.delete(agent)
    await this.call(agent, 'close', {}, timeoutMs)
  }

  /** Ends the child process; seats are given back. */
  async shutdown() {
    this.#child.ref()
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 15000)
    await this.#ended
    clearTimeout(timer)
  }
}

function gone() {
  return new LeaseholdError({ kind: 'canceled', message: 'the child process has ended', hint: 'Start it anew, and open agents again.' })
}
