package licensefile

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/license"
)

// terms decodes a verified licence file into the domain model. The element
// names are those of files the service issued; several differ from the JSON
// answers' (floating_tokens, user_limits, values, custom_list_id).
//
// It is long because it is a table: each field of the file has its place in the terms.
func (d *document) terms() (license.Terms, time.Time, error) {
	r := reader{d: d}
	t := license.Terms{
		// A licence file does not carry the server's verdicts: it would not have
		// been issued otherwise, and its dates and release limit speak for
		// themselves.
		Active:       true,
		Valid:        true,
		VersionValid: true,
	}
	r.document()
	modified := r.time(root, "modified_date_utc", required)
	if c, ok := r.group(root, "customer"); ok {
		t.Customer = license.Customer{
			ID:      r.text(c, "customer_id", optional),
			Company: r.text(c, "company_name", optional),
			Number:  r.text(c, "customer_number", optional),
		}
	}
	t.Name = r.text(root, "license_name", optional)
	t.Key = r.text(root, "license_key", required)
	t.LegacyKey = r.text(root, "legacy_license_key", optional)
	t.TypeID = r.text(root, "license_type_id", optional)
	t.TypeName = r.text(root, "license_type_name", optional)
	t.ClientID = r.text(root, "client_id", optional)
	t.ProductName = r.text(root, "product_name", optional)
	t.ProductID = r.text(root, "product_id", required)
	t.EditionName = r.text(root, "template_name", optional)
	t.EditionID = r.text(root, "template_id", optional)
	t.ProvisioningMode = license.ProvisioningMode(deref(r.int(root, "provisioning_mode", optional)))
	t.FloatingTokenLimit = r.int(root, "floating_tokens", optional)
	t.UserLimit = r.int(root, "user_limits", optional)
	t.Starts = r.time(root, "start_date_utc", optional)
	t.Expires = r.end(root, "expiration_date_utc", present)
	t.Temporary = r.bool(root, "is_temporary", optional)
	if limit, ok := r.group(root, "software_release_limitation"); ok {
		t.ReleaseLimit = r.text(limit, "software_release", required)
	}
	t.SessionPeriodMinutes = r.int(root, "session_period", optional)
	t.HeartbeatPeriodDays = r.int(root, "heartbeat_period", optional)
	t.FreerideDays = r.int(root, "freeride", optional)
	for i := range r.groups(root, "features") {
		t.Features = append(t.Features, license.Feature{
			ID:          r.text(i, "id", required),
			Name:        r.text(i, "name", optional),
			Description: r.text(i, "description", optional),
			Active:      r.bool(i, "is_active", required),
			Expires:     r.end(i, "expiration_date_utc", optional),
		})
	}
	for i := range r.groups(root, "limitations") {
		t.Limitations = append(t.Limitations, license.Limitation{
			ID:              r.text(i, "id", required),
			Name:            r.text(i, "name", optional),
			Description:     r.text(i, "description", optional),
			Value:           r.decimal(i, "value", present),
			Remaining:       r.decimal(i, "remaining", optional),
			ResetMode:       license.ResetMode(deref(r.int(i, "consumption_reset_mode", optional))),
			ResetPeriodDays: r.int(i, "consumption_reset_period_days", optional),
		})
	}
	for i := range r.groups(root, "constrained_variables") {
		t.Choices = append(t.Choices, license.Choice{
			ID:          r.text(i, "id", required),
			Name:        r.text(i, "name", optional),
			Description: r.text(i, "description", optional),
			ListID:      r.text(i, "custom_list_id", optional),
			Values:      r.texts(i, "values"),
		})
	}
	for i := range r.groups(root, "variables") {
		t.Variables = append(t.Variables, license.Variable{
			ID:          r.text(i, "id", required),
			Name:        r.text(i, "name", optional),
			Description: r.text(i, "description", optional),
			Value:       r.text(i, "value", optional),
		})
	}
	for i := range r.groups(root, "license_users") {
		t.Users = append(t.Users, license.User{
			ID:     r.text(i, "user_id", optional),
			Name:   r.text(i, "name", optional),
			Active: r.bool(i, "is_active", optional),
		})
	}
	if r.err != nil {
		return license.Terms{}, time.Time{}, &Error{LicenseFile, CheckContent, r.err}
	}
	return t, modified, nil
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
