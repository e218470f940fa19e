package slasconetest_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// contract is what the service may answer: of every model each member, its type
// and, with a question mark, that it may be null. A null elsewhere makes the
// vendor's generated C# client throw. The table is the strictest of the models of
// the vendor's generated clients (C# 2022, Java V26.1, C++ V26.2), but that the
// amounts of an unlimited limitation are null since API compatibility level 220.
//
// Types: uuid, text, int, number, bool, date, an enumeration as its greatest
// value, any, another model, and a list of one of these.
const contract = `
LicenseInfo
	customer Customer
	license_name text
	license_key uuid
	token_key uuid?
	legacy_license_key text?
	client_id text?
	client_name text?
	client_description text?
	product_name text
	product_id uuid
	template_name text
	template_id uuid
	provisioning_mode 1
	client_type 1
	is_license_active bool
	is_license_expired bool
	is_license_valid bool
	start_date_utc date?
	expiration_date_utc date
	date_validity 2
	token_limit int
	floating_token_limit int?
	is_temporary bool
	is_software_version_valid bool
	software_release_limitation SoftwareReleaseLimitation?
	is_newer_software_shipment_available bool
	latest_software_shipment SoftwareShipment?
	session_period int?
	heartbeat_period int?
	freeride int?
	enforce_software_version_upgrade bool
	features [Feature]
	limitations [Limitation]
	variables [Variable]
	constrained_variables [ConstrainedVariable]
	license_users [LicenseUser]
	created_date_utc date
	license_type LicenseType?
Customer
	customer_id uuid
	company_name text
	customer_number text
SoftwareReleaseLimitation
	id uuid
	product_id uuid
	software_release text
	description text?
	software_shipments [SoftwareShipment]
	created_date_utc date
	modified_date_utc date
	last_modified_by text
SoftwareShipment
	id uuid
	product_id uuid
	version_number text
	description text?
	download_link text?
	properties [any]
	software_release_limitation_id uuid
	is_latest bool
	created_date_utc date
	modified_date_utc date
	last_modified_by text
LicenseType
	id uuid
	name text
	created_date_utc date
	modified_date_utc date
	last_modified_by text
Feature
	id uuid
	name text
	description text?
	is_active bool
	expiration_date_utc date?
Limitation
	id uuid
	name text
	description text?
	value int?
	remaining number?
	balance number?
	consumption_reset_mode 5
	consumption_reset_period_days int?
Variable
	id uuid
	name text
	description text?
	value text
ConstrainedVariable
	id uuid
	name text
	description text?
	customListId uuid
	value [text]
LicenseUser
	user_id text
	name text
	license_id uuid
	is_active bool
	created_date_utc date
	modified_date_utc date
	last_modified_by text
	active_sessions [UserSession]
	license_user_group_id uuid?
UserSession
	id uuid
	session_id uuid?
	session_valid_until date
	created_date_utc date
	modified_date_utc date
	license_id uuid
	assignment_id uuid
	assignment any?
	user_id text?
	max_open_session_count int
	max_active_client_count int
	duration int
Session
	is_session_valid bool
	session_valid_until date
	session_created_date date
	session_modified_date date
	max_open_session_count int
	max_active_client_count int
Consumption
	transaction_id uuid?
	limitation_id uuid
	remaining number?
	balance number?
	limit number?
	goodwill number
	last_reset_date_utc date
	next_reset_date_utc date?
ListedLicense
	expiration_date_utc date
	expiration_mode 3
	valid_days_count int
	trial_days_count int
	is_active bool
	is_expired bool
	date_validity 2
	is_valid bool
	is_software_release_valid bool
	is_group_valid bool
	group_count int
	date_of_issue_utc date
	start_date_utc date?
	id uuid
	customer_id uuid
	product_id uuid
	template_id uuid
	license_type_id uuid?
	legacy_license_key text?
	name text
	description text?
	token_limit int
	goodwill_token_limit int
	floating_token_limit int?
	user_limit int?
	software_release_limitation_id uuid?
	is_temporary bool
	license_features [ListedFeature]
	license_limitations [ListedLimitation]
	license_constrained_variables [ListedChoice]
	license_variables [ListedVariable]
	license_users_groups [any]
	license_users [LicenseUser]
	created_date_utc date
	modified_date_utc date
	last_modified_by text
	customer ListedCustomer
	product any?
	template any?
	license_type LicenseType?
	software_release_limitation SoftwareReleaseLimitation?
	prioritized_software_release text?
	mail_logs [any]
	client_id text?
ListedFeature
	product_id uuid
	feature_id uuid
	feature_name text
	feature_description text?
	is_active bool
	feature_exceptions any?
ListedLimitation
	product_id uuid
	limitation_id uuid
	limitation_name text
	limitation_description text?
	limit int?
	consumption_reset_mode 5
	consumption_reset_period_days int?
	current_user_transaction_id uuid?
ListedChoice
	product_id uuid
	variable_id uuid
	variable_name text
	variable_description text?
	values [text]
ListedVariable
	product_id uuid
	variable_id uuid
	variable_name text
	variable_description text?
	value text
ListedCustomer
	id uuid
	company_name text
	customer_number text
	customer_type any?
	email text?
	street text?
	city text?
	postalcode text?
	country text?
	phone text?
	prospect_number text?
	longitude number?
	latitude number?
	created_date_utc date
	modified_date_utc date
	last_modified_by text
	tag_assignments [any]
	logo any?
	reseller_id uuid?
LicenseState
	product_id uuid
	license_id uuid
	legacy_license_key text?
	is_active bool
Conflict
	id int
	message text
	help text?
Problem
	type text
	title text
	status int
	detail text
`

