package slascone

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// acknowledgedCall makes a call whose 200 is a JSON string for a person.
func (c *Client) acknowledgedCall(ctx context.Context, path string, request any, known Known) Answer[struct{}] {
	r, fail := c.exchange(ctx, path, request)
	if fail != nil {
		return silence[struct{}](r, fail)
	}
	if r.status == http.StatusConflict {
		return conflictAnswer[struct{}](r, known)
	}
	if fail := readAcknowledgement(r.body); fail != nil {
		return silence[struct{}](r, fail)
	}
	return Answer[struct{}]{Kind: Yes, RetryAfter: r.retryAfter}
}

// readAcknowledgement accepts any words: they are not part of the protocol.
func readAcknowledgement(body []byte) *SilenceError {
	var text *string
	err := json.Unmarshal(body, &text)
	if err == nil && text == nil {
		err = errors.New("it is null")
	}
	if err != nil {
		return badShape(http.StatusOK, "acknowledgement", err)
	}
	return nil
}
