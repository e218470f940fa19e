package slasconetest

import (
	"net/http"

	"github.com/leasehold-dev/leasehold/agent/slascone/internal/wire"
)

// routes is everything that the server answers.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, e := range endpoints() {
		mux.HandleFunc(e.method+" "+wire.Prefix("{isv}")+e.path, func(w http.ResponseWriter, r *http.Request) {
			s.serveLicensing(e, w, r)
		})
	}
	if !s.cfg.NoControl {
		s.controlRoutes(mux)
	}
	return mux
}
