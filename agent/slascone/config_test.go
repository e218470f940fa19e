package slascone

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestNewRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"no URL":                  {func(c *Config) { c.ServerURL = " " }, "server URL is empty"},
		"no scheme":               {func(c *Config) { c.ServerURL = "api365.slascone.com" }, "must look like"},
		"another scheme":          {func(c *Config) { c.ServerURL = "ftp://host" }, "must look like"},
		"no host":                 {func(c *Config) { c.ServerURL = "https://" }, "must look like"},
		"only a port":             {func(c *Config) { c.ServerURL = "https://:443" }, "must look like"},
		"opaque":                  {func(c *Config) { c.ServerURL = "https:host" }, "must look like"},
		"not a URL":               {func(c *Config) { c.ServerURL = "https://ann:s3cret@ho st" }, "must look like"},
		"password":                {func(c *Config) { c.ServerURL = "https://ann:s3cret@host" }, "must not have a user"},
		"query":                   {func(c *Config) { c.ServerURL = "https://host?x=1" }, "must not have"},
		"empty query":             {func(c *Config) { c.ServerURL = "https://host?" }, "must not have"},
		"fragment":                {func(c *Config) { c.ServerURL = "https://host#x" }, "must not have"},
		"password with #":         {func(c *Config) { c.ServerURL = "https://ann:s3cret#w@host" }, "must not have a user"},
		"password with /":         {func(c *Config) { c.ServerURL = "https://ann:s3cret/w@host" }, "must not have a user"},
		"a blank in it":           {func(c *Config) { c.ServerURL = "https://ho st" }, "blank"},
		"a backslash":             {func(c *Config) { c.ServerURL = `https://host\path` }, "backslash"},
		"a port that is none":     {func(c *Config) { c.ServerURL = "https://host:s3cret" }, "host or port"},
		"IPv6 without brackets":   {func(c *Config) { c.ServerURL = "https://fd00::1" }, "brackets"},
		"a zone that is none":     {func(c *Config) { c.ServerURL = "https://[fe80::1%a/b]" }, "brackets"},
		"a path that is none":     {func(c *Config) { c.ServerURL = "https://host/100%" }, "percent sign"},
		"the whole address":       {func(c *Config) { c.ServerURL = "https://host/api/v2/isv/" + testISV + "/" }, "must end before"},
		"no ISV":                  {func(c *Config) { c.ISVID = "" }, "ISV ID"},
		"ISV of another form":     {func(c *Config) { c.ISVID = "{3f2504e0-4f89-41d3-9a0c-0305e82c3301}" }, "ISV ID"},
		"ISV without dashes":      {func(c *Config) { c.ISVID = strings.ReplaceAll(testISV, "-", "") }, "ISV ID"},
		"ISV that leaves":         {func(c *Config) { c.ISVID = "../../../../../../../../../../admin/x" }, "ISV ID"},
		"no product":              {func(c *Config) { c.ProductID = "" }, "product ID"},
		"product is a name":       {func(c *Config) { c.ProductID = strings.Repeat("CAD ", 100) }, "product ID"},
		"no key":                  {func(c *Config) { c.ProvisioningKey = "" }, "provisioning key is empty"},
		"blank key":               {func(c *Config) { c.ProvisioningKey = "\t " }, "provisioning key is empty"},
		"key with a line break":   {func(c *Config) { c.ProvisioningKey = "s3cret\n" }, "line breaks"},
		"key with a blank":        {func(c *Config) { c.ProvisioningKey = "s3cret s3cret" }, "blanks"},
		"key with other letters":  {func(c *Config) { c.ProvisioningKey = "s3crét" }, "cannot be sent"},
		"agent with a line break": {func(c *Config) { c.UserAgent = "x\r\nCookie: y" }, "user agent"},
		"client and proxy": {func(c *Config) {
			c.HTTPClient, c.Proxy = &http.Client{}, func(*http.Request) (*url.URL, error) { return nil, nil }
		}, "HTTP client"},
		"client and roots": {func(c *Config) { c.HTTPClient, c.RootCAs = &http.Client{}, []*x509.Certificate{{}} }, "HTTP client"},
	} {
		cfg := Config{ServerURL: "https://host", ISVID: testISV, ProductID: testProduct, ProvisioningKey: "key"}
		test.change(&cfg)
		c, err := New(cfg)
		if err == nil || c != nil || !strings.HasPrefix(err.Error(), "slascone: ") || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want an error with %q", name, err, test.says)
			continue
		}
		readable(t, err)
		if strings.Contains(err.Error(), "s3cr") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

func TestServerURLs(t *testing.T) {
	for in, want := range map[string]string{
		"https://api365.slascone.com":     "https://api365.slascone.com",
		" https://host/ \n":               "https://host",
		"\"https://host\"":                "https://host",
		"https://host\u200b":              "https://host",
		"http://[fe80::1%25eth0]:80/":     "http://[fe80::1%25eth0]:80",
		"http://[fe80::1%eth0]:80":        "http://[fe80::1%25eth0]:80",
		"HTTPS://host:8443//":             "https://host:8443",
		"http://[::1]:80/base/":           "http://[::1]:80/base",
		"https://host/a%20b/":             "https://host/a%20b",
		"https://xn--grne-0ra.example/x/": "https://xn--grne-0ra.example/x",
	} {
		if got, err := parseServerURL(in); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	c := clientOf(t, "https://host")
	if c.timeout != 15*time.Second || c.userAgent != "leasehold" || c.transport == nil || c.missingNonce || c.unsignedConflicts {
		t.Errorf("%+v", c)
	}
	if tr := c.transport; !tr.DisableCompression || tr.Proxy == nil || tr.MaxResponseHeaderBytes == 0 || !tr.DisableKeepAlives || tr.TLSClientConfig.InsecureSkipVerify ||
		!tr.Protocols.HTTP1() || tr.Protocols.HTTP2() || tr.Protocols.UnencryptedHTTP2() {
		t.Errorf("%+v", tr)
	}
	own := &http.Client{}
	injected := clientOf(t, "https://host", func(c *Config) { c.HTTPClient, c.Timeout = own, -1 })
	if own.CheckRedirect != nil || injected.http.CheckRedirect == nil || injected.timeout != 15*time.Second {
		t.Error("the application's own HTTP client was changed")
	}
}
