// Command preseed is the program of size/leasehold that also reads what an
// administrator has laid down.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/leasehold-dev/leasehold/agent"
)

func main() {
	ctx := context.Background()
	a, err := agent.New(agent.Config{ServerURL: os.Args[1], ISVID: os.Args[2], ProductID: os.Args[3], ProvisioningKey: os.Args[4], Signature: agent.Signature{PublicKey: []byte(os.Args[5])}, App: agent.App{Name: "x", Version: "1"}, Parts: []agent.Part{agent.Preseed("x")}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = a.Close(ctx) }()
	fmt.Println(a.Start(ctx))
	_, err = a.Activate(ctx, os.Args[6])
	fmt.Println(err, a.Decision(), a.Allows("x"))
}
