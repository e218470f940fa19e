package licensefile

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Request is the offline activation of a licence, to be made by any device
// that is on line: opening its URL in a browser yields the activation file.
type Request struct {
	Server     string // the service's base URL, such as https://api365.slascone.com; required
	ISV        string // the vendor account's UUID; required
	ProductID  string // the product's UUID; required
	LicenseKey string // required
	ClientID   string // the client that is to get the seat; required

	ClientName        string   // how the vendor's console shows the client
	ClientDescription string   // likewise
	SoftwareVersion   string   // the application's release
	Tags              []string // tags that exist in the vendor's account
	FileName          string   // what the browser is to call the file
}

// URL returns the request as a web address. It holds the licence key, so treat
// it as one. It carries no credential: the service answers it without.
func (r Request) URL() (string, error) {
	base, err := url.Parse(strings.TrimRight(r.Server, "/"))
	switch {
	case err != nil:
		return "", fmt.Errorf("licensefile: the server's address cannot be read: %w", err)
	case base.Scheme != "https" && base.Scheme != "http", base.Host == "", base.User != nil, base.RawQuery != "", base.Fragment != "":
		return "", fmt.Errorf("licensefile: %q is not a server's address; use one like https://api365.slascone.com", r.Server)
	case r.ISV == "":
		return "", errors.New("licensefile: Request.ISV is required")
	case r.ProductID == "":
		return "", errors.New("licensefile: Request.ProductID is required")
	case r.LicenseKey == "":
		return "", errors.New("licensefile: a licence key is required to request its activation")
	case r.ClientID == "":
		return "", errors.New("licensefile: Request.ClientID is required")
	}
	query := url.Values{
		"product_id":  {r.ProductID},
		"license_key": {r.LicenseKey},
		"client_id":   {r.ClientID},
		"tags":        r.Tags,
	}
	for name, value := range map[string]string{
		"client_name":        r.ClientName,
		"client_description": r.ClientDescription,
		"software_version":   r.SoftwareVersion,
		"file_name":          r.FileName,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return base.String() + "/api/v2/isv/" + url.PathEscape(r.ISV) + "/provisioning/activations/offline?" + query.Encode(), nil
}
