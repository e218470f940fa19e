package slasconetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// LicenseFile returns the signed licence file of a licence, for clients that
// are never on line. With a client ID the file is bound to that client (inline
// activation) and the client takes a seat, as in an activation. Files are
// signed with the RSA key in every mode of [Config.Signing]. It panics when
// there is no such licence or no seat; users are not listed in the file.
func (s *Server) LicenseFile(licenseKey, clientID string) []byte {
	return must(s.licenseFile(licenseKey, clientID))
}

func (s *Server) licenseFile(licenseKey, clientID string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.store.license(licenseKey)
	if err != nil {
		return nil, err
	}
	if clientID != "" {
		if res := s.seatOffline(l, clientID); res.conflict != 0 {
			return nil, fmt.Errorf("licence %s, client %q: conflict %d: %s", l.Key, clientID, res.conflict, res.conflict.message())
		}
	}
	return s.signer.signXML(l.file(s.store.product(l.ProductID), clientID, s.now()))
}

// ActivationFile seats a client and returns the signed activation file, which
// binds the licence file to it. It panics when there is no such licence or no
// seat.
func (s *Server) ActivationFile(licenseKey, clientID string) []byte {
	return must(s.activationFile(licenseKey, clientID))
}

func (s *Server) activationFile(licenseKey, clientID string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.store.license(licenseKey)
	if err != nil {
		return nil, err
	}
	res := s.seatOffline(l, clientID)
	if res.conflict != 0 {
		return nil, fmt.Errorf("licence %s, client %q: conflict %d: %s", l.Key, clientID, res.conflict, res.conflict.message())
	}
	return s.signer.signXML(res.file)
}

// seatOffline is the activation of a client that has no way to ask itself.
func (s *Server) seatOffline(l *license, clientID string) result {
	req := wire.ActivationRequest{ProductID: l.ProductID, LicenseKey: l.Key, ClientID: clientID}
	return s.activateClient(req, s.now(), activationDocument)
}

// activateOffline serves GET /provisioning/activations/offline. It asks for no
// provisioning key: the user follows a link from a machine that has none. Its
// conflicts are those of an activation on line.
func (s *Server) activateOffline(x *exchange) result {
	q := x.query
	for _, name := range []string{"product_id", "license_key"} {
		if strings.TrimSpace(q.Get(name)) == "" {
			return problem(malformed("the " + name + " parameter is required"))
		}
	}
	return s.activateClient(wire.ActivationRequest{
		ProductID: q.Get("product_id"), LicenseKey: q.Get("license_key"), ClientID: q.Get("client_id"),
		ClientName: q.Get("client_name"), ClientDescription: q.Get("client_description"), SoftwareVersion: q.Get("software_version"),
	}, x.now, activationDocument)
}

// activationDocument is the activation file of a seat that was just given.
func activationDocument(t *token, c *client) result {
	return result{file: parent("slascone_activation_file",
		leaf("license_key", t.of.Key), leaf("token_key", t.key()), leaf("client_id", c.id), leaf("activation_date_utc", ticks(t.when())))}
}

// file is the licence file, member by member, which makes it long. Names differ from those of JSON here and there, as
// the service's do.
func (l *license) file(p *Product, clientID string, now time.Time) element {
	root := parent("slascone_license_file",
		leaf("modified_date_utc", ticks(now)),
		parent("customer", leaf("customer_id", l.Customer.ID), leaf("company_name", l.Customer.Name), leaf("customer_number", l.Customer.Number)),
		leaf("license_name", l.Name),
		leaf("license_key", l.Key),
		leafOrNil("legacy_license_key", l.LegacyKey),
		leafOrNil("license_type_id", l.Type.ID),
		leafOrNil("license_type_name", l.Type.Name),
	)
	add := func(e ...element) { root.children = append(root.children, e...) }
	if clientID != "" {
		add(leaf("client_id", clientID))
	}
	add(
		leaf("product_name", p.Name),
		leaf("product_id", p.ID),
		leaf("template_name", l.Edition),
		leaf("template_id", l.EditionID),
		leaf("provisioning_mode", strconv.Itoa(number(l.Floating))),
		leafOrNil("floating_tokens", count(l.FloatingTokenLimit)),
		leafOrNil("user_limits", count(l.UserLimit)),
		leafOrNil("start_date_utc", ticks(l.Starts)),
		leaf("expiration_date_utc", ticks(l.expiry())),
		leaf("is_temporary", strconv.FormatBool(l.Temporary)),
	)
	if l.ReleaseLimit != "" {
		add(parent("software_release_limitation",
			leaf("id", derivedID(l.ProductID, "release", l.ReleaseLimit)), leaf("product_id", p.ID), leaf("software_release", l.ReleaseLimit)))
	} else {
		add(leafOrNil("software_release_limitation", ""))
	}
	add(leafOrNil("session_period", count(l.SessionPeriod)), leafOrNil("heartbeat_period", count(l.HeartbeatPeriod)), leafOrNil("freeride", count(l.Freeride)))
	for _, f := range l.Features {
		add(parent("features", leaf("id", f.ID), leaf("name", f.Name), leafOrNil("description", f.Description),
			leaf("is_active", strconv.FormatBool(!f.Disabled)), leafOrNil("expiration_date_utc", ticks(f.Expires))))
	}
	for _, limit := range l.Limitations {
		days := ""
		if limit.Reset == ResetPeriodically {
			days = strconv.Itoa(limit.ResetDays)
		}
		add(parent("limitations", leaf("id", limit.ID), leaf("name", limit.Name), leafOrNil("description", limit.Description),
			leafOrNil("value", limit.Value), leaf("consumption_reset_mode", strconv.Itoa(int(limit.Reset))), leafOrNil("consumption_reset_period_days", days)))
	}
	for _, choice := range l.Choices {
		e := parent("constrained_variables", leaf("id", choice.ID), leaf("name", choice.Name),
			leafOrNil("description", choice.Description), leaf("custom_list_id", choice.ListID))
		for _, v := range choice.Values {
			e.children = append(e.children, leaf("values", v))
		}
		add(e)
	}
	for _, v := range l.Variables {
		add(parent("variables", leaf("id", v.ID), leaf("name", v.Name), leafOrNil("description", v.Description), leaf("value", v.Value)))
	}
	return root
}

// ticks writes a date as .NET does, to a tenth of a microsecond; the zero time
// is nothing.
func ticks(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Truncate(100 * time.Nanosecond).Format(time.RFC3339Nano)
}

func count(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
