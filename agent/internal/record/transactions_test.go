package record

import (
	"fmt"
	"testing"
)

func TestATransactionIsNewOnce(t *testing.T) {
	var k Known
	if !k.NewTransaction("A") || k.NewTransaction("a") || !k.NewTransaction("b") {
		t.Error("a transaction is told by its ID, in either case")
	}
	for i := range 2 * transactions {
		k.NewTransaction(fmt.Sprint(i))
	}
	if n := len(k.Transactions); n != transactions {
		t.Errorf("%d are remembered", n)
	}
	if k.NewTransaction(fmt.Sprint(2*transactions - 1)) {
		t.Error("the newest is forgotten")
	}
}
