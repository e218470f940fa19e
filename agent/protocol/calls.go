package protocol

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/leasehold-dev/leasehold/agent"
	"github.com/leasehold-dev/leasehold/agent/licensefile"
	"github.com/leasehold-dev/leasehold/enforcement"
	"github.com/leasehold-dev/leasehold/internal/namedfile"
)

// after is the status that follows a call; with a failure it goes along.
func after(e *entry, d enforcement.Decision, err error) (Status, error) {
	v := StatusOf(e.agent, d)
	if err == nil {
		return v, nil
	}
	v.Problem = e.agent.Trouble().ProblemText()
	f := failureOf(err)
	f.Status = &v
	return v, f
}

type keyParams struct {
	Key string `json:"key"` // a licence key, a token key, or one of the vendor's former system
}

func activate(ctx context.Context, _ *Server, e *entry, p keyParams) (Status, error) {
	d, err := e.agent.Activate(ctx, p.Key)
	return after(e, d, err)
}

func heartbeat(ctx context.Context, _ *Server, e *entry, _ none) (Status, error) {
	d, err := e.agent.Heartbeat(ctx)
	return after(e, d, err)
}

type deactivateParams struct {
	Abandon bool `json:"abandon"` // forget the licence without asking the server; its seat stays taken
}

func deactivate(ctx context.Context, _ *Server, e *entry, p deactivateParams) (Status, error) {
	call := e.agent.Deactivate
	if p.Abandon {
		call = e.agent.Abandon
	}
	d, err := call(ctx)
	return after(e, d, err)
}

func erase(ctx context.Context, _ *Server, e *entry, _ none) (none, error) {
	return none{}, e.agent.Erase(ctx)
}

type sessionParams struct {
	CheckoutS int64 `json:"checkout_s"` // how many seconds to hold the seat without renewal, for work off line; 0: the licence's session period
}

// withSession is the status that follows a call about a floating seat.
func withSession(e *entry, d enforcement.Decision, err error) (Status, error) {
	session := SessionOf(e.agent)
	v, err := after(e, d, err)
	if f, ok := errors.AsType[*Failure](err); ok && f.Status != nil {
		f.Status.Session = session
	}
	v.Session = session
	return v, err
}

func sessionOpen(ctx context.Context, _ *Server, e *entry, p sessionParams) (Status, error) {
	if p.CheckoutS < 0 || p.CheckoutS > math.MaxInt64/int64(time.Second) {
		return Status{}, misuse("checkout_s is %d; it is a number of seconds", p.CheckoutS)
	}
	d, err := e.agent.OpenSession(ctx, time.Duration(p.CheckoutS)*time.Second)
	if err == nil {
		e.seated.Store(p.CheckoutS == 0)
	}
	return withSession(e, d, err)
}

func sessionRenew(ctx context.Context, _ *Server, e *entry, _ none) (Status, error) {
	d, err := e.agent.RenewSession(ctx)
	return withSession(e, d, err)
}

func sessionClose(ctx context.Context, _ *Server, e *entry, _ none) (Status, error) {
	d, err := e.agent.CloseSession(ctx)
	if err == nil {
		e.seated.Store(false)
	}
	return withSession(e, d, err)
}

func sessionStatus(_ context.Context, _ *Server, e *entry, _ none) (Status, error) {
	return withSession(e, e.agent.Decision(), nil)
}

type usageParams struct {
	Feature string `json:"feature"` // the vendor's usage feature, by name
	Amount  string `json:"amount"`  // a decimal number above zero, as text; default 1
}

// amountOf reads an amount. The agent says how long one may be.
func amountOf(text string) (decimal.Decimal, error) {
	const longest = 40
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > longest || d.Exponent() < -longest || d.Exponent() > longest {
		return d, misuse("amount is %.50q; it is a decimal number as text, such as \"3\" or \"0.5\"", text)
	}
	return d, nil
}

