// The shortest application that enforces a licence: it runs as long as it may, and says why when it may not.
//
//   node headless.js CONFIG [KEY]
import { Agent, LeaseholdError } from 'leasehold'

function show(decision) {
  if (decision.state === 'active') console.log('everything works')
  else if (decision.state === 'grace') console.log(`everything works until ${new Date(decision.until).toLocaleString()}: ${decision.remedy}`)
  else console.log(`${decision.state} (${decision.cause}): ${decision.remedy}`)
}

try {
  const agent = await Agent.open({ config_file: process.argv[2] })
  process.once('SIGINT', () => agent.close()) // which ends the loop
  if (!(await agent.status()).license && process.argv[3]) await agent.activate(process.argv[3])
  show(await agent.status())
  for await (const event of agent.events()) {
    if (event.type === 'state_changed') show(event.to)
  }
} catch (e) {
  if (!(e instanceof LeaseholdError)) throw e
  console.error(`error: ${e.message}\nhint: ${e.hint}`)
  process.exitCode = 1
}
