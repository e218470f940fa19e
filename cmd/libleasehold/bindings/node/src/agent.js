import { LeaseholdError } from './error.js'
import { Native } from './native.js'

const longestTimeoutMs = 600000

let native

export class Agent {
  #transport
  #handle

  constructor(transport, handle) {
    this.#transport = transport
    this.#handle = handle
  }

  static async open(params, { transport, timeoutMs = 0 } = {}) {
    transport ??= native ??= new Native()
    return new Agent(transport, (await transport.open(params, timeoutMs)).agent)
  }

  call(method, params = {}, timeoutMs = 0) {
    return this.#transport.call(this.#handle, method, params, timeoutMs)
  }

  async close(timeoutMs = 5000) {
    await this.#transport.close(this.#handle, Math.max(0, Math.min(timeoutMs, longestTimeoutMs)))
  }

  allows(feature) {
    return this.#transport.allows(this.#handle, feature)
  }

  get state() {
    return this.#transport.state(this.#handle)
  }

  async allowsAsync(feature) {
    return feature !== '' && (await this.feature(feature)).allowed
  }

  async stateAsync() {
    return (await this.status()).state
  }

  status(at) {
    return this.call('status', at ? { at: at.toISOString() } : {})
  }

  message(languages) {
    return this.call('message', languages ? { languages } : {})
  }

  feature(name) {
    return this.call('feature', { name })
  }

  async features() {
    return (await this.call('features')).features
  }

  async limits() {
    return (await this.call('limits')).limits
  }

  diagnosis() {
    return this.call('diagnosis')
  }

  check(timeoutMs) {
    return this.call('check', {}, timeoutMs)
  }

  activate(key, timeoutMs) {
    return this.call('activate', { key }, timeoutMs)
  }

  heartbeat(timeoutMs) {
    return this.call('heartbeat', {}, timeoutMs)
  }

  deactivate(timeoutMs) {
    return this.call('deactivate', {}, timeoutMs)
  }

  async importLicense(data) {
    return (await this.call('license.import', { data })).status
  }

  openSession(checkoutS = 0) {
    return this.call('session.open', { checkout_s: checkoutS })
  }

  closeSession() {
    return this.call('session.close')
  }

  async use(feature, amount = '1') {
    await this.call('usage', { feature, amount })
  }

  consume(limitation, amount) {
    return this.call('consume', { limitation, amount })
  }

  consumption(limitation) {
    return this.call('consumption', { limitation })
  }

  async rollback(consumed) {
    await this.call('rollback', { limitation_id: consumed.limitation_id, transaction_id: consumed.transaction_id })
  }

  nextEvent(timeoutMs = 0) {
    return this.#transport.nextEvent(this.#handle, timeoutMs)
  }

  async *events() {
    for (;;) {
      let event
      try {
        event = await this.nextEvent(60000)
      } catch (e) {
        if (e instanceof LeaseholdError && (e.kind === 'no_agent' || e.kind === 'canceled')) return
        throw e
      }
      if (event) yield event
    }
  }
}

// Where the runtime has it: await using agent = await Agent.open(…).
if (Symbol.asyncDispose) {
  Agent.prototype[Symbol.asyncDispose] = async function () {
    try {
      await this.close()
    } catch (e) {
      if (!(e instanceof LeaseholdError && e.kind === 'no_agent')) throw e
    }
  }
}
