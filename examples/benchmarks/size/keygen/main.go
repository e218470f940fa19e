// Command keygen is a program that is licensed by keygen-go: validation,
// activation, heartbeats and a licence file.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/keygen-sh/keygen-go/v3"
)

func main() {
	keygen.Account, keygen.Product, keygen.LicenseKey, keygen.PublicKey = os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx := context.Background()
	l, err := keygen.Validate(ctx, os.Args[5])
	if errors.Is(err, keygen.ErrLicenseNotActivated) {
		m, err := l.Activate(ctx, os.Args[5])
		fmt.Println(m, err)
		if err == nil {
			fmt.Println(m.Monitor(ctx))
		}
	}
	f := &keygen.LicenseFile{Certificate: os.Args[6]}
	fmt.Println(f.Verify(), err)
}
