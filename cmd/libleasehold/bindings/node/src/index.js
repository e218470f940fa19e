export { Agent } from './agent.js'
export { LeaseholdError } from './error.js'
export { Native } from './native.js'
export { Stdio } from './stdio.js'
