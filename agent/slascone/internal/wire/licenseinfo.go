package wire

import "encoding/json"

// ReadLicenseInfo decodes a body as [Unmarshal] does, only faster and with
// few allocations, as this runs at every start of the application. A body of
// the form that the service writes is scanned in one pass, its texts being parts
// of one string. At whatever else the scan meets, such as a member in another
// case, it gives up, and encoding/json decides what the body means and whether
// it is one.
func ReadLicenseInfo(body []byte) (*LicenseInfo, error) {
	info := new(LicenseInfo)
	if scanLicenseInfo(body, info) {
		return info, nil
	}
	info = new(LicenseInfo)
	if err := Unmarshal(body, info); err != nil {
		return nil, err
	}
	return info, nil
}

func scanLicenseInfo(body []byte, i *LicenseInfo) (ok bool) {
	s := scan{text: string(body)}
	s.object(
		member{"customer", &i.Customer},
		member{"license_name", &i.LicenseName},
		member{"license_key", &i.LicenseKey},
		member{"token_key", &i.TokenKey},
		member{"legacy_license_key", &i.LegacyLicenseKey},
		member{"client_id", &i.ClientID},
		member{"client_name", &i.ClientName},
		member{"client_description", &i.ClientDescription},
		member{"product_name", &i.ProductName},
		member{"product_id", &i.ProductID},
		member{"template_name", &i.TemplateName},
		member{"template_id", &i.TemplateID},
		member{"provisioning_mode", &i.ProvisioningMode},
		member{"client_type", &i.ClientType},
		member{"is_license_active", &i.IsLicenseActive},
		member{"is_license_expired", &i.IsLicenseExpired},
		member{"is_license_valid", &i.IsLicenseValid},
		member{"start_date_utc", &i.StartDate},
		member{"expiration_date_utc", &i.ExpirationDate},
		member{"date_validity", &i.DateValidity},
		member{"token_limit", &i.TokenLimit},
		member{"floating_token_limit", &i.FloatingTokenLimit},
		member{"is_temporary", &i.IsTemporary},
		member{"is_software_version_valid", &i.IsSoftwareVersionValid},
		member{"software_release_limitation", &i.SoftwareReleaseLimitation},
		member{"is_newer_software_shipment_available", &i.IsNewerSoftwareShipmentAvail},
		member{"latest_software_shipment", &i.LatestSoftwareShipment},
		member{"session_period", &i.SessionPeriod},
		member{"heartbeat_period", &i.HeartbeatPeriod},
		member{"freeride", &i.Freeride},
		member{"enforce_software_version_upgrade", &i.EnforceSoftwareVersionUpgrade},
		member{"features", &i.Features},
		member{"limitations", &i.Limitations},
		member{"variables", &i.Variables},
		member{"constrained_variables", &i.ConstrainedVariables},
		member{"license_users", &i.LicenseUsers},
		member{"created_date_utc", &i.CreatedDate},
		member{"license_type", &i.LicenseType},
	)
	return s.next() == 0 && s.at == len(s.text) && !s.failed
}

