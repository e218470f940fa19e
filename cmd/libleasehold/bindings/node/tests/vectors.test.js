// Plays the conformance vectors (agent/protocol/vectors) over both transports.
//
// CAPI_LIBRARY is the C library and CAPI_TOOL the program leasehold, which is also the emulator; what is not set is skipped.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Agent, LeaseholdError, Native, Stdio } from 'leasehold'
import { render } from '../scripts/types.js'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))
const vectors = join(root, 'agent', 'protocol', 'vectors')
const { CAPI_LIBRARY: library, CAPI_TOOL: tool } = process.env
const named = '0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978'

/** The licence server for tests, and the configuration of an application for it. */
class Emulator {
  async start() {
    this.folder = mkdtempSync(join(tmpdir(), 'emulator-'))
    const path = join(this.folder, 'c.json')
    this.process = spawn(tool, ['--json', 'emulator', '--addr', '127.0.0.1:0', '--write-config', path], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await new Promise((resolve) => createInterface({ input: this.process.stdout }).once('line', (...l) => resolve(l)))
    this.control = JSON.parse(line).control_url.replace(/\/$/, '')
    this.config = JSON.parse(readFileSync(path, 'utf8'))
    return this
  }

  async ask(line, body) {
    const [method, path] = line.split(' ')
    const response = await fetch(this.control + path, { method, body: body === undefined ? undefined : JSON.stringify(body), headers: { connection: 'close' } })
    assert.ok(response.ok, `${line}: ${response.status}`)
    return { $body: await response.text() }
  }

  async stop() {
    this.process.kill()
    await new Promise((resolve) => this.process.once('close', resolve))
    rmSync(this.folder, { recursive: true })
  }
}

function isObject(v) {
  return typeof v === 'object' && v !== null && !Array.isArray(v)
}

function holds(got, want) {
  if (want === '$any') return got !== null && got !== undefined
  if (isObject(want)) return isObject(got) && Object.entries(want).every(([k, v]) => k in got && holds(got[k], v))
  if (Array.isArray(want)) return Array.isArray(got) && got.length === want.length && want.every((v, i) => holds(got[i], v))
  return got === want
}

function tell(step, got) {
  return `${JSON.stringify(step)}\ngot ${JSON.stringify(got)}`
}

/** A vector that is being played. */
class Story {
  agents = { none: 0, never: 4711 }
  kept = {}

  constructor(emulator, transport, folder, name) {
    Object.assign(this, { emulator, transport, folder, name })
  }

  fill(v) {
    if (typeof v === 'string' && v.startsWith('$') && v !== '$any') {
      assert.ok(v.slice(1) in this.kept, `${v} was not kept`)
      return this.kept[v.slice(1)]
    }
    if (Array.isArray(v)) return v.map((x) => this.fill(x))
    if (isObject(v)) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, this.fill(x)]))
    return v
  }

  open(step) {
    const config = { device_id: this.name, ...this.emulator.config, ...step.config }
    return this.transport.open({ config, state_dir: join(this.folder, config.device_id), store: 'file', ...step.open }, 0)
  }

  async allows(agent, feature) {
    if (this.transport instanceof Native) return this.transport.allows(agent, feature)
    return feature !== '' && (await this.transport.call(agent, 'feature', { name: feature }, 0)).allowed
  }

  async state(agent) {
    if (this.transport instanceof Native) return this.transport.state(agent)
    return (await this.transport.call(agent, 'status', {}, 0)).state
  }

  async event(step, agent) {
    for (let i = 0; i < 100; i++) {
      const event = await this.transport.nextEvent(agent, 10000)
      assert.ok(event, `there was no ${step.event}`)
      if (event.type !== step.event) continue
      assert.ok(holds(event, this.fill(step.with ?? {})), tell(step, event))
      return
    }
    assert.fail(`there was no ${step.event}`)
  }

  async act(step, name, agent) {
    if ('server' in step) return this.emulator.ask(step.server, this.fill(step.body))
    if ('open' in step) {
      const result = await this.open(step)
      this.agents[name] = result.agent
      return result
    }
    if ('call' in step) return this.transport.call(agent, step.call, this.fill(step.params ?? {}), step.timeout_ms ?? 0)
    if ('close' in step) {
      const result = await this.transport.call(agent, 'close', {}, 0)
      this.agents.closed = agent
      return result
    }
    return assert.fail(`what is ${JSON.stringify(step)}?`)
  }

  async step(step) {
    const name = step.agent ?? 'a'
    const agent = this.agents[name]
    if ('allows' in step) return assert.equal(await this.allows(agent, this.fill(step.allows)), step.is, tell(step))
    if ('state' in step) return assert.equal(await this.state(agent), step.state, tell(step))
    if ('event' in step) return this.event(step, agent)
    let result = null
    let failure = null
    try {
      result = await this.act(step, name, agent)
    } catch (e) {
      if (!(e instanceof LeaseholdError)) throw e
      failure = e
    }
    if (step.failure) {
      assert.ok(failure, tell(step, result))
      const { op, kind, code, message, hint, remedy_id, retry_after_s, status } = failure
      const got = { op, kind, code, message, hint, remedy_id, retry_after_s, status }
      assert.ok(holds(got, this.fill(step.failure)), tell(step, got))
    } else {
      assert.equal(failure, null, tell(step, failure))
      assert.ok(holds(result, this.fill(step.result ?? {})), tell(step, result))
    }
    for (const [key, member] of Object.entries(step.keep ?? {})) this.kept[key] = result[member]
  }

  async end() {
    for (const [name, agent] of Object.entries(this.agents)) {
      if (['none', 'never', 'closed'].includes(name)) continue
      await this.transport.close(agent, 5000).catch((e) => assert.equal(e.kind, 'no_agent'))
    }
  }
}

