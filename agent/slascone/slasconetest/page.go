package slasconetest

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed page/page.html page/page.css page/page.js
var pageFiles embed.FS

// pageTemplates are read when a page is first shown: most starts of a program show none.
var pageTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(pageFiles, "page/page.html"))
})

// pageParts are the parts of the page that are sent anew when they change, by
// the names of their templates and elements.
var pageParts = []string{"top", "licences", "clock", "faults", "clients", "sessions", "requests"}

// pageRoutes serves the page for people, with what it needs. Without a script it
// is a page of forms.
func (s *Server) pageRoutes(mux *http.ServeMux, guard func(http.Handler) http.Handler) {
	file := func(name, contentType string) {
		mux.Handle("GET /emulator/"+name, guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			data, err := pageFiles.ReadFile("page/" + name)
			if err != nil {
				panic("slasconetest: an embedded file: " + err.Error())
			}
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("Cache-Control", "no-cache")
			_, _ = w.Write(data)
		})))
	}
	file("page.css", "text/css; charset=utf-8")
	file("page.js", "text/javascript; charset=utf-8")
	mux.Handle("GET /emulator/events", guard(http.HandlerFunc(s.servePageEvents)))
	mux.Handle("POST /emulator/page", guard(http.HandlerFunc(s.servePageAction)))
}

// serveOverview answers GET /emulator/: a browser with the page, a program with
// the status.
func (s *Server) serveOverview(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.serveControl(controlRoute{serve: controlStatus}, w, r)
		return
	}
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.leave()
	s.writePage(w, http.StatusOK, "")
}

func (s *Server) writePage(w http.ResponseWriter, status int, message string) {
	view := s.pageView()
	view.Message = message
	var body bytes.Buffer
	if err := pageTemplates().ExecuteTemplate(&body, "page", view); err != nil {
		panic("slasconetest: the page: " + err.Error())
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a browser that went away is its own business
}

// servePageAction does what a button of the page says. The script gets 204 or an
// error; a browser without it gets the page again.
func (s *Server) servePageAction(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.leave()
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	err := r.ParseForm()
	if err == nil {
		err = s.pageAction(r.PostForm)
	}
	s.page.raise()
	script := strings.Contains(r.Header.Get("Accept"), "application/json")
	switch {
	case err == nil && script:
		w.WriteHeader(http.StatusNoContent)
	case err == nil:
		http.Redirect(w, r, "/emulator/", http.StatusSeeOther)
	case script:
		w.Header().Set("Content-Type", typeJSON)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(append(marshal(map[string]string{"error": sentence(err)}), '\n'))
	default:
		s.writePage(w, http.StatusBadRequest, sentence(err))
	}
}

// sentence makes an error one for people.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// pageAction does what a form says, with a case for each button. Where it has two actions the first counts:
// a button's stands before the form's own.
func (s *Server) pageAction(form url.Values) error {
	key, client := form.Get("key"), form.Get("client")
	change := func(f func(*License) error) error {
		_, err := s.updateLicense(key, f)
		return err
	}
	found := func(is bool, what, id string) error {
		_, err := orNotFound(is, what, id)
		return err
	}
	switch do := form.Get("do"); do {
	case "expire":
		return change(func(l *License) error { l.Expires = s.Now(); return nil })
	case "renew":
		return change(func(l *License) error { l.Expires = s.Now().AddDate(1, 0, 0); return nil })
	case "enable", "disable":
		return change(func(l *License) error { l.Inactive = do == "disable"; return nil })
	case "terms":
		return change(func(l *License) error { return l.replace([]byte(form.Get("terms"))) })
	case "delete":
		return found(s.DeleteLicense(key), "licence", key)
	case "add":
		return s.pageAdd(form)
	case "release":
		return found(s.ReleaseToken(form.Get("token")), "assigned token", form.Get("token"))
	case "advance":
		return s.pageAdvance(form.Get("advance"))
	case "real-time":
		s.SetTime(s.cfg.Now())
		return nil
	case "outage-on", "outage-off":
		s.Outage(do == "outage-on")
		return nil
	case "inject":
		return s.pageInject(form)
	case "clear-fault":
		id, err := strconv.Atoi(form.Get("fault"))
		return found(err == nil && s.ClearFault(id), "fault", form.Get("fault"))
	case "suspend":
		return found(s.Suspend(client, s.Now().Add(24*time.Hour)), "client", client)
	case "resume":
		return found(s.Suspend(client, time.Time{}), "client", client)
	case "forget":
		return found(s.ForgetClient(client), "client", client)
	case "end-session":
		return found(s.EndSession(form.Get("session")), "session", form.Get("session"))
	case "forget-requests":
		s.ForgetRequests()
		return nil
	default:
		return fmt.Errorf("there is no action %q", do)
	}
}

// replace sets the terms to what JSON says, but for the key.
func (l *License) replace(terms []byte) error {
	var changed License
	if err := strictJSON(terms, &changed); err != nil {
		return err
	}
	changed.Key = cmp.Or(changed.Key, l.Key)
	*l = changed
	return nil
}

func (s *Server) pageAdd(form url.Values) error {
	l := License{Name: strings.TrimSpace(form.Get("name"))}
	kind := form.Get("kind")
	l.Floating, l.ForUsers = strings.Contains(kind, "floating"), strings.Contains(kind, "user")
	if text := strings.TrimSpace(form.Get("seats")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is no number of seats", text)
		}
		if l.Floating {
			l.FloatingTokenLimit = &n
		} else {
			l.TokenLimit = &n
		}
	}
	_, err := s.addLicense(l)
	return err
}

