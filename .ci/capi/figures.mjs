// What things cost from Node. [first] LIBRARY CONFIG STATE-DIR, or empty; see figures.c
import { readFileSync } from 'node:fs'

const tell = () => console.log(readFileSync('/proc/self/status', 'utf8'))
const first = process.argv[2] === 'first'
if (first) process.argv.splice(2, 1)
else if (process.argv[2] === 'empty') {
  tell()
  process.exit()
}

const { Agent, Native } = await import('leasehold')
const [library, config_file, state_dir] = process.argv.slice(2)
const transport = new Native(library)
const opened = () => Agent.open({ config_file, state_dir, store: 'file' }, { transport })

async function each(n, what) {
  const rounds = []
  for (let r = 0; r < 15; r++) {
    const begun = process.hrtime.bigint()
    await what(n)
    rounds.push(Number(process.hrtime.bigint() - begun) / n)
  }
  return Math.round(rounds.sort((a, b) => a - b)[7])
}

// The loop is inside, so that nothing but the call is awaited or called.
const times = (what) => (n) => {
  for (let i = 0; i < n; i++) what()
}

const agent = await opened()
if (first) {
  if (!agent.allows('pdf-export')) throw new Error('not allowed')
  tell()
  process.exit()
}
await agent.activate('0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978')
if (!agent.allows('pdf-export')) throw new Error('not allowed')
const costs = [
  await each(100000, times(() => Date.now())),
  await each(100000, times(() => agent.allows('pdf-export'))),
  await each(100000, times(() => agent.state)),
  await each(300, async (n) => {
    for (let i = 0; i < n; i++) await agent.call('version')
  }),
]
await agent.close()
costs.push(await each(1, async () => (await opened()).close()))
console.log('Node', ...costs)
