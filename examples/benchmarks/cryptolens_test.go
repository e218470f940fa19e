package benchmarks

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/Cryptolens/cryptolens-golang/cryptolens"
)

// cryptolensKey returns cryptolens-golang's counterpart: load a kept key of the
// same content and check its signature.
func cryptolensKey(b *testing.B) (job func() error, size int) {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	var objects []map[string]any
	for i := range features {
		objects = append(objects, map[string]any{"Id": i, "Name": fmt.Sprintf("Feature %d", i), "StringValue": "on", "IntValue": 1})
	}
	now := time.Now()
	body, err := json.Marshal(map[string]any{
		"ProductId": 1, "Id": 7, "Key": "AAAAA-BBBBB-CCCCC-DDDDD", "Created": now.Unix(), "Expires": now.AddDate(9, 0, 0).Unix(), "Period": 365, "F1": true,
		"Notes": "Workstation", "GlobalId": 42, "Customer": map[string]any{"Id": 10, "Name": "Example", "CompanyName": "Example", "Created": now.Unix()},
		"ActivatedMachines": []map[string]any{{"Mid": "client", "IP": "", "Time": now.Unix()}}, "DataObjects": objects, "SignDate": now.Unix(),
	})
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256(body)
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	kept, err := json.Marshal(map[string]any{"licenseKey": encode(body), "signature": encode(signature), "result": 0, "message": ""})
	if err != nil {
		b.Fatal(err)
	}
	public := "<RSAKeyValue><Modulus>" + encode(key.N.Bytes()) + "</Modulus><Exponent>" + encode(big.NewInt(int64(key.E)).Bytes()) + "</Exponent></RSAKeyValue>"
	return func() error {
		k, err := cryptolens.KeyFromBytes(kept)
		if err == nil && (!k.HasValidSignature(public) || len(k.DataObjects) != features) {
			err = errors.New("the key is not as it was made")
		}
		return err
	}, len(kept)
}
