package slasconetest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"syscall"
)

// InProcess returns an HTTP client whose requests reach the server's handler
// without a network, whatever host they name. With it a server that does not
// listen, of [NewUnstarted], and its client fit into a bubble of
// [testing/synctest], where a blocked socket would stop the time. Answers that a
// fault cuts off or an outage resets are errors, as they are on a network.
func (s *Server) InProcess() *http.Client { return &http.Client{Transport: inProcess{s}} }

type inProcess struct{ s *Server }

// RoundTrip implements [http.RoundTripper].
func (p inProcess) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "in process", r.URL.Host
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer in.Body.Close()
	rec := &recorder{header: http.Header{}}
	defer func() {
		switch v := recover(); {
		case v == any(http.ErrAbortHandler):
			resp, err = nil, cut(r, rec)
		case v != nil:
			panic(v)
		}
	}()
	p.s.Handler().ServeHTTP(rec, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rec.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(rec.status), StatusCode: rec.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rec.sent, Body: io.NopCloser(bytes.NewReader(rec.body.Bytes())), ContentLength: int64(rec.body.Len()), Request: r,
	}, nil
}

// cut says how an exchange ended that the handler broke off.
func cut(r *http.Request, rec *recorder) error {
	switch {
	case r.Context().Err() != nil:
		return r.Context().Err()
	case rec.status != 0:
		return io.ErrUnexpectedEOF
	}
	return syscall.ECONNRESET
}

// recorder is the response that a handler writes.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status, r.sent = status, r.header.Clone()
	}
}

func (r *recorder) Write(data []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(data)
}
