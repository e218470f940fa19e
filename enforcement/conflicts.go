package enforcement

// The known conflicts that a client can meet, by what they are about. SLASCONE help
// centre 360016160398 lists them; 12003 to 12006 are known from the vendor's
// samples. Those of the vendor's back office are in the [Catalogue] alone.

// The licence.
const (
	LicenseKeyInvalid    Code = 1000
	LicenseExpired       Code = 1001
	LicenseInactive      Code = 1002
	ReleaseNotCovered    Code = 1003
	ConnectionsExhausted Code = 1007
)

// The users of a licence.
const (
	UsersExhausted     Code = 1009
	LicenseUserUnknown Code = 1010
	EmailInvalid       Code = 1012
)

// Tokens and clients.
const (
	TokensExhausted        Code = 2000
	TokenTaken             Code = 2001
	TokenUnassigned        Code = 2002
	TokenKeyUnknown        Code = 2003
	TokenAlreadyUnassigned Code = 2004
	ClientAlreadyActivated Code = 2005
	ClientUnknown          Code = 2006
	LegacyKeyUnknown       Code = 2007
	ClientIDMissing        Code = 2010
)

// The product.
const (
	ProductUnknown           Code = 3000
	ProductLimitationUnknown Code = 3003
)

// Customers.
const (
	CustomerUnknown        Code = 4000
	CustomerWithoutLicense Code = 4001
	CustomerNumberMissing  Code = 4004
	CustomerEmailMissing   Code = 4005
)

// Heartbeats, analytics, usage and consumption.
const (
	ClientHasOtherToken      Code = 5000
	HeartbeatTypeUnknown     Code = 5001
	AnalyticalFieldUnknown   Code = 6000
	NumericValueExpected     Code = 6001
	UsageFeatureUnknown      Code = 6002
	AnalyticalFieldRepeated  Code = 6003
	UsageModuleUnknown       Code = 6004
	BooleanValueExpected     Code = 6005
	LicenseLimitationUnknown Code = 6006
	ConsumptionNotPositive   Code = 6007
	ConsumptionExhausted     Code = 6008
	ConsumptionDisabled      Code = 6009
	UsageFeatureTaken        Code = 6010
	UsageModuleTaken         Code = 6011
	LimitationAbsent         Code = 6019
)

// Sessions.
const (
	SessionOnNamedLicense      Code = 12000
	SessionNotOpen             Code = 12001
	SessionsPerClientExhausted Code = 12002
	CheckoutPeriodInvalid      Code = 12003
	SessionUserMissing         Code = 12004
	SessionIDMissing           Code = 12005
	UserHasSession             Code = 12006
)

// Tags and resellers.
const (
	TagUnknown Code = 13001
)

