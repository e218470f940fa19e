package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
)

// hintFor says what to do about a failed call.
func hintFor(e *errorView, err error, d enforcement.Decision) string {
	switch {
	case e.Kind == agent.ConflictKind:
		if c, ok := enforcement.Lookup(e.Code); ok {
			return c.Remedy.Sentence()
		}
		return fmt.Sprintf("'leasehold explain %d' tells what is known of it", e.Code)
	case e.Kind == agent.SilenceKind && e.RetryAfter > 0:
		return fmt.Sprintf("the server asks to try again in %s", span(time.Duration(e.RetryAfter)*time.Second))
	case e.Kind == agent.SilenceKind && d.State <= enforcement.Grace:
		return "nothing is lost; the licence goes on as shown, try again later"
	case e.Kind == agent.IntegrityKind:
		return "nothing was changed; " + integrityHint(err)
	}
	return ""
}

// integrityHint says what to do about an answer, or a file, that proved
// nothing. Only a missing or wrong signature has to do with keys.
func integrityHint(err error) string {
	if errors.Is(err, licensefile.CheckSignature) {
		return "get the file anew, or check the key in the configuration"
	}
	var reason slascone.Reason
	if silence, ok := errors.AsType[*slascone.SilenceError](err); ok {
		reason = silence.Reason
	}
	switch reason {
	case slascone.BadSignature, slascone.BadNonce:
		return "check signature.mode and the key in the configuration, or what stands between here and the server"
	case slascone.Foreign:
		return "the answer is signed but meant for another; check product_id in the configuration, or what stands between here and the server"
	case slascone.BadShape:
		return "the answer is signed but not what was asked for; update the application, or tell the vendor"
	}
	return "the answer is signed but an old one; try again, and if it stays so look for a proxy that keeps answers"
}
