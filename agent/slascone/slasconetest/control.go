package slasconetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// strictJSON reads one JSON value; members that v does not know are errors that
// name them.
func strictJSON(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more than one JSON value")
	}
	return nil
}

func (s *Server) controlRoutes(mux *http.ServeMux) {}
