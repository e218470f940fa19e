package slasconetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// Usage is a use of a feature that a client has reported.
type Usage struct {
	ClientID  string    `json:"client_id"`
	UserID    string    `json:"user_id,omitempty"`
	FeatureID string    `json:"usage_feature_id"`
	Feature   string    `json:"usage_feature_name"`
	Module    string    `json:"usage_module,omitempty"` // the ID or the name, as it was sent
	Value     string    `json:"value"`
	Time      time.Time `json:"timestamp_utc"` // the server's where the client gave none
}

// Measurement is the value of an analytical field that a client has reported.
type Measurement struct {
	ClientID string    `json:"client_id"`
	UserID   string    `json:"user_id,omitempty"`
	FieldID  string    `json:"analytical_field_id"`
	Value    string    `json:"value"`
	Values   []string  `json:"value_array,omitempty"`
	Time     time.Time `json:"timestamp_utc"`
}

// keptReports bounds the lists of usages and of measurements, so that a fleet
// does not fill the memory.
const keptReports = 100000

// lastOf appends and, when there are too many, forgets the older half. The list
// is never changed in place, as it may be being written to the state file.
func lastOf[T any](all, more []T) []T {
	if len(all)+len(more) > keptReports {
		all = slices.Clone(all[min(len(all), keptReports/2):])
	}
	return append(all, more...)
}

// Usages lists what was reported as used, in order of arrival; at least the last
// 50,000.
func (s *Server) Usages() []Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Usage{}, s.store.usages...)
}

// Measurements lists what was measured, in order of arrival; at least the last
// 50,000.
func (s *Server) Measurements() []Measurement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Measurement{}, s.store.measurements...)
}

// reporter finds the client that reports and the seats it may report for,
// temporary ones first.
func (s *Server) reporter(clientID, tokenKey string, now time.Time) (*client, []*token, conflictID) {
	if strings.TrimSpace(clientID) == "" {
		return nil, nil, missingClient
	}
	c := s.store.client(clientID)
	if c == nil {
		return nil, nil, unknownClient
	}
	s.store.lapseClient(c, now)
	if tokenKey != "" {
		t := s.store.token(tokenKey)
		if t == nil {
			return nil, nil, unknownToken
		}
		t, id := s.store.seatFor(c, t.of.ProductID, tokenKey)
		return c, []*token{t}, id
	}
	seats := slices.Clone(c.seats)
	if len(seats) == 0 {
		return nil, nil, unknownClient
	}
	slices.SortStableFunc(seats, func(a, b *token) int { return cmp.Compare(number(b.of.Temporary), number(a.of.Temporary)) })
	return c, seats, 0
}

// products are those of the seats.
func (s *Server) productsOf(seats []*token) []*Product {
	var list []*Product
	for _, seat := range seats {
		list = append(list, s.store.product(seat.of.ProductID))
	}
	return list
}

// lookUp finds an ID in one of the maps that the products have.
func lookUp(products []*Product, of func(*Product) map[string]string, id string) (string, bool) {
	for _, p := range products {
		for known, value := range of(p) {
			if fold(known) == fold(id) {
				return value, true
			}
		}
	}
	return "", false
}

const reported = "Success."

// reportUsage serves POST /data_gathering/usage_heartbeats.
func (s *Server) reportUsage(x *exchange) result {
	var req wire.UsageRequest
	if p := x.decode(&req, "usage_heartbeat"); p != nil {
		return problem(p)
	}
	c, seats, id := s.reporter(req.ClientID, req.TokenKey, x.now)
	if id != 0 {
		return conflict(id)
	}
	products := s.productsOf(seats)
	var list []Usage
	for i, u := range req.Usage {
		if _, err := uuid.Parse(u.FeatureID); err != nil {
			return problem(malformed(fmt.Sprintf("usage_heartbeat[%d].usage_feature_id is not a UUID", i)))
		}
		name, known := lookUp(products, func(p *Product) map[string]string { return p.UsageFeatures }, u.FeatureID)
		if !known {
			return conflict(unknownUsageFeature)
		}
		if _, known := lookUp(products, func(p *Product) map[string]string { return p.UsageModules }, u.ModuleID); !known && u.ModuleID != "" {
			return conflict(unknownUsageModule)
		}
		list = append(list, Usage{c.id, req.UserID, u.FeatureID, name, u.ModuleID, u.Value.Decimal.String(), x.at(u.Timestamp)})
	}
	s.store.usages = lastOf(s.store.usages, list)
	return ok(reported)
}

