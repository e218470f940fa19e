package device_test

import (
	"context"
	"fmt"

	"github.com/leasehold-dev/leasehold/agent/device"
)

// An application that runs in the cloud gives the ID of its instance.
func ExampleDerive_override() {
	id, err := device.Derive(context.Background(), device.Config{Override: "i-0f2c77"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(id.ID, id.Source, id.Quality)
	// Output: i-0f2c77 application unrated
}

func ExampleClientID() {
	id, err := device.ClientID("i-0f2c77", "ann@example.com")
	fmt.Println(id, err)
	// Output: i-0f2c77/ann@example.com <nil>
}

func ExampleCompare() {
	if drift, drifted := device.Compare("OLD-1", "new-2"); drifted {
		fmt.Println(drift)
	}
	// Output: the licence was activated on device OLD-1, this is device new-2: activate it again here
}