// pageAdvance moves the clock by a duration that may be of days.
func (s *Server) pageAdvance(text string) error {
	days, isDays := strings.CutSuffix(text, "d")
	by, err := time.ParseDuration(text)
	if isDays {
		var n int
		n, err = strconv.Atoi(days)
		by = time.Duration(n) * 24 * time.Hour
	}
	if err != nil {
		return fmt.Errorf("%q is no duration such as 1h or 8d", text)
	}
	s.Advance(by)
	return nil
}

// pageInject makes a fault of a form, whose one value is that of its kind.
func (s *Server) pageInject(form url.Values) error {
	f := Fault{Endpoint: Endpoint(form.Get("endpoint")), Kind: FaultKind(form.Get("kind"))}
	if text := strings.TrimSpace(form.Get("times")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is no number of times", text)
		}
		f.Times = n
	}
	if err := f.setValue(strings.TrimSpace(form.Get("value"))); err != nil {
		return err
	}
	_, err := s.inject(f)
	return err
}

// setValue sets what a fault of its kind takes, unless it is left out.
func (f *Fault) setValue(text string) error {
	if text == "" {
		return nil
	}
	count := func(to *int, what string) error {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is no %s", text, what)
		}
		*to = n
		return nil
	}
	switch f.Kind {
	case FaultStatus:
		return count(&f.Status, "status")
	case FaultConflict:
		return count(&f.Conflict, "ID of a conflict")
	case FaultOversize:
		return count(&f.Size, "number of bytes")
	case FaultReplay:
		return count(&f.Back, "number of answers")
	case FaultDelay:
		return f.Delay.UnmarshalText([]byte(text))
	case FaultStale:
		return f.Age.UnmarshalText([]byte(text))
	case FaultRedirect:
		f.Location = text
	case FaultForeign:
		f.Of = text
	default:
		return fmt.Errorf("the fault %s takes no value", f.Kind)
	}
	return nil
}

// ownHost reports whether the name by which a request reached the control can be
// nobody else's: an address, or a name that is not sold. A page on the web whose
// name its owner points to this machine must not drive the server.
func ownHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(strings.TrimSuffix(host, "."), "[]"))
	if net.ParseIP(host) != nil || !strings.Contains(host, ".") {
		return true
	}
	for _, nobodys := range []string{"localhost", "local", "test", "example", "internal", "invalid", "example.com", "example.net", "example.org"} { // RFC 6761 and 2606
		if host == nobodys || strings.HasSuffix(host, "."+nobodys) {
			return true
		}
	}
	return false
}

// guardControl refuses what a web page of somebody else sends: by the name the
// browser asked for, and by where the browser says that the page is from.
func guardControl(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(r.Host) {
			w.Header().Set("Content-Type", typeJSON)
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write(append(marshal(map[string]string{"error": errForeignHost.Error()}), '\n'))
			return
		}
		next.ServeHTTP(w, r)
	})
}

var errForeignHost = errors.New("the control answers to an address, to localhost and to names without a dot, so that no web page can drive it")
