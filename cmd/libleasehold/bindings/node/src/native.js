// The C library, in this process.
import { fileURLToPath } from 'node:url'
import { isAbsolute } from 'node:path'
import koffi from 'koffi'
import { LeaseholdError, numbered, states } from './error.js'

const names = { win32: 'leasehold.dll', darwin: 'libleasehold.1.dylib' }

const longestMs = 2 ** 31 - 1

// What does not fit in 32 bits would be taken for another number.
function int32(timeoutMs) {
  return Number.isNaN(+timeoutMs) ? -1 : Math.max(-1, Math.min(longestMs, Math.ceil(timeoutMs)))
}

// A call that waits holds one of Node's few worker threads, and the process cannot exit meanwhile: events are waited for in slices.
const sliceMs = 500

export class Native {
  constructor(path) {
    path ??= fileURLToPath(new URL(`../lib/${names[process.platform] ?? 'libleasehold.so.1'}`, import.meta.url))
    if (!isAbsolute(path)) {
      throw new LeaseholdError({ op: 'load', kind: 'usage', message: `the library's path is not absolute: ${path}`, hint: 'Name the library by its absolute path, so that no other one can be found in its place.' })
    }
    const lib = koffi.load(path)
    const text = koffi.out(koffi.pointer(koffi.disposable('str', lib.func('leasehold_free', 'void', ['void *']))))
    const handle = koffi.out(koffi.pointer('uint64_t'))
    if (lib.func('leasehold_abi_version', 'uint32_t', [])() < 1) {
      throw new LeaseholdError({ op: 'load', kind: 'usage', message: 'the library is older than this package', hint: 'Ship the library of the same version.' })
    }
    this._new = lib.func('leasehold_new', 'int32_t', ['str', 'int32_t', handle, text])
    this._call = lib.func('leasehold_call', 'int32_t', ['uint64_t', 'str', 'str', 'int32_t', text])
    this._nextEvent = lib.func('leasehold_next_event', 'int32_t', ['uint64_t', 'int32_t', text])
    this._allows = lib.func('leasehold_allows', 'int32_t', ['uint64_t', 'str'])
    this._state = lib.func('leasehold_state', 'int32_t', ['uint64_t'])
    this._close = lib.func('leasehold_close', 'int32_t', ['uint64_t', 'int32_t'])
  }

  async open(params, timeoutMs) {
    const agent = [null]
    const out = [null]
    const rc = await later(this._new, JSON.stringify(params), int32(timeoutMs), agent, out)
    return result(rc, 'open', out)
  }

  async call(agent, method, params, timeoutMs) {
    if (method.includes('\0')) throw numbered(-9, method)
    const out = [null]
    const rc = await later(this._call, agent, method, JSON.stringify(params), int32(timeoutMs), out)
    return result(rc, method, out)
  }

  async nextEvent(agent, timeoutMs) {
    if (!(timeoutMs >= 0)) throw numbered(-1, 'next_event')
    const end = performance.now() + timeoutMs
    for (;;) {
      const left = end - performance.now()
      const out = [null]
      const rc = left > 0 ? await later(this._nextEvent, agent, Math.min(sliceMs, Math.ceil(left)), out) : this._nextEvent(agent, 0, out)
      if (rc !== 0) throw numbered(rc, 'next_event')
      if (out[0] !== null) return JSON.parse(out[0])
      if (left <= 0) return null
    }
  }

  allows(agent, feature) {
    // C would read no further than the zero character, and so take another name.
    return typeof feature === 'string' && !feature.includes('\0') && this._allows(agent, feature) === 1
  }

  state(agent) {
    const n = this._state(agent)
    if (n < 0) throw numbered(n, 'state')
    return states[n] ?? 'locked'
  }

  async close(agent, timeoutMs) {
    const rc = await later(this._close, agent, int32(timeoutMs))
    if (rc !== 0) throw numbered(rc, 'close')
  }

  /** Does nothing: the library stays. */
  async shutdown() {}
}

function later(f, ...args) {
  return new Promise((resolve, reject) => f.async(...args, (error, rc) => (error ? reject(error) : resolve(rc))))
}

function result(rc, op, out) {
  const value = out[0] === null ? null : JSON.parse(out[0])
  if (rc !== 0) throw value ? new LeaseholdError(value) : numbered(rc, op)
  return value
}
