// Command base is what the others are compared with: it makes a request and
// reads JSON, and has no licence.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	resp, err := http.Get(os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	var v map[string]any
	fmt.Println(json.NewDecoder(resp.Body).Decode(&v), v)
}