/** What holds on both transports. */
function tests(make, more) {
  let emulator, transport, folder

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mit Lücke '))
    emulator = await new Emulator().start()
    transport = make()
  })
  after(async () => {
    await transport?.shutdown()
    await emulator?.stop()
    rmSync(folder, { recursive: true })
  })
  beforeEach(() => emulator.ask('POST /reset'))

  const open = (params) => Agent.open({ config: { device_id: 'device-1', ...emulator.config }, state_dir: mkdtempSync(join(folder, 'state-')), store: 'file', ...params }, { transport })

  test('vectors', async (t) => {
    const files = readdirSync(vectors).filter((f) => f.endsWith('.json')).sort()
    assert.ok(files.length > 8)
    for (const file of files) {
      await t.test(file, async () => {
        await emulator.ask('POST /reset')
        const dir = mkdtempSync(join(tmpdir(), 'vector-'))
        const story = new Story(emulator, transport, dir, file.replace('.json', ''))
        try {
          for (const step of JSON.parse(readFileSync(join(vectors, file), 'utf8')).steps) await story.step(step)
        } finally {
          await story.end()
          rmSync(dir, { recursive: true })
        }
      })
    }
  })

  test('an agent', async () => {
    const agent = await open()
    assert.equal(await agent.stateAsync(), 'locked')
    assert.equal(await agent.allowsAsync('pdf-export'), false)
    const status = await agent.activate(named)
    assert.equal(status.state, 'active')
    assert.ok(new Date(status.license.expires) > new Date())
    assert.equal(await agent.allowsAsync('pdf-export'), true)
    assert.equal(await agent.allowsAsync('pdf-export\0'), false)
    assert.equal((await agent.features()).filter((f) => f.allowed)[0].feature, 'pdf-export')
    await agent.use('Größe ändern')
    await assert.rejects(agent.activate('00000000-7b1f-4a52-8f6e-2d3c4b5a6978'), (e) => {
      assert.deepEqual([e.kind, e.code, e.status.state], ['conflict', 1000, 'active'])
      return e instanceof LeaseholdError && e.hint !== ''
    })
    await agent.close()
    await assert.rejects(agent.status(), { kind: 'no_agent' })
  })

  test('out of range', async () => {
    const agent = await open({ start: false })
    const begun = performance.now()
    for (const ms of [-1, -60000, 600001, 2 ** 31, 2 ** 32, 2 ** 32 + 5, 1e15]) {
      await assert.rejects(agent.call('status', {}, ms), { kind: 'usage', op: 'status', message: /600000/ }, `${ms}`)
      if (ms < 0) await assert.rejects(agent.nextEvent(ms), { kind: 'usage' }, `${ms}`)
    }
    await assert.rejects(agent.call('feature', { name: 'x'.repeat(9 << 20) }), { kind: 'usage' })
    await assert.rejects(agent.call('feature', { name: '\ud800' }), { kind: 'usage' })
    assert.ok(performance.now() - begun < 10000)
    await agent.call('begin', { method: 'session.status' })
    while ((await agent.nextEvent(2 ** 40)).type !== 'call_ended');
    await agent.close(-1)
    const other = await open({ start: false })
    await other.close(1e15)
    for (const closed of [agent, other]) await assert.rejects(closed.status(), { kind: 'no_agent' })
  })

  test('events end with the agent', async () => {
    const agent = await open()
    const seen = (async () => {
      const changes = []
      for await (const event of agent.events()) if (event.type === 'state_changed') changes.push([event.from.state, event.to.state])
      return changes
    })()
    await agent.activate(named)
    while (!(await agent.call('events')).events.some((e) => e.type === 'state_changed' && e.to.state === 'active'));
    await new Promise((resolve) => setTimeout(resolve, 100))
    await agent.close()
    assert.deepEqual(await seen, [['locked', 'active']])
  })

  test('many calls at once', async () => {
    const agent = await open()
    await agent.activate(named)
    const answers = await Promise.all(Array.from({ length: 200 }, () => agent.feature('batch')))
    assert.ok(answers.every((a) => a.allowed))
    await agent.close()
  })

  more?.(open)
}