func usage(ctx context.Context, _ *Server, e *entry, p usageParams) (Report, error) {
	if p.Amount == "" {
		p.Amount = "1"
	}
	amount, err := amountOf(p.Amount)
	if err != nil {
		return Report{}, err
	}
	if err := e.agent.UseAmount(ctx, p.Feature, amount); err != nil {
		return Report{}, err
	}
	return Report{State: e.agent.Decision().State, Outcome: Outcome{Feature: p.Feature, Amount: amount.String(), Accepted: true}}, nil
}

type measureParams struct {
	Field string `json:"field"` // the field's ID
	Value string `json:"value"` // a number, a text, or true or false, as the field wants it; as text
}

// Queue is how many reports wait for their delivery.
type Queue struct {
	Queued int `json:"queued"` // as far as this process knows
}

func measure(ctx context.Context, _ *Server, e *entry, p measureParams) (Queue, error) {
	if err := e.agent.Measure(ctx, p.Field, p.Value); err != nil {
		return Queue{}, err
	}
	return Queue{e.agent.Queued()}, nil
}

func flush(ctx context.Context, _ *Server, e *entry, _ none) (Queue, error) {
	if err := e.agent.Flush(ctx); err != nil {
		return Queue{}, err
	}
	return Queue{e.agent.Queued()}, nil
}

type consumeParams struct {
	Limitation string `json:"limitation"` // its name or ID
	Amount     string `json:"amount"`     // a decimal number above zero, as text
}

// Consumed is an amount that was taken.
type Consumed struct {
	Limitation    string  `json:"limitation_id"`
	Amount        string  `json:"amount"`
	TransactionID string  `json:"transaction_id"` // for rollback; empty when booked
	Booked        bool    `json:"booked"`         // the server could not be asked; it will be told later
	Remaining     *string `json:"remaining"`      // null when not told
	NextReset     Moment  `json:"next_reset"`     // null when not told
}

func consume(ctx context.Context, _ *Server, e *entry, p consumeParams) (Consumed, error) {
	amount, err := amountOf(p.Amount)
	if err != nil {
		return Consumed{}, err
	}
	got, err := e.agent.Consume(ctx, p.Limitation, amount)
	if err != nil {
		return Consumed{}, err
	}
	return Consumed{
		Limitation: got.LimitationID, Amount: amount.String(), TransactionID: got.TransactionID, Booked: got.Booked,
		Remaining: remaining(got), NextReset: At(got.NextReset),
	}, nil
}

// remaining is what is left, as text; nil when not told.
func remaining(c agent.Consumption) *string {
	if !c.RemainingKnown {
		return nil
	}
	left := c.Remaining.String()
	return &left
}

type consumptionParams struct {
	Limitation string `json:"limitation"` // its name or ID
}

// Account is what the server says is left of a limitation.
type Account struct {
	Limitation string  `json:"limitation_id"`
	Remaining  *string `json:"remaining"`  // a decimal number, as text; null when not told, as for a limitation without limit
	NextReset  Moment  `json:"next_reset"` // null when not told
}

func consumption(ctx context.Context, _ *Server, e *entry, p consumptionParams) (Account, error) {
	got, err := e.agent.ConsumptionStatus(ctx, p.Limitation)
	if err != nil {
		return Account{}, err
	}
	return Account{Limitation: got.LimitationID, Remaining: remaining(got), NextReset: At(got.NextReset)}, nil
}

type rollbackParams struct {
	Limitation    string `json:"limitation_id"`  // as consume returned it
	TransactionID string `json:"transaction_id"` // as consume returned it
}

func rollback(ctx context.Context, _ *Server, e *entry, p rollbackParams) (none, error) {
	return none{}, e.agent.Rollback(ctx, agent.Consumption{LimitationID: p.Limitation, TransactionID: p.TransactionID})
}

type fileParams struct {
	File string `json:"file"` // the file's path; this or data
	Data string `json:"data"` // what the file holds
}

