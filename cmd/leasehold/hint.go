package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/agent/protocol"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/storage"
)

// correctIt is what to do about a mistake that its error describes.
const correctIt = "correct it; 'leasehold --help' and the README tell what is expected"

// hintFor says what to do about a failed call that leaves a state.
func hintFor(err error, s enforcement.State) string {
	hint := hintOf(err)
	if hint == tryLater && s <= enforcement.Grace {
		return "nothing is lost; the licence goes on as shown, try again later"
	}
	return hint
}

// tryLater is what to do about a silence that may be over soon.
const tryLater = "nothing was changed; try again later"

// hintOf says what to do about an error of any kind; it is never empty. It is long
// because it has a case for each kind, and their order counts.
func hintOf(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "it was interrupted; run it again"
	case errors.Is(err, agent.ErrNotActivated):
		return "'leasehold activate KEY' takes a seat, 'leasehold license import FILE' takes over a licence file"
	case errors.Is(err, agent.ErrNoSession):
		return "'leasehold session open' takes a seat"
	case errors.Is(err, agent.ErrHeldOnline):
		return "'leasehold deactivate' gives the seat back, 'leasehold deactivate --abandon' forgets it"
	case errors.Is(err, device.ErrNoDeviceID):
		return noDeviceIDHint
	case errors.Is(err, storage.ErrUnavailable):
		return "free disk space or unlock the keyring, or choose another place with --state-dir or --store"
	}
	e, ok := errors.AsType[*agent.Error](err)
	if !ok {
		return "run it again with --verbose, which logs what happens"
	}
	switch e.Kind {
	case agent.KindConflict:
		return conflictHint(e.Code)
	case agent.KindSilence:
		if e.RetryAfter > 0 {
			return fmt.Sprintf("the server asks to try again in %s", protocol.Span(max(e.RetryAfter, time.Second)))
		}
		if silence, ok := errors.AsType[*slascone.SilenceError](err); ok {
			switch silence.Reason {
			case slascone.ProxyFailure:
				return "nothing was changed; correct the proxy's setting (proxy_url, HTTPS_PROXY, or the system's), or ask who runs the proxy"
			case slascone.Compressed:
				return "nothing was changed; ask who runs the network's proxy to leave the server's responses as they are"
			}
		}
		switch remedy := protocol.RemedyOf(err); remedy {
		case enforcement.VendorAccess:
			return "check provisioning_key and isv_id in the configuration; if they are right, " + remedy.Sentence()
		case enforcement.VendorConfiguration:
			return "check server_url, isv_id and product_id in the configuration; if they are right, contact the vendor"
		case enforcement.CheckNetwork:
			return "something between here and the server answers in its place, such as a sign-in page or a proxy; open a web page, or set proxy_url and ca_file"
		}
		return tryLater
	case agent.KindIntegrity:
		return "nothing was changed; " + integrityHint(err)
	}
	if _, ofFile := errors.AsType[*licensefile.Error](err); ofFile {
		return "'leasehold license verify FILE' tells every check of a file"
	}
	switch {
	case errors.Is(err, agent.ErrInput) && e.Op == "activate":
		return "'leasehold activate KEY' wants the key as the vendor sent it, on one line"
	case errors.Is(err, agent.ErrInput):
		return correctIt
	}
	return "'leasehold doctor' tells how things are on this machine"
}

// conflictHint says what helps against a conflict.
func conflictHint(code enforcement.Code) string {
	if code == enforcement.SessionNotOpen {
		return "'leasehold session open' takes a seat"
	}
	if code == 0 {
		code = enforcement.ConnectionsExhausted // a seat that the server says is not valid
	}
	if c, ok := enforcement.Lookup(code); ok && c.Remedy != enforcement.NoRemedy {
		return c.Remedy.Sentence()
	}
	return fmt.Sprintf("'leasehold explain %d' tells what is known of it", code)
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