// models is the contract by model and member.
var models = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	var model map[string]string
	for line := range strings.Lines(strings.TrimSpace(contract)) {
		line = strings.TrimRight(line, "\n")
		name, kind, isMember := strings.Cut(strings.TrimPrefix(line, "\t"), " ")
		if !isMember {
			model = map[string]string{}
			all[name] = model
			continue
		}
		model[name] = kind
	}
	return all
}()

// breach says where a value is not of a type of the contract, or nothing.
func breach(path, kind string, v any) string {
	if inner, nullable := strings.CutSuffix(kind, "?"); v == nil {
		if nullable {
			return ""
		}
		return path + " is null"
	} else if nullable {
		return breach(path, inner, v)
	}
	wrong := fmt.Sprintf("%s is %v; want %s", path, v, kind)
	if element, isList := strings.CutPrefix(kind, "["); isList {
		list, ok := v.([]any)
		if !ok {
			return wrong
		}
		for i, e := range list {
			if b := breach(fmt.Sprintf("%s[%d]", path, i), strings.TrimSuffix(element, "]"), e); b != "" {
				return b
			}
		}
		return ""
	}
	if model := models[kind]; model != nil {
		return breachOfModel(path, model, v)
	}
	text, isText := v.(string)
	number, isNumber := v.(json.Number)
	var ok bool
	switch kind {
	case "any":
		ok = true
	case "text":
		ok = isText
	case "uuid":
		ok = isText && uuid.Validate(text) == nil
	case "date":
		_, err := time.Parse(time.RFC3339, text)
		ok = isText && err == nil && strings.HasSuffix(text, "Z")
	case "bool":
		_, ok = v.(bool)
	case "number":
		ok = isNumber
	case "int":
		n, err := number.Int64()
		ok = isNumber && err == nil && n >= -1<<31 && n < 1<<31
	default: // an enumeration
		ok = isNumber && len(number) == 1 && string(number) <= kind
	}
	if ok {
		return ""
	}
	return wrong
}