// value reads what comes next into a field; null leaves it as it is.
//
// It is long because it is a table: each name on the wire has its field.
func (s *scan) value(field any) {
	if s.is("null") {
		return
	}
	room := s.room()
	switch to := field.(type) {
	case *string:
		*to = s.string()
	case **string:
		*to = s.strings.put(s.string())
	case *bool:
		*to = s.bool()
	case **bool:
		*to = s.bools.put(s.bool())
	case **int:
		*to = s.ints.put(s.int())
	case *Enum:
		*to = s.enum()
	case **Enum:
		*to = new(s.enum())
	case **Time:
		*to = s.times.put(s.time())
	case **Decimal:
		*to = s.amounts.put(s.decimal())
	case *[]string:
		*to = make([]string, 0, room)
		s.list(func() { *to = append(*to, s.string()) })
	case *[]json.RawMessage:
		*to = make([]json.RawMessage, 0, room)
		s.list(func() { *to = append(*to, s.raw()) })
	case **Customer:
		c := new(Customer)
		*to = c
		s.object(member{"customer_id", &c.CustomerID}, member{"company_name", &c.CompanyName}, member{"customer_number", &c.CustomerNumber})
	case **LicenseType:
		t := new(LicenseType)
		*to = t
		s.object(member{"id", &t.ID}, member{"name", &t.Name},
			member{"created_date_utc", &t.CreatedDate}, member{"modified_date_utc", &t.ModifiedDate}, member{"last_modified_by", &t.LastModifiedBy})
	case **SoftwareReleaseLimitation:
		l := new(SoftwareReleaseLimitation)
		*to = l
		s.object(member{"id", &l.ID}, member{"product_id", &l.ProductID}, member{"software_release", &l.SoftwareRelease},
			member{"description", &l.Description}, member{"software_shipments", &l.SoftwareShipments},
			member{"created_date_utc", &l.CreatedDate}, member{"modified_date_utc", &l.ModifiedDate}, member{"last_modified_by", &l.LastModifiedBy})
	case **SoftwareShipment:
		r := new(SoftwareShipment)
		*to = r
		s.shipment(r)
	case *[]SoftwareShipment:
		*to = make([]SoftwareShipment, 0, room)
		s.list(func() {
			*to = append(*to, SoftwareShipment{})
			s.shipment(&(*to)[len(*to)-1])
		})
	case *[]Feature:
		*to = make([]Feature, 0, room)
		s.list(func() {
			*to = append(*to, Feature{})
			f := &(*to)[len(*to)-1]
			s.object(member{"id", &f.ID}, member{"name", &f.Name}, member{"description", &f.Description}, member{"is_active", &f.IsActive},
				member{"expiration_date_utc", &f.ExpirationDate})
		})
	case *[]Limitation:
		*to = make([]Limitation, 0, room)
		s.list(func() {
			*to = append(*to, Limitation{})
			l := &(*to)[len(*to)-1]
			s.object(member{"id", &l.ID}, member{"name", &l.Name}, member{"description", &l.Description},
				member{"value", &l.Value}, member{"remaining", &l.Remaining}, member{"balance", &l.Balance},
				member{"consumption_reset_mode", &l.ConsumptionResetMode}, member{"consumption_reset_period_days", &l.ConsumptionResetPeriodDays})
		})
	case *[]Variable:
		*to = make([]Variable, 0, room)
		s.list(func() {
			*to = append(*to, Variable{})
			v := &(*to)[len(*to)-1]
			s.object(member{"id", &v.ID}, member{"name", &v.Name}, member{"description", &v.Description}, member{"value", &v.Value})
		})
	case *[]ConstrainedVariable:
		*to = make([]ConstrainedVariable, 0, room)
		s.list(func() {
			*to = append(*to, ConstrainedVariable{})
			v := &(*to)[len(*to)-1]
			s.object(member{"id", &v.ID}, member{"name", &v.Name}, member{"description", &v.Description},
				member{"customListId", &v.CustomListID}, member{"value", &v.Value})
		})
	case *[]LicenseUser:
		*to = make([]LicenseUser, 0, room)
		s.list(func() {
			*to = append(*to, LicenseUser{})
			u := &(*to)[len(*to)-1]
			s.object(member{"user_id", &u.UserID}, member{"name", &u.Name}, member{"license_id", &u.LicenseID}, member{"is_active", &u.IsActive},
				member{"created_date_utc", &u.CreatedDate}, member{"modified_date_utc", &u.ModifiedDate}, member{"last_modified_by", &u.LastModifiedBy},
				member{"active_sessions", &u.ActiveSessions}, member{"license_user_group_id", &u.LicenseUserGroupID})
		})
	default:
		s.fail()
	}
}

func (s *scan) shipment(r *SoftwareShipment) {
	s.object(member{"id", &r.ID}, member{"product_id", &r.ProductID}, member{"version_number", &r.VersionNumber},
		member{"description", &r.Description}, member{"download_link", &r.DownloadLink}, member{"properties", &r.Properties},
		member{"software_release_limitation_id", &r.SoftwareReleaseLimitationID}, member{"is_latest", &r.IsLatest},
		member{"created_date_utc", &r.CreatedDate}, member{"modified_date_utc", &r.ModifiedDate}, member{"last_modified_by", &r.LastModifiedBy})
}