// reportUsageByName serves POST /data_gathering/usage_heartbeats_by_name.
func (s *Server) reportUsageByName(x *exchange) result {
	var req wire.UsageByNameRequest
	if p := x.decode(&req, "product_id", "usage_heartbeat"); p != nil {
		return problem(p)
	}
	p := s.store.product(req.ProductID)
	if p == nil {
		return conflict(unknownProduct)
	}
	c, _, id := s.reporter(req.ClientID, req.TokenKey, x.now)
	if id != 0 {
		return conflict(id)
	}
	// Names are created only when the whole report is accepted.
	features, modules := maps.Clone(p.UsageFeatures), maps.Clone(p.UsageModules)
	var list []Usage
	for i, u := range req.Usage {
		if strings.TrimSpace(u.FeatureName) == "" {
			return problem(malformed(fmt.Sprintf("usage_heartbeat[%d].usage_feature_name is required", i)))
		}
		featureID, known := named(&features, u.FeatureName, req.CreateFeature)
		if !known {
			return conflict(unknownUsageFeature)
		}
		if u.ModuleName != "" {
			if _, known := named(&modules, u.ModuleName, req.CreateModule); !known {
				return conflict(unknownUsageModule)
			}
		}
		list = append(list, Usage{c.id, req.UserID, featureID, u.FeatureName, u.ModuleName, u.Value.Decimal.String(), x.at(u.Timestamp)})
	}
	p.UsageFeatures, p.UsageModules = features, modules
	s.store.usages = lastOf(s.store.usages, list)
	return ok(reported)
}

// named finds the ID of a name, and makes one where that is asked for.
func named(in *map[string]string, name string, create bool) (string, bool) {
	for id, known := range *in {
		if fold(known) == fold(name) {
			return id, true
		}
	}
	if !create {
		return "", false
	}
	if *in == nil {
		*in = map[string]string{}
	}
	id := uuid.NewString()
	(*in)[id] = name
	return id, true
}

// reportMeasurements serves POST /data_gathering/analytical_heartbeats.
func (s *Server) reportMeasurements(x *exchange) result {
	var req wire.AnalyticsRequest
	if p := x.decode(&req, "analytical_heartbeat"); p != nil {
		return problem(p)
	}
	c, seats, id := s.reporter(req.ClientID, req.TokenKey, x.now)
	if id != 0 {
		return conflict(id)
	}
	products := s.productsOf(seats)
	seen := map[string]bool{}
	var list []Measurement
	for i, f := range req.Fields {
		if _, err := uuid.Parse(f.FieldID); err != nil {
			return problem(malformed(fmt.Sprintf("analytical_heartbeat[%d].analytical_field_id is not a UUID", i)))
		}
		kind, known := lookUp(products, func(p *Product) map[string]string { return p.AnalyticalFields }, f.FieldID)
		switch {
		case !known:
			return conflict(unknownField)
		case seen[fold(f.FieldID)]:
			return conflict(fieldTwice)
		}
		seen[fold(f.FieldID)] = true
		for _, value := range append([]string{f.Value}, f.ValueArray...) {
			if id := fits(kind, value); id != 0 {
				return conflict(id)
			}
		}
		list = append(list, Measurement{c.id, req.UserID, f.FieldID, f.Value, f.ValueArray, x.at(f.Timestamp)})
	}
	s.store.measurements = lastOf(s.store.measurements, list)
	return ok(reported)
}

// fits says why a value is not of a field's kind.
func fits(kind, value string) conflictID {
	switch kind {
	case "numeric":
		if _, err := decimal.NewFromString(value); err != nil {
			return numberExpected
		}
	case "bool":
		if v := fold(value); v != "true" && v != "false" {
			return boolExpected
		}
	}
	return 0
}

// at is the client's time of an event, or the server's.
func (x *exchange) at(t *wire.Time) time.Time {
	if t == nil {
		return x.now
	}
	return t.Time
}