func breachOfModel(path string, model map[string]string, v any) string {
	members, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprintf("%s is %v; want an object", path, v)
	}
	for name, kind := range model {
		member, there := members[name]
		if !there {
			return fmt.Sprintf("%s.%s is missing", path, name)
		}
		if b := breach(path+"."+name, kind, member); b != "" {
			return b
		}
	}
	for name := range members {
		if _, known := model[name]; !known {
			return fmt.Sprintf("%s.%s is not in the contract", path, name)
		}
	}
	return ""
}

// keeps fails unless a reply keeps the contract of its endpoint.
func keeps(t testing.TB, endpoint, kind string, r reply) {
	t.Helper()
	switch r.status {
	case http.StatusOK:
	case http.StatusConflict:
		kind = "Conflict"
	default:
		kind = "Problem"
	}
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v in %q", endpoint, err, r.body)
	}
	if b := breach("body", kind, v); b != "" {
		t.Fatalf("%s: %s\n%s", endpoint, b, r.body)
	}
}

// anyLicense draws a licence, with every member that there may be left out.
func anyLicense(t *rapid.T) slasconetest.License {
	count := rapid.Custom(func(t *rapid.T) *int {
		return rapid.Ptr(rapid.IntRange(1, 3), true).Draw(t, "n")
	})
	text := rapid.SampledFrom([]string{"", "a", `"balance":null,`, "ü <&>"})
	day := rapid.Custom(func(t *rapid.T) time.Time {
		return rapid.SampledFrom([]time.Time{{}, start.AddDate(0, 0, -1), start.AddDate(0, 0, 1), start.Add(123456789)}).Draw(t, "day")
	})
	flag := rapid.Bool()
	l := slasconetest.License{
		LegacyKey: rapid.SampledFrom([]string{"", "OLD"}).Draw(t, "legacy"), Name: text.Draw(t, "name"), Description: text.Draw(t, "description"),
		Floating: flag.Draw(t, "floating"), ForUsers: flag.Draw(t, "users"), Inactive: flag.Draw(t, "inactive"), Temporary: flag.Draw(t, "temporary"),
		Starts: day.Draw(t, "starts"), Expires: day.Draw(t, "expires"), Issued: day.Draw(t, "issued"),
		TokenLimit: count.Draw(t, "tokens"), FloatingTokenLimit: count.Draw(t, "seats"), UserLimit: count.Draw(t, "user limit"),
		SessionPeriod: count.Draw(t, "session"), HeartbeatPeriod: count.Draw(t, "heartbeat"), Freeride: count.Draw(t, "freeride"),
		ReleaseLimit: rapid.SampledFrom([]string{"", "0.9", "24"}).Draw(t, "release"), SoftFloatingLimit: flag.Draw(t, "soft"),
	}
	if flag.Draw(t, "type") {
		l.Type.Name = "Commercial"
	}
	for range rapid.IntRange(0, 2).Draw(t, "features") {
		l.Features = append(l.Features, slasconetest.Feature{Name: text.Draw(t, "name"), Description: text.Draw(t, "text"), Expires: day.Draw(t, "end")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "limitations") {
		l.Limitations = append(l.Limitations, slasconetest.Limitation{
			Name: text.Draw(t, "name"), Value: rapid.SampledFrom([]string{"", "0", "2"}).Draw(t, "value"), Goodwill: 50,
			Reset: slasconetest.ResetMode(rapid.IntRange(0, 5).Draw(t, "reset")), ResetDays: 3,
		})
	}
	for range rapid.IntRange(0, 1).Draw(t, "variables") {
		l.Variables = append(l.Variables, slasconetest.Variable{Name: text.Draw(t, "name"), Value: text.Draw(t, "value")})
		l.Choices = append(l.Choices, slasconetest.Choice{Name: text.Draw(t, "name")})
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "named") {
		l.Users = append(l.Users, slasconetest.User{ID: fmt.Sprintf("%d@b.c", i), Name: text.Draw(t, "name"), Inactive: flag.Draw(t, "left")})
	}
	return l
}

// TestContract asks every endpoint about licences of every kind, before and
// after they were used, and holds the answers to the contract.
func TestContract(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue && os.Getenv("LEASEHOLD_HEAVY") == "" {
		was := f.Value.String()
		_ = f.Value.Set("40")
		defer func() { _ = f.Value.Set(was) }()
	}
	asked := map[slasconetest.Endpoint]map[int]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		s := slasconetest.New(slasconetest.Config{Key: testKey(), Signing: slasconetest.SigningNone, Now: func() time.Time { return start },
			SecondActivation: rapid.SampledFrom([]int{0, 2001, 2005}).Draw(rt, "again")})
		defer s.Close()
		if rapid.Bool().Draw(rt, "published") {
			s.UpdateProduct(slasconetest.DemoProduct, func(p *slasconetest.Product) { p.LatestVersion = "2.0" })
		}
		lic := s.AddLicense(anyLicense(rt))
		c := call(t, s)
		defer c.client.CloseIdleConnections()
		for _, client := range []string{"one/0@b.c", "two"} {
			for range 2 {
				askAll(t, c, lic, client)
			}
		}
		for _, r := range s.Requests() {
			if asked[r.Endpoint] == nil {
				asked[r.Endpoint] = map[int]bool{}
			}
			asked[r.Endpoint][r.Status] = true
		}
	})
	for _, e := range slasconetest.Endpoints() {
		if e != slasconetest.OfflineActivation && !asked[e][200] { // that answers with a file
			t.Errorf("%s never gave a 200, so that nothing was held to the contract", e)
		}
	}
}

