package slasconetest_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"encoding/xml"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
	"github.com/leasehold-dev/leasehold/agent/slascone/slasconetest"
)

// verifyXML checks a file's signature with goxmldsig, and with xmlsec1 where
// that is installed: neither shares anything with how the server signs.
func verifyXML(t *testing.T, file []byte) {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, testKey().Public(), testKey())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(file); err != nil {
		t.Fatal(err)
	}
	validate := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{cert}})
	validate.Clock = dsig.NewFakeClockAt(start)
	if _, err := validate.Validate(doc.Root()); err != nil {
		t.Errorf("goxmldsig: %v", err)
	}

	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Log("xmlsec1 is not installed: only goxmldsig has looked at the file")
		return
	}
	dir := t.TempDir()
	public, err := x509.MarshalPKIXPublicKey(testKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
	write(t, filepath.Join(dir, "file.xml"), file)
	verify := exec.CommandContext(t.Context(), xmlsec, "--verify", "--pubkey-pem", "key.pem", "file.xml")
	verify.Dir = dir
	if out, err := verify.CombinedOutput(); err != nil {
		t.Errorf("xmlsec1: %v\n%s", err, out)
	}
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// rich is a licence that uses every part of a licence file, with text that must
// be escaped.
func rich() slasconetest.License {
	return slasconetest.License{
		Name: "<&>\"' \r\n\tÄ 漢 \x01", LegacyKey: "OLD 1", Customer: slasconetest.Customer{Name: "Smith & Sons"},
		Type: slasconetest.Type{Name: "Trial"}, Starts: start, Expires: start.Add(time.Hour + 300*time.Nanosecond), ReleaseLimit: "24.1",
		Floating: true, FloatingTokenLimit: new(3), UserLimit: new(2), Freeride: new(0), HeartbeatPeriod: new(1), Temporary: true,
		Features:    []slasconetest.Feature{{Name: "A", Description: "a]]>b", Expires: start}, {Name: "B", Disabled: true}},
		Limitations: []slasconetest.Limitation{{Name: "C", Value: "1.5", Reset: slasconetest.ResetPeriodically, ResetDays: 30}, {Name: "D"}},
		Variables:   []slasconetest.Variable{{Name: "E", Value: ""}},
		Choices:     []slasconetest.Choice{{Name: "F", Values: []string{"x", "y"}}, {Name: "G"}},
	}
}

func TestLicenseFile(t *testing.T) {
	for name, lic := range map[string]slasconetest.License{"plain": {}, "rich": rich()} {
		t.Run(name, func(t *testing.T) {
			s := server(t)
			key := s.AddLicense(lic).Key
			file := s.LicenseFile(key, "")
			verifyXML(t, file)
			verifyXML(t, s.LicenseFile(key, "device <1>"))
			if !bytes.HasPrefix(file, []byte(`<slascone_license_file xmlns:xsi="`)) || bytes.Contains(file, []byte("client_id")) {
				t.Errorf("file %s", file)
			}
			if n := len(s.Clients()); n != 1 {
				t.Errorf("%d clients are seated; want the one whom the file names", n)
			}
		})
	}
}

// TestLicenseFileReadsLikeTheServices compares the names of elements, in order,
// with those of a file of the service.
func TestLicenseFileReadsLikeTheServices(t *testing.T) {
	dir := os.Getenv("LEASEHOLD_VECTORS")
	if dir == "" {
		dir = "../../../../shared/vectors"
	}
	theirs, err := os.ReadFile(filepath.Join(dir, "license-2026.xml"))
	if err != nil {
		t.Skip("the files of the real service are not here; LEASEHOLD_VECTORS names their folder")
	}
	s := server(t)
	lic := s.AddLicense(slasconetest.License{
		ReleaseLimit: "24", LegacyKey: "x", Type: slasconetest.Type{Name: "x"},
		Features: []slasconetest.Feature{{Name: "A"}}, Limitations: []slasconetest.Limitation{{Name: "A"}},
		Choices: []slasconetest.Choice{{Name: "A", Values: []string{"x"}}}, Variables: []slasconetest.Variable{{Name: "A"}},
	})
	if got, want := elements(t, s.LicenseFile(lic.Key, "")), elements(t, theirs); got != want {
		t.Errorf("elements\n%s\nwant\n%s", got, want)
	}
	if theirs, err := os.ReadFile(filepath.Join(dir, "activation.xml")); err != nil {
		t.Error(err)
	} else if got, want := elements(t, s.ActivationFile(lic.Key, "one")), elements(t, theirs); got != want {
		t.Errorf("elements\n%s\nwant\n%s", got, want)
	}
}

// elements lists the paths of a document's elements, each the first time only.
func elements(t *testing.T, file []byte) string {
	t.Helper()
	var list, path []string
	seen := map[string]bool{}
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		switch token, err := d.Token(); token := token.(type) {
		case nil:
			return strings.Join(list, "\n")
		case xml.StartElement:
			path = append(path, token.Name.Local)
			if p := strings.Join(path, "/"); !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		default:
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestOfflineActivation(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{TokenLimit: new(1)})
	c := call(t, s)
	get := func(query url.Values) reply {
		return c.do("GET", s.URL+wire.Prefix(s.ISV())+wire.PathOfflineActivation+"?"+query.Encode(), nil, nil)
	}
	r := get(url.Values{"product_id": {slasconetest.DemoProduct}, "license_key": {lic.Key}, "client_id": {"one"}, "file_name": {"my.xml"}})
	if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "application/xml") || !strings.Contains(r.header.Get("Content-Disposition"), "my.xml") {
		t.Fatalf("status %d, header %v, %s", r.status, r.header, r.body)
	}
	verifyXML(t, r.body)
	var file struct {
		XMLName    xml.Name `xml:"slascone_activation_file"`
		LicenseKey string   `xml:"license_key"`
		TokenKey   string   `xml:"token_key"`
		ClientID   string   `xml:"client_id"`
		Activated  string   `xml:"activation_date_utc"`
	}
	if err := xml.Unmarshal(r.body, &file); err != nil {
		t.Fatal(err)
	}
	if held := s.Tokens(lic.Key)[0]; file.LicenseKey != lic.Key || file.TokenKey != held.Key || file.ClientID != "one" || held.ClientID != "one" {
		t.Errorf("file %+v, token %+v", file, held)
	}

	if r := get(url.Values{"product_id": {slasconetest.DemoProduct}, "license_key": {lic.Key}, "client_id": {"two"}}); r.status != 409 || !strings.Contains(string(r.body), "2000") {
		t.Errorf("status %d, %s", r.status, r.body)
	}
	if r := get(url.Values{"license_key": {lic.Key}}); r.status != 400 {
		t.Errorf("status %d, %s", r.status, r.body)
	}
}

func TestFilesOverHTTP(t *testing.T) {
	s := server(t)
	lic := s.AddLicense(slasconetest.License{TokenLimit: new(1)})
	c := call(t, s)
	path := "/emulator/licences/" + lic.Key
	verifyXML(t, c.control("GET", path+"/file", "").body)
	bound := c.control("POST", path+"/file", `{"client_id":"one"}`)
	verifyXML(t, bound.body)
	if !bytes.Contains(bound.body, []byte("<client_id>one</client_id>")) {
		t.Errorf("file %s", bound.body)
	}
	verifyXML(t, c.control("POST", path+"/activation-file", `{"client_id":"one"}`).body)
	for _, file := range []string{"/file", "/activation-file"} {
		if r := c.control("POST", path+file, `{"client_id":"two"}`); r.status != 400 || !strings.Contains(string(r.body), "2000") {
			t.Errorf("%s: status %d, %s", file, r.status, r.body)
		}
		if r := c.control("POST", path+file, `{}`); r.status != 400 || !strings.Contains(string(r.body), "client_id") {
			t.Errorf("%s: status %d, %s", file, r.status, r.body)
		}
	}
}
