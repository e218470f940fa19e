package slasconetest

import (
	"net/http"
	"strings"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// validate serves POST /provisioning/validate: what a licence grants, by any of
// its keys. It takes no seat; token and client are those of a token key.
func (s *Server) validate(x *exchange) result {
	var req wire.ValidateRequest
	if p := x.decode(&req, "license_key"); p != nil {
		return problem(p)
	}
	for _, p := range s.store.products {
		l, t := s.store.resolve(p.ID, req.LicenseKey)
		if l == nil {
			continue
		}
		s.store.lapse(l, x.now)
		if t == nil {
			t = &token{of: l}
		}
		c := s.store.clients[fold(t.ClientID)]
		if c == nil {
			c = &Client{}
		}
		info := s.info(t, c, x.now)
		info.TokenKey, info.ClientID = optional(t.Key), optional(c.ID)
		return ok(info)
	}
	return conflict(invalidKey)
}

// listedLicence is what a list of licences says of each.
type listedLicence struct {
	wire.ListedLicense
	IsActive  bool `json:"is_active"`
	IsExpired bool `json:"is_expired"`
	IsValid   bool `json:"is_valid"`
}

// licencesByUser serves POST /provisioning/licenses/by_user: the licences for
// users that list the user as active.
func (s *Server) licencesByUser(x *exchange) result {
	var req wire.LicencesByUserRequest
	if p := x.decode(&req, "product_id", "user_id"); p != nil {
		return problem(p)
	}
	if !s.mayAskFor(req.UserID, x.bearer) {
		return problem(newProblem(http.StatusUnauthorized, "the bearer token is missing or not the user's"))
	}
	if s.store.product(req.ProductID) == nil {
		return conflict(unknownProduct)
	}
	list := []listedLicence{}
	for _, l := range s.store.licences {
		expired := l.dates(x.now) == dateExpired
		if fold(l.ProductID) != fold(req.ProductID) || !l.lists(req.UserID) || req.ActiveLicensesOnly && (l.Inactive || expired) {
			continue
		}
		list = append(list, listedLicence{
			wire.ListedLicense{ID: new(l.Key), ProductID: new(l.ProductID), Name: new(l.Name)},
			!l.Inactive, expired, !l.Inactive && l.dates(x.now) == dateValid,
		})
	}
	return ok(list)
}

// mayAskFor checks the token of a signed-in user.
func (s *Server) mayAskFor(userID, bearer string) bool {
	if s.cfg.UserTokens == nil {
		return bearer != ""
	}
	user, known := s.cfg.UserTokens[bearer]
	return known && fold(user) == fold(userID)
}

func (l *licence) lists(userID string) bool {
	for _, u := range l.Users {
		if l.ForUsers && fold(u.ID) == fold(userID) {
			return !u.Inactive
		}
	}
	return false
}

// bearerToken is the token of an Authorization header.
func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get(wire.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