// catalogue is in the order of IDs.
var catalogue = [...]Conflict{
	{
		// Said of the key that was sent; what is held ages by itself if it is gone.
		Code: LicenseKeyInvalid, Name: "LicenseKeyInvalid",
		Summary: "the licence key is not valid",
		Scope:   ScopeCall, Remedy: CheckKey, Endpoints: EndpointActivation | EndpointSessionOpen | EndpointValidate,
	},
	{
		Code: LicenseExpired, Name: "LicenseExpired",
		Summary: "the licence has expired",
		Scope:   ScopeLicense, Cause: Expired, Remedy: RenewLicense, Endpoints: EndpointActivation | EndpointSessionOpen,
	},
	{
		Code: LicenseInactive, Name: "LicenseInactive",
		Summary: "the licence is switched off",
		Scope:   ScopeLicense, Cause: Inactive, Remedy: ContactVendor, Endpoints: EndpointActivation | EndpointSessionOpen,
	},
	{
		Code: ReleaseNotCovered, Name: "ReleaseNotCovered",
		Summary: "the licence does not cover this release of the application",
		Scope:   ScopeLicense, Cause: VersionNotCovered, Remedy: UpdateApplication, Endpoints: EndpointActivation,
	},
	{
		Code: 1004, Name: "ReleaseLimitUnknown",
		Summary: "the release limit to be set is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 1005, Name: "LegacyKeyTaken",
		Summary: "another licence already has this legacy key",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: ConnectionsExhausted, Name: "ConnectionsExhausted",
		Summary: "all floating seats of the licence are taken",
		Scope:   ScopeSeat, Cause: ConnectionLimit, Remedy: FreeSeat, Endpoints: EndpointSessionOpen, Transient: true,
	},
	{
		Code: 1008, Name: "UserIDTaken",
		Summary: "the licence already has a user with this ID",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: UsersExhausted, Name: "UsersExhausted",
		Summary: "the licence has no room for a further user",
		Scope:   ScopeSeat, Cause: UserLimit, Remedy: RemoveUser, Endpoints: EndpointActivation | EndpointHeartbeat | EndpointSessionOpen, Transient: true,
	},
	{
		Code: LicenseUserUnknown, Name: "LicenseUserUnknown",
		Summary: "the user is not on the licence",
		Scope:   ScopeSeat, Cause: UserInactive, Remedy: AddUser, Endpoints: EndpointActivation | EndpointHeartbeat | EndpointSessionOpen | EndpointLicenses,
	},
	{
		Code: 1011, Name: "UserLimitBelowUsage",
		Summary: "the user limit cannot go below the number of active users",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: EmailInvalid, Name: "EmailInvalid",
		Summary: "the e-mail address is not valid",
		Scope:   ScopeCall, Remedy: CorrectInput, Endpoints: EndpointActivation | EndpointLicenses | EndpointBackOffice,
	},
	{
		Code: TokensExhausted, Name: "TokensExhausted",
		Summary: "all seats of the licence are assigned to other devices",
		Scope:   ScopeSeat, Cause: ConnectionLimit, Remedy: FreeDevice, Endpoints: EndpointActivation, Transient: true,
	},
	{
		Code: TokenTaken, Name: "TokenTaken",
		Summary: "this key is already in use on another device",
		Scope:   ScopeCall, Remedy: DeactivateThere, Endpoints: EndpointActivation,
	},
	{
		Code: TokenUnassigned, Name: "TokenUnassigned",
		Summary: "the seat of this device has been taken back",
		Scope:   ScopeSeat, Cause: NotActivated, Remedy: EnterKey, Endpoints: EndpointHeartbeat | EndpointSessionOpen,
	},
	{
		// As with a key that is not valid.
		Code: TokenKeyUnknown, Name: "TokenKeyUnknown",
		Summary: "the seat of this device no longer exists",
		Scope:   ScopeCall, Remedy: EnterKey, Endpoints: EndpointHeartbeat | EndpointUnassign | EndpointAnalytics | EndpointUsage | EndpointConsumption,
	},
	{
		Code: TokenAlreadyUnassigned, Name: "TokenAlreadyUnassigned",
		Summary: "the seat has already been given back",
		Scope:   ScopeCall, Endpoints: EndpointUnassign,
	},
	{
		Code: ClientAlreadyActivated, Name: "ClientAlreadyActivated",
		Summary: "this device already has a seat of this customer",
		Scope:   ScopeCall, Remedy: ContactVendor, Endpoints: EndpointActivation,
	},
	{
		Code: ClientUnknown, Name: "ClientUnknown",
		Summary: "the server does not know this device",
		Scope:   ScopeDevice, Cause: NotActivated, Remedy: EnterKey, Endpoints: EndpointHeartbeat | EndpointSessionOpen | EndpointAnalytics | EndpointUsage | EndpointConsumption,
	},
	{
		Code: LegacyKeyUnknown, Name: "LegacyKeyUnknown",
		Summary: "no licence has this legacy key",
		Scope:   ScopeCall, Remedy: CheckKey, Endpoints: EndpointActivation | EndpointLicenses,
	},
	{
		Code: 2008, Name: "TokenLimitBelowUsage",
		Summary: "the number of seats cannot go below those in use",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 2009, Name: "LicenseTypeUnknown",
		Summary: "the licence type is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: ClientIDMissing, Name: "ClientIDMissing",
		Summary: "the call carries no device ID",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointActivation | EndpointHeartbeat | EndpointSessionOpen,
	},
	{
		Code: 2011, Name: "ExpirationModeFixed",
		Summary: "the expiration mode cannot change while a seat is assigned",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: ProductUnknown, Name: "ProductUnknown",
		Summary: "the server does not know this product",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointActivation | EndpointHeartbeat | EndpointLicenses | EndpointUsage,
	},
	{
		Code: 3001, Name: "ProductFeatureUnknown",
		Summary: "the product has no such feature",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 3002, Name: "ProductVariableUnknown",
		Summary: "the product has no such variable",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: ProductLimitationUnknown, Name: "ProductLimitationUnknown",
		Summary: "the product has no such limitation",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointConsumption | EndpointBackOffice,
	},
	{
		Code: 3004, Name: "EmailTemplateUnknown",
		Summary: "the e-mail template is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: CustomerUnknown, Name: "CustomerUnknown",
		Summary: "the customer is not known",
		Scope:   ScopeCall, Remedy: CorrectInput, Endpoints: EndpointActivation | EndpointLicenses,
	},
	{
		Code: CustomerWithoutLicense, Name: "CustomerWithoutLicense",
		Summary: "the customer has no licence with a free seat",
		Scope:   ScopeCall, Remedy: FreeDevice, Endpoints: EndpointActivation | EndpointLicenses,
	},
	{
		Code: 4002, Name: "CustomerNumberTaken",
		Summary: "another customer already has this number",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 4003, Name: "CustomerEmailTaken",
		Summary: "another customer already has this e-mail address",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: CustomerNumberMissing, Name: "CustomerNumberMissing",
		Summary: "the customer's number is missing",
		Scope:   ScopeCall, Remedy: CorrectInput, Endpoints: EndpointLicenses | EndpointBackOffice,
	},
	{
		Code: CustomerEmailMissing, Name: "CustomerEmailMissing",
		Summary: "the customer's e-mail address is missing",
		Scope:   ScopeCall, Remedy: CorrectInput, Endpoints: EndpointLicenses | EndpointBackOffice,
	},
	{
		Code: ClientHasOtherToken, Name: "ClientHasOtherToken",
		Summary: "this device has a seat, but not the one the call names",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointHeartbeat,
	},
	{
		Code: HeartbeatTypeUnknown, Name: "HeartbeatTypeUnknown",
		Summary: "the heartbeat type or field is not known to the product",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointHeartbeat,
	},
	{
		Code: AnalyticalFieldUnknown, Name: "AnalyticalFieldUnknown",
		Summary: "the analytical field is not known to the product",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointAnalytics,
	},
	{
		Code: NumericValueExpected, Name: "NumericValueExpected",
		Summary: "the analytical field takes a number only",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointAnalytics,
	},
	{
		Code: UsageFeatureUnknown, Name: "UsageFeatureUnknown",
		Summary: "the usage feature is not known to the product",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointUsage,
	},
	{
		Code: AnalyticalFieldRepeated, Name: "AnalyticalFieldRepeated",
		Summary: "the call names an analytical field more than once",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointAnalytics,
	},
	{
		Code: UsageModuleUnknown, Name: "UsageModuleUnknown",
		Summary: "the usage module is not known to the product",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointUsage,
	},
	{
		Code: BooleanValueExpected, Name: "BooleanValueExpected",
		Summary: "the analytical field takes true or false only",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointAnalytics,
	},
	{
		Code: LicenseLimitationUnknown, Name: "LicenseLimitationUnknown",
		Summary: "the licence has no such limitation",
		Scope:   ScopeCall, Remedy: VendorConfiguration, Endpoints: EndpointConsumption,
	},
	{
		Code: ConsumptionNotPositive, Name: "ConsumptionNotPositive",
		Summary: "a consumption must be more than nothing",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointConsumption,
	},
	{
		Code: ConsumptionExhausted, Name: "ConsumptionExhausted",
		Summary: "the limit is used up",
		Scope:   ScopeCall, Remedy: WaitForReset, Endpoints: EndpointConsumption, Transient: true,
	},
	{
		Code: ConsumptionDisabled, Name: "ConsumptionDisabled",
		Summary: "the limitation does not count consumption",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointConsumption,
	},
	{
		Code: UsageFeatureTaken, Name: "UsageFeatureTaken",
		Summary: "the usage feature already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointUsage | EndpointBackOffice,
	},
	{
		Code: UsageModuleTaken, Name: "UsageModuleTaken",
		Summary: "the usage module already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointUsage | EndpointBackOffice,
	},
	{
		Code: 6012, Name: "LicenseTypeTaken",
		Summary: "the licence type already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 6013, Name: "EditionTaken",
		Summary: "the edition already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 6014, Name: "HeartbeatTypeTaken",
		Summary: "the heartbeat type already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 6015, Name: "AnalyticalFieldTaken",
		Summary: "the analytical field already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 6016, Name: "LimitationTaken",
		Summary: "the limitation already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 6017, Name: "VariableTaken",
		Summary: "the variable already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 6018, Name: "FeatureTaken",
		Summary: "the feature already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: LimitationAbsent, Name: "LimitationAbsent",
		Summary: "the limitation does not exist",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointConsumption | EndpointBackOffice,
	},
	{
		Code: 6020, Name: "EditionProvisioningFixed",
		Summary: "the provisioning mode of the edition cannot change",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 7000, Name: "PortalDeployed",
		Summary: "the portal is deployed already",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 8000, Name: "LastEdition",
		Summary: "the last edition of a product cannot be deleted",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 8001, Name: "EditionUnknown",
		Summary: "the edition is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 8002, Name: "EditionProvisioningDiffers",
		Summary: "the other edition has another provisioning mode",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 8003, Name: "TemporaryFixed",
		Summary: "a temporary licence stays temporary, any other stays what it is",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9000, Name: "CountryUnknown",
		Summary: "the country is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9001, Name: "CustomerTypeUnknown",
		Summary: "the customer type is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9002, Name: "CompanyNameMissing",
		Summary: "the company's name is missing",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9003, Name: "ExpirationDateInvalid",
		Summary: "the expiration date is not in a form the server reads",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9004, Name: "CustomerTypeTaken",
		Summary: "the customer type already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9005, Name: "ProspectNumberTaken",
		Summary: "another customer already has this prospect number",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 9006, Name: "CustomerLanguageUnknown",
		Summary: "the customer's language is not known",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 10001, Name: "WebhookTaken",
		Summary: "a webhook with this address already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 10002, Name: "WebhookIncomplete",
		Summary: "a webhook needs a name and an address",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 10003, Name: "WebhookAddressInvalid",
		Summary: "the webhook's address is not a valid one",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 11001, Name: "VendorEmailTaken",
		Summary: "a member of the vendor's staff already has this e-mail address",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 11002, Name: "VendorUserRegistered",
		Summary: "this member of the vendor's staff is registered already",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 11003, Name: "MailServerFailed",
		Summary: "the vendor's mail server could not be set up",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 11004, Name: "VendorUserRegisteredRole",
		Summary: "this member of the vendor's staff is registered already, only the role can change",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: SessionOnNamedLicense, Name: "SessionOnNamedLicense",
		Summary: "the licence is not floating and has no sessions",
		Scope:   ScopeCall, Remedy: VendorConfiguration, Endpoints: EndpointSessionOpen,
	},
	{
		Code: SessionNotOpen, Name: "SessionNotOpen",
		Summary: "there is no open session",
		Scope:   ScopeCall, Endpoints: EndpointSessionOpen | EndpointSessionClose,
	},
	{
		Code: SessionsPerClientExhausted, Name: "SessionsPerClientExhausted",
		Summary: "this device has all the sessions open that it may have",
		Scope:   ScopeSeat, Cause: SessionLimit, Remedy: CloseWindow, Endpoints: EndpointSessionOpen, Transient: true,
	},
	{
		Code: CheckoutPeriodInvalid, Name: "CheckoutPeriodInvalid",
		Summary: "the check-out period must be a positive number of minutes",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointSessionOpen,
	},
	{
		Code: SessionUserMissing, Name: "SessionUserMissing",
		Summary: "the session call carries no user ID",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointSessionOpen,
	},
	{
		Code: SessionIDMissing, Name: "SessionIDMissing",
		Summary: "the session call carries no session ID",
		Scope:   ScopeCall, Remedy: FixApplication, Endpoints: EndpointSessionOpen,
	},
	{
		Code: UserHasSession, Name: "UserHasSession",
		Summary: "this user has a session open already",
		Scope:   ScopeSeat, Cause: SessionLimit, Remedy: CloseWindow, Endpoints: EndpointSessionOpen, Transient: true,
	},
	{
		Code: TagUnknown, Name: "TagUnknown",
		Summary: "a tag of the call is not known to the vendor's account",
		Scope:   ScopeVendor, Remedy: VendorConfiguration, Endpoints: EndpointActivation | EndpointBackOffice,
	},
	{
		Code: 13002, Name: "TagTargetMissing",
		Summary: "a tag must name a customer or a licence",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 13003, Name: "TagAssigned",
		Summary: "the tag is assigned already",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 14001, Name: "ResellerTaken",
		Summary: "the reseller already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 14002, Name: "ResellerContactTaken",
		Summary: "the reseller's contact already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
	{
		Code: 14003, Name: "ResellerTypeTaken",
		Summary: "the reseller type already exists",
		Scope:   ScopeVendor, Remedy: VendorBackOffice, Endpoints: EndpointBackOffice,
	},
}
