package slasconetest

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/google/uuid"

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
		holder := &client{traits: unique.Make(traits{})}
		if t == nil {
			t = &token{of: l}
		} else if t.client != nil {
			holder = t.client
		}
		info := s.info(t, holder, x.now)
		info.ClientID = optional(holder.id)
		if t.id == uuid.Nil {
			info.TokenKey = nil
		}
		return ok(info)
	}
	return conflict(invalidKey)
}

// licensesByUser serves POST /provisioning/licenses/by_user: the licences for
// users that list the user, also those on which the user is not active any
// more, as the vendor's WPF sample looks at that itself.
func (s *Server) licensesByUser(x *exchange) result {
	var req wire.LicensesByUserRequest
	if p := x.decode(&req, "product_id", "user_id"); p != nil {
		return problem(p)
	}
	if !s.mayAskFor(req.UserID, x.bearer) {
		return problem(newProblem(http.StatusUnauthorized, "the bearer token is missing or not the user's"))
	}
	if s.store.product(req.ProductID) == nil {
		return conflict(unknownProduct)
	}
	return s.list(x.now, func(l *license) bool {
		return fold(l.ProductID) == fold(req.ProductID) && l.lists(req.UserID) && (!req.ActiveLicensesOnly || l.refuses(x.now) == 0)
	})
}

// licensesByCustomer serves POST /provisioning/licenses/by_customer.
func (s *Server) licensesByCustomer(x *exchange) result {
	var req wire.LicensesByCustomerRequest
	if p := x.decode(&req, "product_id", "customer_number"); p != nil {
		return problem(p)
	}
	switch {
	case s.store.product(req.ProductID) == nil:
		return conflict(unknownProduct)
	case s.store.customer(req.CustomerNumber) == nil:
		return conflict(unknownCustomer)
	}
	return s.list(x.now, func(l *license) bool {
		return fold(l.ProductID) == fold(req.ProductID) && fold(l.Customer.Number) == fold(req.CustomerNumber) &&
			(!req.ActiveLicensesOnly || l.refuses(x.now) == 0)
	})
}

// licensesByLicense serves POST /provisioning/licenses/by_license. What is
// missing in the request matches everything; token keys are no licence keys.
func (s *Server) licensesByLicense(x *exchange) result {
	var req wire.LicensesByLicenseRequest
	if p := x.decode(&req); p != nil {
		return problem(p)
	}
	if req.ProductID != "" && s.store.product(req.ProductID) == nil {
		return conflict(unknownProduct)
	}
	return s.list(x.now, func(l *license) bool {
		return (req.ProductID == "" || fold(l.ProductID) == fold(req.ProductID)) &&
			(req.LicenseKey == "" || fold(l.Key) == fold(req.LicenseKey) || l.LegacyKey != "" && fold(l.LegacyKey) == fold(req.LicenseKey))
	})
}

// list answers with the licences that are wanted.
func (s *Server) list(now time.Time, wanted func(*license) bool) result {
	list := []*licenseDTO{}
	for _, l := range s.store.licenses {
		if wanted(l) {
			s.store.lapse(l, now)
			list = append(list, s.listed(l, now))
		}
	}
	return ok(list)
}

// setLicenseState serves POST /provisioning/licenses/state/toggle: it switches a
// licence off or on.
func (s *Server) setLicenseState(x *exchange) result {
	var req wire.LicenseStateRequest
	if p := x.decode(&req, "product_id", "license_key", "is_active"); p != nil {
		return problem(p)
	}
	if s.store.product(req.ProductID) == nil {
		return conflict(unknownProduct)
	}
	l, t := s.store.resolve(req.ProductID, req.LicenseKey)
	if l == nil || t != nil {
		return conflict(invalidKey)
	}
	l.Inactive = !req.IsActive
	return ok(wire.LicenseState{ProductID: l.ProductID, LicenseID: l.Key, LegacyLicenseKey: optional(l.LegacyKey), IsActive: req.IsActive})
}

// lookupCustomer serves POST /lookup/customer: the ID of a customer.
func (s *Server) lookupCustomer(x *exchange) result {
	var req wire.LookupCustomerRequest
	if p := x.decode(&req, "customer_number"); p != nil {
		return problem(p)
	}
	if c := s.store.customer(req.CustomerNumber); c != nil {
		return ok(c.ID)
	}
	return conflict(unknownCustomer)
}

// lookupProduct serves POST /lookup/product: the ID of a product.
func (s *Server) lookupProduct(x *exchange) result {
	var req wire.LookupProductRequest
	if p := x.decode(&req, "product_name"); p != nil {
		return problem(p)
	}
	for _, p := range s.store.products {
		if fold(p.Name) == fold(req.ProductName) {
			return ok(p.ID)
		}
	}
	return conflict(unknownProduct)
}

// lookupLicenses serves POST /lookup/licenses: the IDs of the customer's
// licences of a product that the client could activate.
func (s *Server) lookupLicenses(x *exchange) result {
	var req wire.LookupLicensesRequest
	if p := x.decode(&req, "product_id", "customer_number", "client_id"); p != nil {
		return problem(p)
	}
	switch {
	case s.store.product(req.ProductID) == nil:
		return conflict(unknownProduct)
	case s.store.customer(req.CustomerNumber) == nil:
		return conflict(unknownCustomer)
	}
	ids := []string{}
	for _, l := range s.store.licenses {
		if fold(l.ProductID) != fold(req.ProductID) || fold(l.Customer.Number) != fold(req.CustomerNumber) ||
			req.LegacyKey != "" && fold(l.LegacyKey) != fold(req.LegacyKey) {
			continue
		}
		s.store.lapse(l, x.now)
		if l.refuses(x.now) == 0 && (l.heldBy(s.store.client(req.ClientID)) != nil || l.hasFree()) {
			ids = append(ids, l.Key)
		}
	}
	if len(ids) == 0 {
		return conflict(noLicenseForCustomer)
	}
	return ok(ids)
}

// customer finds a buyer by number. Customers are what licences name.
func (st *store) customer(number string) *Customer {
	for _, l := range st.licenses {
		if fold(l.Customer.Number) == fold(number) {
			return &l.Customer
		}
	}
	return nil
}

// mayAskFor checks the token of a signed-in user.
func (s *Server) mayAskFor(userID, bearer string) bool {
	if s.cfg.UserTokens == nil {
		return bearer != ""
	}
	user, known := s.cfg.UserTokens[bearer]
	return known && fold(user) == fold(userID)
}

func (l *license) lists(userID string) bool {
	return l.ForUsers && slices.ContainsFunc(l.Users, func(u User) bool { return fold(u.ID) == fold(userID) })
}

// bearerToken is the token of an Authorization header.
func bearerToken(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get(wire.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
