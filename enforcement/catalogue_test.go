package enforcement

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// readIDs returns the numbers that begin a line.
func readIDs(t *testing.T, path string) []Code {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var ids []Code
	for s := bufio.NewScanner(file); s.Scan(); {
		digits := s.Text()
		if i := strings.IndexFunc(digits, func(r rune) bool { return !unicode.IsDigit(r) }); i >= 0 {
			digits = digits[:i]
			if !strings.HasPrefix(s.Text()[i:], " |") {
				continue
			}
		}
		if id, err := strconv.Atoi(digits); err == nil {
			ids = append(ids, Code(id))
		}
	}
	return ids
}

func catalogueIDs() []Code {
	var ids []Code
	for _, x := range Catalogue() {
		ids = append(ids, x.Code)
	}
	return ids
}

func TestCatalogueHasEveryIDOnce(t *testing.T) {
	got := catalogueIDs()
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Error("the catalogue is not in the order of IDs, or repeats one")
	}
	want := readIDs(t, filepath.Join("testdata", "conflict-ids.txt"))
	if len(want) != 90 {
		t.Fatalf("testdata holds %d IDs, want 90", len(want))
	}
	if !slices.Equal(got, want) {
		t.Errorf("catalogue has\n%v\nwant\n%v", got, want)
	}
}

// The published list is not part of this repository; where it is at hand, the
// catalogue is held against it.
func TestCatalogueMatchesPublishedList(t *testing.T) {
	path := os.Getenv("LEASEHOLD_CONFLICTS")
	if path == "" {
		path = filepath.Join("..", "..", "shared", "reference", "conflicts.txt")
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("the published list of conflicts is not here; set LEASEHOLD_CONFLICTS to its path")
	}
	want := readIDs(t, path)
	if len(want) != 86 {
		t.Fatalf("%s holds %d IDs, want 86", path, len(want))
	}
	// Known from the vendor's samples only.
	want = append(want, 12003, 12004, 12005, 12006)
	slices.Sort(want)
	if got := catalogueIDs(); !slices.Equal(got, want) {
		t.Errorf("catalogue has\n%v\nwant\n%v", got, want)
	}
}

// What a client can meet has a constant; what only the vendor's back office meets
// has none.
func TestCatalogueNamesAreTheConstants(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "conflicts.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	constants := map[string]Code{}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.INT {
			id, err := strconv.Atoi(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			constants[v.Names[0].Name] = Code(id)
		}
		return true
	})
	for _, x := range Catalogue() {
		id, ok := constants[x.Name]
		if met := x.Endpoints&^EndpointBackOffice != 0; met != ok || ok && id != x.Code {
			t.Errorf("%d is called %s, which is the constant %d; a client can meet it: %v", x.Code, x.Name, id, met)
		}
	}
}

func TestCatalogueEntriesAreSound(t *testing.T) {
	summaries := map[string]Code{}
	for _, x := range Catalogue() {
		if other, twice := summaries[x.Summary]; twice {
			t.Errorf("%d and %d have the same summary", x.Code, other)
		}
		summaries[x.Summary] = x.Code
		if x.Summary == "" || unicode.IsUpper(rune(x.Summary[0])) || strings.HasSuffix(x.Summary, ".") {
			t.Errorf("%d: summary %q is not a lower-case sentence without a full stop", x.Code, x.Summary)
		}
		if x.Endpoints == 0 || x.Endpoints >= endpointEnd {
			t.Errorf("%d: endpoints %b", x.Code, x.Endpoints)
		}
		changes := x.Scope == ScopeLicense || x.Scope == ScopeSeat || x.Scope == ScopeDevice
		if changes != (x.Cause != NoCause) {
			t.Errorf("%d: scope %s with cause %q", x.Code, x.Scope, x.Cause)
		}
		if changes && x.Endpoints&judging == 0 {
			t.Errorf("%d has a cause but is expected at no endpoint that can give it", x.Code)
		}
		if x.Cause.Silent() {
			t.Errorf("%d is an answer with the cause %s", x.Code, x.Cause)
		}
		if changes && x.Remedy == NoRemedy {
			t.Errorf("%d changes the state and has no remedy", x.Code)
		}
		if x.Endpoints == EndpointBackOffice && (x.Scope != ScopeVendor || x.Remedy != VendorBackOffice) {
			t.Errorf("%d: a back-office conflict with scope %s and remedy %s", x.Code, x.Scope, x.Remedy)
		}
		if got, ok := Lookup(x.Code); !ok || got != x {
			t.Errorf("Lookup(%d) = %v, %v", x.Code, got, ok)
		}
	}
}

