package protocol

import _ "embed"

//go:embed schema.json
var schema []byte

// Schema returns the description of the protocol as JSON: numbers that the C
// library returns, methods with their parameters and results, events, failures
// and types. Types are JSON Schemas.
func Schema() []byte { return append([]byte(nil), schema...) }
