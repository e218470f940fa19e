package main

import (
	"time"

	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// emulatorLicenses are what the emulator starts with, one of every kind; their
// keys are fixed, so that a shell history works again tomorrow, and their
// descriptions say what each is for. It is a list, and as long as that.
func emulatorLicenses() []slasconetest.License {
	features := []slasconetest.Feature{{Name: "pdf-export"}, {Name: "batch"}, {Name: "beta", Disabled: true}}
	today := time.Now().UTC().Truncate(24 * time.Hour)
	nextYear := today.AddDate(1, 0, 0)
	return []slasconetest.License{
		{
			Key: "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978", Name: "Named", Edition: "Standard",
			Description: "three devices, each with a seat of its own",
			Expires:     nextYear, Freeride: new(7), TokenLimit: new(3), Features: features,
		},
		{
			Key: "5b8f3c21-94d6-4e0b-a7c2-1f0e9d8c7b6a", Name: "Floating", Edition: "Team", Floating: true,
			Description: "any number of devices, two of them at a time: session open",
			Expires:     nextYear, Freeride: new(7), FloatingTokenLimit: new(2), SessionPeriod: new(5), Features: features,
		},
		{
			Key: "a3c1d7e9-2f40-4b6d-8e15-6c7d8e9f0a1b", Name: "User", Edition: "Standard", ForUsers: true,
			Description: "the users jo@example.com and kim@example.com, not lee@example.com who has left: set user_id",
			Expires:     nextYear, Freeride: new(7), Features: features,
			Users: []slasconetest.User{{ID: "jo@example.com", Name: "Jo"}, {ID: "kim@example.com", Name: "Kim"}, {ID: "lee@example.com", Name: "Lee", Inactive: true}},
		},
		{
			Key: "c5e3f90b-4162-4d8f-a037-8e9f0a1b2c3d", Name: "Consumption", Edition: "Metered",
			Description: "100 pages a month and 10 % of goodwill, 5 projects as a fixed value, calls without limit: consume pages 20",
			Expires:     nextYear, Freeride: new(7), Features: features,
			Limitations: []slasconetest.Limitation{
				{ID: "11f0e9d8-c7b6-4a59-8f4e-3d2c1b0a9f8e", Name: "pages", Value: "100", Goodwill: 10, Reset: slasconetest.ResetMonthly},
				{ID: "22e1d0c9-b8a7-4968-9e5d-4c3b2a190f7d", Name: "projects", Value: "5"},
				{ID: "33d2c1b0-a998-4877-ad6c-5b4a39281e6c", Name: "calls", Reset: slasconetest.ResetNever},
			},
		},
		{
			Key: "e7a5b1cd-6384-4fa1-8259-0a1b2c3d4e5f", Name: "Expired", Edition: "Standard",
			Description: "ended yesterday: refused with 1001",
			Expires:     today.AddDate(0, 0, -1), Freeride: new(7), TokenLimit: new(3), Features: features,
		},
		{
			Key: "19c7d3ef-85a6-41c3-947b-2c3d4e5f6a7b", Name: "Temporary", Edition: "Guest", Temporary: true,
			Description: "a guest for three days, beside a licence that the device has already",
			Expires:     today.AddDate(0, 0, 3), Freeride: new(1), Features: features,
		},
		{
			Key: "3be9f501-a7c8-43e5-b69d-4e5f6a7b8c9d", Name: "Trial", Edition: "Trial",
			Description: "fourteen days, for any number of devices",
			Expires:     today.AddDate(0, 0, 14), Freeride: new(3), Features: features,
		},
		{
			Key: "5d0b1723-c9ea-4507-98bf-6a7b8c9d0e1f", Name: "Inactive", Edition: "Standard", Inactive: true,
			Description: "switched off by the vendor: refused with 1002",
			Expires:     nextYear, Freeride: new(7), Features: features,
		},
		{
			Key: "7f2d3945-eb0c-4729-bad1-8c9d0e1f2a3b", Name: "Old release", Edition: "Standard", ReleaseLimit: "1.3",
			Description: "covers releases up to 1.3: a later one is refused with 1003",
			Expires:     nextYear, Freeride: new(7), Features: features,
		},
	}
}
