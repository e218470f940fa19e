package slasconetest

import "strconv"

// conflictID is the ID of a 409.
type conflictID int

// The conflicts that the server gives by itself.
const (
	invalidKey           conflictID = 1000
	licenceExpired       conflictID = 1001
	licenceInactive      conflictID = 1002
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
	licenceNotFloating   conflictID = 12000
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
	invalidKey:           "This is not a valid license key.",
	licenceExpired:       "The license has expired.",
	licenceInactive:      "The license is not active.",
	versionNotCovered:    "The license does not cover this software version.",
	connectionLimit:      "All connections of this license are in use.",
	userLimit:            "All users of this license are taken.",
	unknownUser:          "The license does not know this user.",
	noFreeToken:          "The license has no free token.",
	tokenTaken:           "This token is assigned already.",
	tokenNotAssigned:     "This token is not assigned.",
	unknownToken:         "Unknown token key.",
	alreadyUnassigned:    "This token is unassigned already.",
	2005:                 "This client is active for this customer already.",
	unknownClient:        "Unknown client.",
	2007:                 "Unknown legacy license key.",
	missingClient:        "The client id is missing.",
	unknownProduct:       "Unknown product.",
	3001:                 "Unknown feature.",
	3002:                 "Unknown variable.",
	unknownLimitation:    "Unknown limitation.",
	4000:                 "Unknown customer.",
	4001:                 "The customer has no available license.",
	otherToken:           "This client holds a different token.",
	unknownHeartbeatType: "Unknown heartbeat type.",
	unknownField:         "Unknown analytical field.",
	numberExpected:       "This analytical field takes numbers only.",
	unknownUsageFeature:  "Unknown usage feature.",
	fieldTwice:           "An analytical field is there twice.",
	unknownUsageModule:   "Unknown usage module.",
	boolExpected:         "This analytical field takes true or false only.",
	unknownConsumption:   "Unknown license limitation.",
	amountNotPositive:    "The amount consumed must be above 0.",
	6008:                 "The limit of consumption is reached.",
	consumptionDisabled:  "Nothing is consumed of this limitation.",
	licenceNotFloating:   "The license is named; sessions need a floating one.",
	noOpenSession:        "There is no such open session.",
	sessionLimit:         "This client has all the sessions it may have.",
	badCheckout:          "The checkout period must be a positive number of minutes.",
	missingUser:          "The user id is missing.",
	missingSession:       "The session id is missing.",
	userHasSession:       "This user has an open session already.",
}
