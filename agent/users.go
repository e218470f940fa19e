package agent

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/slascone"
)

// FindLicenses lists the licences that the named user (Config.UserID) may activate,
// without those on which the user is switched off. token is the application's bearer
// token for the user, without the word "Bearer"; it is sent and not kept. The list
// is for the user to choose from: a licence counts only once [Agent.Activate] has
// taken it.
func (a *Agent) FindLicenses(ctx context.Context, token string) ([]slascone.UserLicense, error) {
	if a.unmade() {
		return nil, errNotMade
	}
	if a.set.UserID == "" {
		return nil, opFindLicenses.failed(inputError("no user is configured; set Config.UserID"))
	}
	if strings.TrimSpace(token) == "" {
		return nil, opFindLicenses.failed(inputError("the user's token is empty; sign in first"))
	}
	var found []slascone.UserLicense
	err := opFindLicenses.call(ctx, a, func(ctx context.Context) error {
		answer := slascone.Twice(ctx, func(ctx context.Context) slascone.Answer[[]slascone.UserLicense] {
			return a.set.client.LicensesOfUser(ctx, slascone.UserLookup{UserID: a.set.UserID, Token: token, ActiveOnly: true}, a.ledger.ServerTime())
		})
		found = slices.DeleteFunc(answer.Value, func(l slascone.UserLicense) bool { return l.Deactivated })
		return answer.AsError()
	})
	return found, err
}

// SignOut gives back what the user holds, the floating seat and the assigned
// one, and forgets the licence, so that somebody else can use the seat. When
// the server cannot be asked the licence is kept: see [Agent.Deactivate].
// Signing in as somebody else is another Agent with another Config.UserID; each
// user's state is kept apart.
func (a *Agent) SignOut(ctx context.Context) error {
	if a.unmade() {
		return errNotMade
	}
	_, err := a.Deactivate(ctx)
	if errors.Is(err, ErrNotActivated) {
		return nil
	}
	return err
}
