package slascone

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"
)

func packed(t testing.TB, text, how string) string {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		var err error
		if w, err = gzip.NewWriterLevel(&b, gzip.BestSpeed); err != nil { // bombs are large
			t.Fatal(err)
		}
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		var err error
		if w, err = flate.NewWriter(&b, 9); err != nil {
			t.Fatal(err)
		}
	}
	_, err := io.WriteString(w, text)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// recoded is a server behind a proxy that sends its answers in another encoding.
func recoded(t *testing.T, body, encoding string, status int) Answer[string] {
	t.Helper()
	c := scripted(t, func(r *http.Request) (*http.Response, error) {
		resp := reply(r, testKey(), status, licenseBody(nil))
		setBody(resp, []byte(body))
		if encoding != "" {
			resp.Header.Set("Content-Encoding", encoding)
		}
		return resp, nil
	})
	a := c.Heartbeat(t.Context(), heartbeat(), Known{})
	sound(t, a)
	return Answer[string]{Kind: a.Kind, Err: a.Err, Evidence: a.Evidence}
}

func TestCompressedAnswers(t *testing.T) {
	plain := licenseBody(nil)
	zipped := packed(t, plain, "gzip")
	for _, tt := range []struct {
		name, body, encoding string
		want                 Reason // NoReason: a yes
	}{
		{"gzip", zipped, "gzip", NoReason},
		{"x-gzip, capitals", zipped, "X-GZip", NoReason},
		{"gzip, not told", zipped, "", NoReason},
		{"gzip, identity told", zipped, "identity", NoReason},
		{"broken off, not told", zipped[:len(zipped)/2], "", BadSignature},
		{"gzip twice", packed(t, zipped, "gzip"), "gzip, gzip", NoReason},
		{"deflate", packed(t, plain, "zlib"), "deflate", NoReason},
		{"deflate without its frame", packed(t, plain, "flate"), "deflate", NoReason},
		{"told, not done", plain, "gzip", NoReason},
		{"told of what is unknown, not done", plain, "br", NoReason},
		{"identity", plain, "identity", NoReason},
		{"brotli", "\x0b\x02\x80", "br", Compressed},
		{"zstd", "\x28\xb5\x2f\xfd", "zstd", Compressed},
		{"damaged", "\x1f\x8b" + plain, "gzip", Compressed},
		{"broken off", zipped[:len(zipped)/2], "gzip", Truncated},
		{"too many layers", zipped, "gzip, gzip, gzip, gzip", Compressed},
		{"too large when plain", packed(t, strings.Repeat(" ", maxBody+1), "gzip"), "gzip", TooLarge},
		{"a bomb in a bomb", packed(t, packed(t, strings.Repeat(" ", 64*maxBody), "gzip"), "gzip"), "gzip, gzip", TooLarge},
		{"another body", packed(t, strings.Replace(plain, "Gold", "Lead", 1), "gzip"), "gzip", BadSignature},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := recoded(t, tt.body, tt.encoding, 200)
			got := NoReason
			if a.Err != nil {
				got = a.Err.Reason
			}
			if got != tt.want || tt.want == NoReason && string(a.Evidence.Body) != plain {
				t.Errorf("%v: %v", got, a.Err)
			}
			if got == Compressed && !strings.Contains(a.Err.Error(), "compressed") {
				t.Errorf("%v", a.Err)
			}
		})
	}
}

func FuzzPlainBody(f *testing.F) {
	f.Add([]byte(packed(f, "{}", "gzip")), "gzip")
	f.Add([]byte(packed(f, "{}", "zlib")), "deflate")
	f.Add([]byte("{"), "gzip,,br")
	f.Fuzz(func(t *testing.T, body []byte, encoding string) {
		plain, fail := plainBody(body, 200, encoding)
		if len(plain) > maxBody || fail != nil && plain != nil {
			t.Errorf("%d bytes and %v", len(plain), fail)
		}
	})
}
