// Command cryptolens is a program that is licensed by cryptolens-golang: activation
// and a kept key.
package main

import (
	"fmt"
	"os"

	"github.com/Cryptolens/cryptolens-golang/cryptolens"
)

func main() {
	k, err := cryptolens.KeyActivate(os.Args[1], cryptolens.KeyActivateArguments{ProductId: 1, Key: os.Args[2], MachineCode: os.Args[3]})
	fmt.Println(err, k.HasValidSignature(os.Args[4]))
	kept, err := cryptolens.KeyFromBytes([]byte(os.Args[5]))
	fmt.Println(err, kept.HasValidSignature(os.Args[4]))
}
