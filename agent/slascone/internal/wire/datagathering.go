package wire

// The endpoints for what clients count, each below /api/v2/isv/{isv_id}.
const (
	PathUsage               = "/data_gathering/usage_heartbeats"
	PathUsageByName         = "/data_gathering/usage_heartbeats_by_name"
	PathAnalytics           = "/data_gathering/analytical_heartbeats"
	PathConsumption         = "/data_gathering/consumption_heartbeats"
	PathConsumptionRollback = "/data_gathering/consumption_heartbeats/rollback"
	PathConsumptionStatus   = "/provisioning/validate/consumption"
)

// UsageRequest is the body of POST /data_gathering/usage_heartbeats.
type UsageRequest struct {
	ClientID string  `json:"client_id"`
	UserID   string  `json:"user_id,omitempty"`
	TokenKey string  `json:"token_key,omitempty"`
	Usage    []Usage `json:"usage_heartbeat"`
}

// Usage is how much a feature was used.
type Usage struct {
	FeatureID string  `json:"usage_feature_id"`
	ModuleID  string  `json:"usage_module_id,omitempty"`
	Timestamp *Time   `json:"timestamp_utc,omitempty"`
	Value     Decimal `json:"value"`
}

// UsageByNameRequest is the body of POST /data_gathering/usage_heartbeats_by_name.
type UsageByNameRequest struct {
	ProductID     string       `json:"product_id"`
	ClientID      string       `json:"client_id"`
	UserID        string       `json:"user_id,omitempty"`
	TokenKey      string       `json:"token_key,omitempty"`
	CreateFeature bool         `json:"create_usage_feature_if_not_exists"`
	CreateModule  bool         `json:"create_usage_module_if_not_exists"`
	Usage         []NamedUsage `json:"usage_heartbeat"`
}

// NamedUsage is how much a feature was used, by the feature's name.
type NamedUsage struct {
	FeatureName string  `json:"usage_feature_name"`
	ModuleName  string  `json:"usage_module_name,omitempty"`
	Timestamp   *Time   `json:"timestamp_utc,omitempty"`
	Value       Decimal `json:"value"`
}

// AnalyticsRequest is the body of POST /data_gathering/analytical_heartbeats.
type AnalyticsRequest struct {
	ClientID string             `json:"client_id"`
	UserID   string             `json:"user_id,omitempty"`
	TokenKey string             `json:"token_key,omitempty"`
	Fields   []AnalyticalRecord `json:"analytical_heartbeat"`
}

// AnalyticalRecord is the value of an analytical field.
type AnalyticalRecord struct {
	FieldID    string   `json:"analytical_field_id"`
	Value      string   `json:"value"`
	ValueArray []string `json:"value_array,omitempty"`
	Timestamp  *Time    `json:"timestamp_utc,omitempty"`
}

// ConsumptionRequest is the body of POST /data_gathering/consumption_heartbeats.
type ConsumptionRequest struct {
	ClientID    string           `json:"client_id"`
	TokenKey    string           `json:"token_key,omitempty"`
	Consumption []ConsumptionUse `json:"consumption_heartbeat"`
}

// ConsumptionUse is an amount to be taken of a limitation.
type ConsumptionUse struct {
	LimitationID string  `json:"limitation_id"`
	UserID       string  `json:"user_id,omitempty"`
	ExternalID   string  `json:"external_id,omitempty"`
	Timestamp    *Time   `json:"timestamp_utc,omitempty"`
	Value        Decimal `json:"value"`
}

// ConsumptionRollbackRequest is the body of POST
// /data_gathering/consumption_heartbeats/rollback.
type ConsumptionRollbackRequest struct {
	LimitationID  string `json:"limitation_id"`
	TransactionID string `json:"transaction_id"`
}

// ConsumptionStatusRequest is the body of POST /provisioning/validate/consumption.
type ConsumptionStatusRequest struct {
	LicenseID    string `json:"license_id"` // the licence key
	LimitationID string `json:"limitation_id"`
}

// Consumption is the account of a limitation: the 200 body of a rollback and of
// the status, and an element of the 200 body of a consumption.
type Consumption struct {
	TransactionID *string  `json:"transaction_id"` // null: refused
	LimitationID  *string  `json:"limitation_id"`
	Remaining     *Decimal `json:"remaining"`
	Balance       *Decimal `json:"balance"`
	Limit         *Decimal `json:"limit"`
	Goodwill      *Decimal `json:"goodwill"` // per cent of the limit
	LastReset     *Time    `json:"last_reset_date_utc"`
	NextReset     *Time    `json:"next_reset_date_utc"`
}
