package protocol

import "github.com/leasehold-dev/leasehold/agent"

// Diagnosis is the report for a help desk. It holds no key and no token.
type Diagnosis = agent.DiagnosisReport
