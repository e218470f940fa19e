package slascone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// UserLicense is a licence that a user may activate. It is no evidence that
// the user may do anything: only an activation or a heartbeat is.
type UserLicense struct {
	Key         string // what [Activation] wants
	Name        string // for people to choose by; may be empty
	Description string
	// Deactivated: the licence lists the user as switched off.
	Deactivated bool
}

// UserLookup asks for the licences of a named user.
type UserLookup struct {
	UserID string // required, such as an e-mail address
	// Token is the application's bearer token for the user, without the word
	// "Bearer". Required.
	Token string
	// ActiveOnly leaves out licences that are not active.
	ActiveOnly bool
}

// LicensesOfUser lists the licences that the user has for this product
// (SLASCONE help centre 360017647817). A Yes may carry none. A token that is
// not accepted is a Silence with the reason [Unauthorized].
func (c *Client) LicensesOfUser(ctx context.Context, q UserLookup, known Known) Answer[[]UserLicense] {
	if fail := q.check(); fail != nil {
		return silence[[]UserLicense](response{}, fail)
	}
	answer := readCall(ctx, c.withToken(q.Token), wire.PathLicensesByUser, wire.LicensesByUserRequest{
		ProductID: c.productID, UserID: q.UserID, ActiveLicensesOnly: q.ActiveOnly,
	}, known, func(r response) ([]UserLicense, *SilenceError) { return c.readUserLicenses(r.body, q.UserID) })
	if answer.Err != nil && answer.Err.Reason == Unauthorized {
		// The provisioning key, which other calls prove, is less likely to be wrong.
		answer.Err.Detail = fmt.Sprintf("the server answered %d; the user's token may be over: sign the user in again", answer.Err.Status)
	}
	return answer
}

func (q UserLookup) check() *SilenceError {
	switch {
	case strings.TrimSpace(q.UserID) == "":
		return badRequest("the call names no user; give the user ID")
	case q.Token == "":
		return badRequest("the call has no token; sign the user in and give the bearer token")
	case strings.ContainsFunc(q.Token, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return badRequest(`the token has blanks or characters that cannot be sent; give it without "Bearer" and line breaks`)
	}
	return nil
}

func (c *Client) readUserLicenses(body []byte, userID string) ([]UserLicense, *SilenceError) {
	var list []wire.ListedLicense
	err := wire.Unmarshal(body, &list)
	if err == nil && list == nil {
		err = errors.New("it is null")
	}
	licenses := make([]UserLicense, 0, len(list))
	for _, l := range list {
		if err != nil {
			break
		}
		if _, bad := uuid.Parse(value(l.ID)); bad != nil || l.ProductID == nil {
			err = errors.New("an entry has no id or no product_id")
			break
		}
		if !strings.EqualFold(*l.ProductID, c.productID) {
			return nil, &SilenceError{Reason: Foreign, Status: http.StatusOK, Detail: "the licence server's answer is for another product"}
		}
		found := UserLicense{Key: *l.ID, Name: value(l.Name), Description: value(l.Description)}
		for _, u := range l.Users {
			if strings.EqualFold(value(u.UserID), userID) && u.IsActive != nil {
				found.Deactivated = !*u.IsActive
			}
		}
		licenses = append(licenses, found)
	}
	if err != nil {
		return nil, badShape(http.StatusOK, "list of licences", err)
	}
	return licenses, nil
}

// withToken returns a client that shares everything with c and calls in a
// user's name.
func (c *Client) withToken(token string) *Client {
	own, caller := *c, *c.http
	caller.Transport = tokenTransport{inner: c.http.Transport, token: token}
	own.http = &caller
	return &own
}

// tokenTransport adds a user's token to requests. Redirects do not take it
// elsewhere: they are followed only where they stay with the server.
type tokenTransport struct {
	inner http.RoundTripper // nil: the default
	token string
}

// RoundTrip implements [http.RoundTripper].
func (t tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // a RoundTripper must not change the request
	r.Header.Set(wire.HeaderAuthorization, "Bearer "+t.token)
	r.Header.Set(wire.HeaderUserType, wire.UserTypeToken)
	inner := t.inner
	if inner == nil {
		inner = http.DefaultTransport
	}
	return inner.RoundTrip(r)
}
