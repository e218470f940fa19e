package licensefile_test

import (
	"fmt"

	"github.com/leasehold-dev/leasehold/agent/licensefile"
)

func ExampleRequest_URL() {
	address, err := licensefile.Request{
		Server:     "https://api365.slascone.com",
		ISV:        "2af5fe02-6207-4214-946e-b00ac5309f53",
		ProductID:  "6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01",
		LicenseKey: "0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10",
		ClientID:   "4C4C4544-0042-3510-8052-B7C04F4A3132",
	}.URL()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(address)
	// Output: https://api365.slascone.com/api/v2/isv/2af5fe02-6207-4214-946e-b00ac5309f53/provisioning/activations/offline?client_id=4C4C4544-0042-3510-8052-B7C04F4A3132&license_key=0b8e7a52-64b1-4c1d-9b0d-5a0b5b1f7a10&product_id=6f0d6d4c-1c0f-4a57-9b5c-2f9a3b7c1e01
}
