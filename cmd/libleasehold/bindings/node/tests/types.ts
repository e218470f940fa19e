// Compiled, never run: the types hold what the package promises, and mistakes are found.
import { Agent, LeaseholdError, Native, Stdio, type Event, type State, type Status } from 'leasehold'

export async function use(): Promise<void> {
  const agent = await Agent.open({ config_file: 'vendor.json', store: 'file' }, { transport: new Stdio(['/opt/leasehold', 'serve', '--stdio']) })
  const allowed: boolean = agent.allows('pdf-export')
  const state: State = agent.state
  const status: Status = await agent.activate('key')
  const found: string = (await agent.call('explain', { code: 1001 })).summary
  for await (const event of agent.events()) {
    const e: Event = event
    if (e.type === 'state_changed' && e.to?.until) console.log(new Date(e.to.until))
  }
  console.log(allowed, state, status.license?.features[0]?.name, found, new Native('/lib'))
  // @ts-expect-error a promise is not a boolean
  const wrong: boolean = agent.allowsAsync('pdf-export')
  // @ts-expect-error no such method
  await agent.call('activat', {})
  // @ts-expect-error no such parameter
  await agent.call('activate', { kee: 'x' })
  // @ts-expect-error no such state
  if (state === 'readonly') console.log(wrong)
  try {
    await agent.close()
  } catch (e) {
    if (e instanceof LeaseholdError && e.kind === 'no_agent') console.log(e.hint, e.status?.state)
  }
}
