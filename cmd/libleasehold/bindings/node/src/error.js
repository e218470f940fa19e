const kinds = ['usage', 'conflict', 'silence', 'integrity', 'no_agent', 'timeout', 'canceled', 'forked', 'no_method', 'internal']

/** The states in the order of severity; the C library has their places as numbers. */
export const states = ['active', 'grace', 'read_only', 'locked']

export class LeaseholdError extends Error {
  constructor(failure) {
    super(failure.message ?? '')
    this.name = 'LeaseholdError'
    this.op = failure.op ?? ''
    this.kind = failure.kind ?? 'internal'
    this.code = failure.code ?? 0
    this.hint = failure.hint ?? ''
    this.remedy_id = failure.remedy_id ?? ''
    this.retry_after_s = failure.retry_after_s ?? 0
    this.status = failure.status ?? null
  }
}

/** The failure that a number of the C library stands for. */
export function numbered(rc, op) {
  const kind = kinds[-rc - 1] ?? 'internal'
  return new LeaseholdError({ op, kind, message: kind.replaceAll('_', ' ') })
}