// askAll makes one call of every endpoint.
func askAll(t testing.TB, c *caller, lic slasconetest.License, client string) {
	t.Helper()
	_, user, _ := strings.Cut(client, "/")
	keeps(t, "activation", "LicenseInfo", c.activate(lic.Key, client))
	beat := c.heartbeat(client)
	keeps(t, "heartbeat", "LicenseInfo", beat)
	keeps(t, "session", "Session", c.session(pathSessionOpen, lic.Key, client, sessionA, func(r *wire.SessionRequest) { r.UserID = user }))
	keeps(t, "heartbeat", "LicenseInfo", c.heartbeat(client)) // with a session
	for _, limit := range lic.Limitations {
		one := wire.ConsumptionUse{LimitationID: limit.ID, Value: wire.Decimal{Decimal: decimal.NewFromInt(1)}}
		taken := c.post(wire.PathConsumption, wire.ConsumptionRequest{ClientID: client, Consumption: []wire.ConsumptionUse{one, one}})
		keeps(t, "consumption", "[Consumption]", taken)
		keeps(t, "status", "Consumption", c.post(wire.PathConsumptionStatus, wire.ConsumptionStatusRequest{LicenseID: lic.Key, LimitationID: limit.ID}))
		keeps(t, "rollback", "Consumption", c.post(wire.PathConsumptionRollback, wire.ConsumptionRollbackRequest{LimitationID: limit.ID, TransactionID: sessionA}))
	}
	keeps(t, "heartbeat", "LicenseInfo", c.heartbeat(client)) // after consumption
	keeps(t, "validate", "LicenseInfo", c.post(wire.PathValidate, wire.ValidateRequest{LicenseKey: lic.Key}))
	product, number := slasconetest.DemoProduct, lic.Customer.Number
	keeps(t, "by_customer", "[ListedLicense]", c.post(wire.PathLicensesByCustomer, wire.LicensesByCustomerRequest{ProductID: product, CustomerNumber: number}))
	keeps(t, "by_license", "[ListedLicense]", c.post(wire.PathLicensesByLicense, wire.LicensesByLicenseRequest{LicenseKey: lic.Key}))
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer x"}, "Provisioningkey": {c.s.ProvisioningKey()}}
	base := c.s.URL + wire.Prefix(c.s.ISV())
	keeps(t, "by_user", "[ListedLicense]", c.do("POST", base+wire.PathLicensesByUser, []byte(`{"product_id":"`+product+`","user_id":"0@b.c"}`), header))
	keeps(t, "count", "int", c.do("GET", base+strings.Replace(wire.PathFloatingCount, "{license_id}", lic.Key, 1), nil, header))
	keeps(t, "lookup/customer", "uuid", c.post(wire.PathLookupCustomer, wire.LookupCustomerRequest{CustomerNumber: number}))
	keeps(t, "lookup/product", "uuid", c.post(wire.PathLookupProduct, wire.LookupProductRequest{ProductName: "demo"}))
	keeps(t, "lookup/licenses", "[uuid]", c.post(wire.PathLookupLicenses, wire.LookupLicensesRequest{ProductID: product, CustomerNumber: number, ClientID: client}))
	keeps(t, "usage by name", "text", c.post(wire.PathUsageByName, wire.UsageByNameRequest{ProductID: product, ClientID: client, CreateFeature: true,
		Usage: []wire.NamedUsage{{FeatureName: "PDF", Value: wire.Decimal{Decimal: decimal.NewFromInt(1)}}}}))
	keeps(t, "usage", "text", c.post(wire.PathUsage, wire.UsageRequest{ClientID: client, Usage: []wire.Usage{}}))
	keeps(t, "analytics", "text", c.post(wire.PathAnalytics, wire.AnalyticsRequest{ClientID: client, Fields: []wire.AnalyticalRecord{}}))
	state := wire.LicenseStateRequest{ProductID: product, LicenseKey: lic.Key, IsActive: lic.Inactive}
	keeps(t, "state", "LicenseState", c.post(wire.PathLicenseState, state))
	keeps(t, "close", "text", c.session(pathSessionClose, lic.Key, client, sessionA, func(r *wire.SessionRequest) { r.UserID = user }))
	var seat struct {
		TokenKey string `json:"token_key"`
	}
	if json.Unmarshal(beat.body, &seat) == nil && seat.TokenKey != "" {
		keeps(t, "unassign", "text", c.post(pathUnassign, wire.UnassignRequest{TokenKey: seat.TokenKey}))
	}
}

