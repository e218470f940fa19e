package slasconetest

import "strconv"

// conflictID is the ID of a 409.
type conflictID int

// The conflicts that the server gives by itself.
const (
	invalidKey           conflictID = 1000
	licenseExpired       conflictID = 1001
	licenseInactive      conflictID = 1002
	versionNotCovered    conflictID = 1003
	connectionLimit      conflictID = 1007
	userLimit            conflictID = 1009
	unknownUser          conflictID = 1010
	noFreeToken          conflictID = 2000
	tokenTaken           conflictID = 2001
	tokenNotAssigned     conflictID = 2002
	unknownToken         conflictID = 2003
	alreadyUnassigned    conflictID = 2004
	unknownClient        conflictID = 2006
	missingClient        conflictID = 2010
	unknownProduct       conflictID = 3000
	unknownLimitation    conflictID = 3003
	unknownCustomer      conflictID = 4000
	noLicenseForCustomer conflictID = 4001
	otherToken           conflictID = 5000
	unknownHeartbeatType conflictID = 5001
	unknownField         conflictID = 6000
	numberExpected       conflictID = 6001
	unknownUsageFeature  conflictID = 6002
	fieldTwice           conflictID = 6003
	unknownUsageModule   conflictID = 6004
	boolExpected         conflictID = 6005
	unknownConsumption   conflictID = 6006
	amountNotPositive    conflictID = 6007
	consumptionDisabled  conflictID = 6009
	licenseNotFloating   conflictID = 12000
	noOpenSession        conflictID = 12001
	sessionLimit         conflictID = 12002
	badCheckout          conflictID = 12003
	missingUser          conflictID = 12004
	missingSession       conflictID = 12005
	userHasSession       conflictID = 12006
)

// message says in words what the conflict is. Clients must not read it: its
// wording is this package's, not the service's.
func (id conflictID) message() string {
	if text, ok := conflictText[id]; ok {
		return text
	}
	return "Conflict " + strconv.Itoa(int(id)) + "."
}

var conflictText = map[conflictID]string{
	invalidKey:           "No licence of this product has that key.",
	licenseExpired:       "The licence is past its end.",
	licenseInactive:      "The licence is switched off.",
	versionNotCovered:    "The licence does not cover this release.",
	connectionLimit:      "Every floating seat is in use.",
	userLimit:            "No further user can be enrolled.",
	unknownUser:          "The licence does not name this user.",
	noFreeToken:          "Every seat of the licence is taken.",
	tokenTaken:           "Somebody holds this token.",
	tokenNotAssigned:     "Nobody holds this token.",
	unknownToken:         "No token has that key.",
	alreadyUnassigned:    "The token was given back before.",
	2005:                 "The client holds a seat of this customer.",
	unknownClient:        "No such client holds a seat of the product.",
	2007:                 "No licence has that legacy key.",
	missingClient:        "client_id is missing.",
	unknownProduct:       "There is no such product.",
	3001:                 "There is no such feature.",
	3002:                 "There is no such variable.",
	unknownLimitation:    "The licence has no such limitation.",
	unknownCustomer:      "There is no such customer.",
	noLicenseForCustomer: "The customer has no licence to give.",
	otherToken:           "The client holds another token than it gives.",
	unknownHeartbeatType: "The product has no such heartbeat type.",
	unknownField:         "The product has no such analytical field.",
	numberExpected:       "The analytical field wants a number.",
	unknownUsageFeature:  "The product has no such usage feature.",
	fieldTwice:           "The report has an analytical field twice.",
	unknownUsageModule:   "The product has no such usage module.",
	boolExpected:         "The analytical field wants true or false.",
	unknownConsumption:   "No seat of the client grants this limitation.",
	amountNotPositive:    "An amount of nothing cannot be consumed.",
	6008:                 "Nothing is left to consume.",
	consumptionDisabled:  "This limitation is a fixed value.",
	licenseNotFloating:   "A named licence has no sessions.",
	noOpenSession:        "The client has no such session open.",
	sessionLimit:         "The client has as many sessions as it may have.",
	badCheckout:          "checkout_period is no positive number of minutes.",
	missingUser:          "user_id is missing.",
	missingSession:       "session_id is missing.",
	userHasSession:       "The user has a session already.",
}
