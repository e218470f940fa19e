// Writes src/protocol.d.ts from the protocol's schema. `npm run types` after the schema has changed; a test compares the two.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const schemaFile = new URL('../../../../../agent/protocol/schema.json', import.meta.url)
const target = new URL('../src/protocol.d.ts', import.meta.url)

const scalars = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' }

function comment(text, indent = '') {
  return text ? `${indent}/** ${text.replaceAll('*/', '* /')} */\n` : ''
}

function type(schema, indent) {
  if (schema.$ref) return schema.$ref.replace('#/types/', '')
  if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((s) => type(s, indent)).join(' | ')
  if (Array.isArray(schema.type)) return schema.type.map((t) => type({ ...schema, type: t }, indent)).join(' | ')
  if (schema.type === 'array') return schema.items ? `Array<${type(schema.items, indent)}>` : 'unknown[]'
  if (schema.type === 'object') return schema.properties ? object(schema, indent) : 'Record<string, unknown>'
  return scalars[schema.type] ?? 'unknown'
}

function object(schema, indent) {
  const members = Object.entries(schema.properties)
  if (members.length === 0) return 'Record<string, never>'
  const required = schema.required ?? []
  const lines = members.map(([name, s]) => `${comment(s.description, indent + '  ')}${indent}  ${name}${required.includes(name) ? '' : '?'}: ${type(s, indent + '  ')}\n`)
  return `{\n${lines.join('')}${indent}}`
}

export function render() {
  const schema = JSON.parse(readFileSync(schemaFile, 'utf8'))
  let text = '// Written by scripts/types.js from agent/protocol/schema.json. Instants are RFC 3339 texts; new Date(text) reads them.\n\n'
  for (const [name, s] of Object.entries(schema.types)) {
    text += comment(s.description)
    text += s.properties ? `export interface ${name} ${type(s, '')}\n\n` : `export type ${name} = ${type(s, '')}\n\n`
  }
  text += comment('What sort of failure.') + `export type FailureKind = ${schema.failures.map((f) => JSON.stringify(f.kind)).join(' | ')}\n\n`
  text += comment('What happened.') + `export type EventType = ${schema.events.map((e) => JSON.stringify(e.type)).join(' | ')}\n\n`
  text += comment('The methods, with what they take and what they answer.') + 'export interface Methods {\n'
  for (const m of schema.methods) {
    text += comment(m.about, '  ')
    text += `  ${JSON.stringify(m.name)}: {\n    params: ${type(m.params, '    ')}\n    result: ${type(m.result, '    ')}\n  }\n`
  }
  return text + '}\n'
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, render())