// read returns what a file holds, and no more than a licence file can have and
// one byte to tell.
func (p *fileParams) read() ([]byte, error) {
	switch {
	case (p.File == "") == (p.Data == ""):
		return nil, misuse("pass either file, a path, or data, what the file holds")
	case p.Data != "":
		return []byte(p.Data), nil
	}
	data, err := namedfile.Read(p.File, licensefile.MaxSize+1)
	if err != nil {
		return nil, &Failure{Kind: Usage, Message: "the file cannot be read: " + err.Error(), Hint: "check the path"}
	}
	return data, nil
}

func licenseImport(ctx context.Context, _ *Server, e *entry, p fileParams) (Imported, error) {
	data, err := p.read()
	if err != nil {
		return Imported{}, err
	}
	d, err := e.agent.ImportFile(ctx, data)
	v, err := after(e, d, err)
	key, waits := e.agent.NeedsActivationFile()
	return Imported{Status: v, AwaitsActivation: waits, Key: key}, err
}

// Imported is how the licence is after a file was taken over.
type Imported struct {
	Status           Status `json:"status"`
	AwaitsActivation bool   `json:"awaits_activation"` // the file is taken over and counts once its activation file is imported too
	Key              string `json:"key"`               // of the licence that waits, for license.request; else empty
}

func licenseVerify(ctx context.Context, _ *Server, e *entry, p fileParams) (File, error) {
	data, err := p.read()
	if err != nil {
		return File{}, err
	}
	if len(e.config.Signature.PublicKey) == 0 {
		return File{}, &Failure{Kind: Usage, Message: "files are signed with the account's RSA key, and none is configured", Hint: "set signature.mode to rsa and signature.public_key or public_key_file"}
	}
	report, err := agent.InspectFile(ctx, e.config, data, time.Now())
	if err != nil {
		return File{}, err
	}
	return FileOf(p.File, report), nil
}

type requestParams struct {
	Key string `json:"key"` // the licence key
	QR  bool   `json:"qr"`  // return a QR code of the address as well
}

// Requested tells how to get an activation file.
type Requested struct {
	URL      string `json:"url"`
	ClientID string `json:"client_id"`
	PNG      string `json:"png,omitempty"` // with qr: the picture of the QR code, in base64
}

type coversParams struct {
	Version string `json:"version"` // a release of the application, such as 2.0.1
}

func licenseCovers(_ context.Context, _ *Server, e *entry, p coversParams) (Coverage, error) {
	return CoverageOf(e.agent.License(), p.Version), nil
}

func licenseRequest(_ context.Context, _ *Server, e *entry, p requestParams) (Requested, error) {
	request, err := e.agent.ActivationRequest(p.Key)
	if err != nil {
		return Requested{}, err
	}
	v := Requested{ClientID: e.agent.ClientID()}
	if v.URL, err = request.URL(); err != nil {
		return v, err
	}
	if p.QR {
		image, err := request.PNG()
		if err != nil {
			return v, err
		}
		v.PNG = base64.StdEncoding.EncodeToString(image)
	}
	return v, nil
}

type findParams struct {
	Token string `json:"token"` // the application's bearer token for the user, without the word Bearer; it is sent and not kept
}

// Found are licences to choose from.
type Found struct {
	Licenses []UserLicense `json:"licenses"`
}

// UserLicense is a licence that a user may activate.
type UserLicense struct {
	Key         string `json:"key"` // for activate
	Name        string `json:"name"`
	Description string `json:"description"`
}

func licenseFind(ctx context.Context, _ *Server, e *entry, p findParams) (Found, error) {
	list, err := e.agent.FindLicenses(ctx, p.Token)
	if err != nil {
		return Found{}, err
	}
	v := Found{Licenses: []UserLicense{}}
	for _, l := range list {
		v.Licenses = append(v.Licenses, UserLicense{Key: l.Key, Name: l.Name, Description: l.Description})
	}
	return v, nil
}