describe('in this process', { skip: library && tool ? false : 'CAPI_LIBRARY and CAPI_TOOL are not set' }, () => {
  tests(
    () => new Native(library),
    (open) => {
      test('what is read without waiting', async () => {
        const agent = await open()
        assert.equal(agent.state, 'locked')
        await agent.activate(named)
        assert.equal(agent.state, 'active')
        assert.equal(agent.allows('pdf-export'), true)
        for (const wrong of ['', 'pdf-export\0', 'pdf-export\0x', undefined, null, 5]) assert.equal(agent.allows(wrong), false)
        await agent.close()
        assert.equal(agent.allows('pdf-export'), false)
        assert.throws(() => agent.state, { kind: 'no_agent' })
      })

      test('a path that is not absolute is refused', () => {
        assert.throws(() => new Native('libleasehold.so.1'), { kind: 'usage' })
      })
    },
  )
})

describe('over a child process', { skip: tool ? false : 'CAPI_TOOL is not set' }, () => {
  tests(
    () => new Stdio([tool, 'serve', '--stdio']),
    (open) => {
      test('what cannot be read without waiting says so', async () => {
        const agent = await open()
        assert.throws(() => agent.allows('pdf-export'), { kind: 'usage' })
        assert.throws(() => agent.state, { kind: 'usage' })
        await agent.close()
      })

      test('a child that ends', async () => {
        const transport = new Stdio([tool, 'serve', '--stdio'])
        await transport.call(0, 'version', {}, 0)
        process.kill(transport.pid, 'SIGKILL')
        await assert.rejects(transport.call(0, 'version', {}, 0), { kind: 'canceled' })
        await transport.shutdown()
        await assert.rejects(transport.call(0, 'version', {}, 0), { kind: 'canceled' })
      })

      test('a child that is none', async () => {
        const transport = new Stdio([process.execPath, '-e', 'console.log("hello"); process.stdin.resume()'])
        await assert.rejects(transport.call(0, 'version', {}, 0), { kind: 'canceled' })
        await transport.shutdown()
      })

      test('who goes without an event has waited', async () => {
        const agent = await open({ start: false })
        while (await agent.nextEvent(200)) continue
        const begun = performance.now()
        const waiting = [1, 2].map(async () => [(await agent.nextEvent(1500)) !== null, performance.now() - begun])
        await agent.call('begin', { method: 'session.status' })
        const got = await Promise.all(waiting)
        assert.equal(got.filter(([found]) => found).length, 1)
        assert.ok(got.every(([found, waited]) => found || waited > 1300), JSON.stringify(got))
        await agent.close()
      })

      test('a child that is not there', async () => {
        const transport = new Stdio(['/does/not/exist', 'serve', '--stdio'])
        await assert.rejects(transport.call(0, 'version', {}, 0), { kind: 'canceled' })
        await transport.shutdown()
      })

      test('a child keeps nobody running', async () => {
        const script = `import { Stdio } from 'leasehold'; const t = new Stdio([process.env.CAPI_TOOL, 'serve', '--stdio']); console.log((await t.call(0, 'version', {}, 0)).protocol)`
        const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: fileURLToPath(new URL('.', import.meta.url)), timeout: 60000 })
        assert.equal(stdout.trim(), '1')
      })
    },
  )
})

describe('the package', () => {
  test('its types are the schema\'s: npm run types', () => {
    assert.equal(readFileSync(new URL('../src/protocol.d.ts', import.meta.url), 'utf8'), render())
  })

  test('its version is the library\'s', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    assert.ok(readFileSync(join(root, 'cmd', 'libleasehold', 'version.go'), 'utf8').includes(`"${version}"`))
  })

  test('its states and kinds are the schema\'s', async () => {
    const schema = JSON.parse(readFileSync(join(root, 'agent', 'protocol', 'schema.json'), 'utf8'))
    const { numbered, states } = await import('../src/error.js')
    assert.deepEqual(Object.fromEntries(states.map((s, i) => [s, i])), schema.states)
    for (const f of schema.failures) assert.equal(numbered(f.number, '').kind, f.kind)
  })
})