// The amounts of a limited limitation are never null.
func TestLimitedAmountsAreNeverNull(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{Limitations: []slasconetest.Limitation{{Value: "3"}, {Value: "3", Reset: slasconetest.ResetNever}}})
	c := call(t, s)
	for _, l := range info(t, c.want(c.activate(lic.Key, "one"), 200)).Limitations {
		if l.Value == nil || l.Remaining == nil || l.Balance == nil {
			t.Errorf("%+v", l)
		}
	}
}

// The check of the contract notices what it is for.
func TestContractIsChecked(t *testing.T) {
	for kind, body := range map[string]string{
		"LicenseState": `{"product_id":null,"license_id":"` + sessionA + `","legacy_license_key":null,"is_active":true}`,
		"Customer":     `{"customer_id":"` + sessionA + `","company_name":"a"}`,
		"Variable":     `{"id":"x","name":"a","description":null,"value":"b"}`,
		"Conflict":     `{"id":1000,"message":"a","help":null,"more":1}`,
		"Feature":      `{"id":"` + sessionA + `","name":"a","description":null,"is_active":1,"expiration_date_utc":null}`,
		"[int]":        `[1,null]`, "int": `1.5`, "5": `6`, "date": `"2026-03-10"`, "[text]": `{}`,
	} {
		d := json.NewDecoder(strings.NewReader(body))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if breach("body", kind, v) == "" {
			t.Errorf("%s: %s is let through", kind, body)
		}
	}
	if n := reflect.TypeFor[wire.LicenseInfo]().NumField(); n != len(models["LicenseInfo"]) {
		t.Errorf("the contract has %d members of a LicenseInfo, the wire %d", len(models["LicenseInfo"]), n)
	}
}
