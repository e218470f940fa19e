package slascone

import (
	"context"
	"errors"
	"net/http"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// acknowledgedCall makes a call whose 200 is a JSON string for a person.
func (c *Client) acknowledgedCall(ctx context.Context, path string, request any, known Known) Answer[struct{}] {
	return readCall(ctx, c, path, request, known, func(r response) (struct{}, *SilenceError) { return readAcknowledgement(r.body) })
}

// readAcknowledgement accepts any words: they are not part of the protocol.
func readAcknowledgement(body []byte) (struct{}, *SilenceError) {
	var text *string
	err := wire.Unmarshal(body, &text)
	if err == nil && text == nil {
		err = errors.New("it is null")
	}
	if err != nil {
		return struct{}{}, badShape(http.StatusOK, "acknowledgement", err)
	}
	return struct{}{}, nil
}
