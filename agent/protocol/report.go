package protocol

import "github.com/leasehold-dev/leasehold/enforcement"

// Report is what became of something that was reported or consumed.
type Report struct {
	State enforcement.State `json:"state"`
	Outcome
	Error *Error `json:"error,omitempty"`
}

// Outcome is a [Report] without the state and the error, which a [Status] has as well.
type Outcome struct {
	Feature       string  `json:"feature,omitempty"`
	Limitation    string  `json:"limitation,omitempty"`
	Amount        string  `json:"amount"`
	Accepted      bool    `json:"accepted"`
	Delivered     bool    `json:"delivered"` // the server has it; else it is queued or refused
	TransactionID string  `json:"transaction_id,omitempty"`
	Remaining     *string `json:"remaining"` // null when not told
	NextReset     Moment  `json:"next_reset"`
}