// Waiting alone cures what others use up and give back, and what is reset.
func TestTransientConflicts(t *testing.T) {
	want := []Code{ConnectionsExhausted, UsersExhausted, TokensExhausted, ConsumptionExhausted, SessionsPerClientExhausted, UserHasSession}
	for _, x := range Catalogue() {
		if x.Transient != slices.Contains(want, x.Code) {
			t.Errorf("%d %s: transient %t", x.Code, x.Name, x.Transient)
		}
	}
}

// The endpoints for which the vendor's samples list their conflicts.
func TestCatalogueKnowsTheDocumentedEndpoints(t *testing.T) {
	for e, codes := range map[Endpoint][]Code{
		EndpointActivation:  {1000, 1001, 1002, 1003, 2000, 2001, 3000},
		EndpointHeartbeat:   {2002, 2003, 2006, 3000, 5000, 5001},
		EndpointSessionOpen: {1000, 1001, 1002, 1007, 2002, 2006, 12000, 12002, 12003, 12004, 12005, 12006},
	} {
		for _, c := range codes {
			if x, _ := Lookup(c); !x.Endpoints.Has(e) {
				t.Errorf("%d is not expected at %s", c, e)
			}
		}
	}
}

func TestLookupOfUnknownCode(t *testing.T) {
	for _, c := range []Code{0, -1, 999, 1006, 12007, 99999} {
		x, ok := Lookup(c)
		if ok || x.Code != c || x.Cause != NoCause || x.Scope != ScopeCall || x.Summary == "" || x.Remedy != ContactVendor {
			t.Errorf("Lookup(%d) = %+v, %v", c, x, ok)
		}
	}
}

func TestCatalogueIsACopy(t *testing.T) {
	Catalogue()[0].Cause = Suspended
	if x, _ := Lookup(LicenseKeyInvalid); x.Cause == Suspended {
		t.Error("changing the result of Catalogue changed the catalogue")
	}
}

func TestCauseAt(t *testing.T) {
	tests := []struct {
		name string
		code Code
		e    Endpoint
		held bool
		want Cause
	}{
		{"the held key is not known", LicenseKeyInvalid, EndpointActivation, true, NoCause},
		{"a mistyped key and no licence", LicenseKeyInvalid, EndpointActivation, false, NotActivated},
		{"a session for a key that is not known", LicenseKeyInvalid, EndpointSessionOpen, true, NoCause},
		{"the held key has expired", LicenseExpired, EndpointActivation, true, Expired},
		{"no seat for the held key", TokensExhausted, EndpointActivation, true, ConnectionLimit},
		{"no seat at all", TokensExhausted, EndpointActivation, false, ConnectionLimit},
		{"no user seat for the held key", UsersExhausted, EndpointActivation, true, UserLimit},
		{"the held key is used elsewhere", TokenTaken, EndpointActivation, true, NoCause},
		{"no user seat", UsersExhausted, EndpointHeartbeat, true, UserLimit},
		{"an unknown user", LicenseUserUnknown, EndpointHeartbeat, true, UserInactive},
		{"an unknown client", ClientUnknown, EndpointHeartbeat, true, NotActivated},
		{"a seat taken back", TokenUnassigned, EndpointHeartbeat, true, NotActivated},
		{"a seat that is not known", TokenKeyUnknown, EndpointHeartbeat, true, NoCause},
		{"the wrong seat named", ClientHasOtherToken, EndpointHeartbeat, true, NoCause},
		{"a key used elsewhere, no licence", TokenTaken, EndpointActivation, false, NotActivated},
		{"a full floating licence", ConnectionsExhausted, EndpointSessionOpen, true, ConnectionLimit},
		{"a second window", SessionsPerClientExhausted, EndpointSessionOpen, true, SessionLimit},
		{"a second window of the user", UserHasSession, EndpointSessionOpen, true, SessionLimit},
		{"no device ID", ClientIDMissing, EndpointHeartbeat, true, NoCause},
		{"a return of what was returned", TokenKeyUnknown, EndpointUnassign, true, NoCause},
		{"an expired licence met while counting", LicenseExpired, EndpointConsumption, true, NoCause},
		{"a consumption used up", ConsumptionExhausted, EndpointConsumption, true, NoCause},
		{"an unknown ID", 99999, EndpointHeartbeat, true, NoCause},
		{"an unknown ID, no licence", 99999, EndpointHeartbeat, false, NoCause},
		{"an unknown ID instead of a licence", 99999, EndpointActivation, false, NotActivated},
		{"no endpoint", LicenseExpired, 0, true, NoCause},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.code.CauseAt(tt.e, tt.held); got != tt.want {
				t.Errorf("CauseAt = %q, want %q", got, tt.want)
			}
		})
	}
}
