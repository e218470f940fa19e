package view

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent/internal/record"
	"github.com/leasehold-dev/leasehold/agent/license"
)

// Limit finds the limitation that is meant by an ID or a name; nil when there is
// none. It must not be changed.
func (v *View) Limit(name string) *Limit {
	if known := v.limits[name]; known != nil {
		return known
	}
	found, _ := v.Known.License.Limitation(name) // perhaps an ID in other letters
	return v.limits[found.ID]
}

// Limit is a limitation with what is known of it.
type Limit struct {
	ID, Name       string
	Unlimited      bool
	Value          decimal.Decimal
	Remaining      decimal.Decimal
	RemainingKnown bool
	ResetMode      license.ResetMode
	Reset          time.Time // the next one that the server told; zero: none
}

// limits are those of a licence under their IDs and names as the licence spells
// them, with what is known of each.
type limits map[string]*Limit

func limitsOf(k *record.Known) limits {
	list := k.License.Limitations()
	if len(list) == 0 {
		return nil
	}
	all := make(limits, 2*len(list))
	for _, l := range list {
		for _, name := range [...]string{l.ID, l.Name} {
			if meant, ok := k.License.Limitation(name); ok {
				l := limitOf(k, meant)
				all[name] = &l
			}
		}
	}
	return all
}

func limitOf(k *record.Known, found license.Limitation) Limit {
	l := Limit{ID: found.ID, Name: found.Name, Unlimited: found.Unlimited(), ResetMode: found.ResetMode}
	if found.Value != nil {
		l.Value = *found.Value
	}
	l.Remaining, l.RemainingKnown = k.Remaining(found)
	x := k.Account(found.ID)
	switch found.ResetMode {
	case license.ResetDisabled, license.ResetNever:
	case license.ResetPeriodically:
		l.Reset = x.NextReset
	default:
		// The licence may have got another calendar since.
		if k.Follows(x) {
			l.Reset = x.NextReset
		}
	}
	return l
}
